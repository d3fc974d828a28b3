"""Why two conventions give two numbers for one network: layer by layer, kind by kind.

The differences of the layers sum up to that of the totals, and so do those of the kinds.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from netspec._version import __version__
from netspec.analysis.conventions import Convention, named
from netspec.graph import Graph, Node, Size
from netspec.graph.work import Kind, Work
from netspec.quick import frozen


@frozen
class Part:
    """An amount of a kind of work, and what it counts for by the one convention and the other."""

    kind: Kind
    amount: Size
    one: Size
    other: Size

    @property
    def difference(self) -> Size:
        return self.other - self.one


@frozen
class Row:
    """A layer that the conventions count otherwise, with the kinds of which that is so."""

    path: str
    type: str
    one: Size
    other: Size
    parts: tuple[Part, ...]

    @property
    def difference(self) -> Size:
        return self.other - self.one


@frozen
class Explanation:
    """Two counts of a network in one phase, for one item of the batch.

    `kinds` are those that either convention counts, of the whole network; `rows` the layers that
    they count otherwise.
    """

    graph: Graph
    one: Convention
    other: Convention
    totals: tuple[Size, Size]
    kinds: tuple[Part, ...]
    rows: tuple[Row, ...]

    @property
    def difference(self) -> Size:
        return self.totals[1] - self.totals[0]

    def to_json(self) -> dict[str, Any]:
        """The object that `netspec summary --explain ONE OTHER --format json` prints."""
        return {
            "name": self.graph.name,
            "netspec": __version__,
            "conventions": [_convention(each) for each in (self.one, self.other)],
            "totals": self._counts(self.totals),
            "difference": _plain(self.difference),
            "kinds": [self._part(part) for part in self.kinds],
            "layers": [
                {
                    "name": row.path,
                    "type": row.type,
                    "counts": self._counts((row.one, row.other)),
                    "difference": _plain(row.difference),
                    "kinds": [self._part(part) for part in row.parts],
                }
                for row in self.rows
            ],
        }

    def _counts(self, counts: tuple[Size, Size]) -> dict[str, int | str]:
        names = self.one.name, self.other.name
        return {name: _plain(found) for name, found in zip(names, counts, strict=True)}

    def _part(self, part: Part) -> dict[str, Any]:
        return {
            "kind": str(part.kind),
            "unit": str(part.kind.unit),
            "amount": _plain(part.amount),
            "counts": self._counts((part.one, part.other)),
            "difference": _plain(part.difference),
        }


def explain(graph: Graph, one: str, other: str) -> Explanation:
    """What two conventions make of a graph, by their names, and what makes the difference.

    ValueError for a name that there is none of, and where both are the same.
    """
    first, second = named(one), named(other)
    if first is second:
        raise ValueError(f"{one!r} is one convention; two are compared")
    work = graph.work
    return Explanation(
        graph,
        first,
        second,
        (work.weighed(first.weights), work.weighed(second.weights)),
        tuple(part for part in _parts(work, first, second) if part.one or part.other),
        tuple(_rows(graph, first, second)),
    )


def _rows(nodes: Iterable[Node], first: Convention, second: Convention) -> Iterator[Row]:
    for node in nodes:
        work = node.work
        parts = tuple(part for part in _parts(work, first, second) if part.difference)
        if parts:
            counts = work.weighed(first.weights), work.weighed(second.weights)
            yield Row(node.path, node.type, *counts, parts)


def _parts(work: Work, first: Convention, second: Convention) -> Iterator[Part]:
    """The kinds of work, in the order in which they are listed."""
    for kind in sorted(work, key=_ORDER.__getitem__):
        amount = work[kind]
        yield Part(
            kind,
            amount,
            first.weights.get(kind, 0) * amount,
            second.weights.get(kind, 0) * amount,
        )


_ORDER = {kind: number for number, kind in enumerate(Kind)}


def _convention(each: Convention) -> dict[str, Any]:
    return {
        "name": each.name,
        "unit": each.unit,
        "tool": each.tool,
        "says": each.says,
        "caveats": list(each.caveats),
    }


def _plain(size: Size) -> int | str:
    return size if isinstance(size, int) else str(size)
