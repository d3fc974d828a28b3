"""Layers that are alike: what one of them costs, all of them cost."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

from netspec.graph.nodes import Node
from netspec.graph.sizes import Size, total

if TYPE_CHECKING:
    from netspec.graph.work import Work

Likeness: TypeAlias = tuple[object, ...]


class Alike:
    """How many layers there are of each kind: of the same layer on the same types.

    It says of no two that they differ: equal layers that are two objects are two kinds. `others`
    are such counts of parts, by how often each part is there.
    """

    __slots__ = ("_kinds", "_others", "_totals", "_work")

    def __init__(
        self, nodes: Iterable[Node] = (), others: "Mapping[Alike, int] | None" = None
    ) -> None:
        self._kinds: dict[Likeness, tuple[Node, int]] = {}
        self._others = others or {}
        self._totals: dict[str, Size] = {}
        self._work: Work | None = None
        for node in nodes:
            likeness = _likeness(node)
            first, count = self._kinds.get(likeness, (node, 0))
            self._kinds[likeness] = (first, count + 1)

    def __iter__(self) -> Iterator[tuple[Node, int]]:
        """The first layer of each kind, and how many there are; a kind may be there twice."""
        yield from self._kinds.values()
        for other, times in self._others.items():
            yield from ((node, count * times) for node, count in other)

    @property
    def count(self) -> int:
        """How many layers there are."""
        own = sum(count for _, count in self._kinds.values())
        return own + sum(other.count * times for other, times in self._others.items())

    @property
    def work(self) -> "Work":
        """The work of all layers; worked out once."""
        from netspec.graph.work import summed

        if self._work is None:
            own = [node.work * count for node, count in self._kinds.values()]
            parts = [other.work * times for other, times in self._others.items()]
            self._work = summed(own + parts)
        return self._work

    def total(self, figure: str) -> Size:
        """The sum, over all layers, of an attribute that says what one costs; worked out once."""
        if figure not in self._totals:
            own = [getattr(node, figure) * count for node, count in self._kinds.values()]
            parts = [other.total(figure) * times for other, times in self._others.items()]
            self._totals[figure] = total(own + parts)
        return self._totals[figure]


def _likeness(node: Node) -> Likeness:
    """What all figures of a layer come from; the node holds what goes by its identity here."""
    bottoms = tuple([id(blob.type) for blob in node.bottoms])
    tops = tuple([id(blob.type) for blob in node.tops])
    held = None if node.reused else tuple([each.shared for each in node.parameters])
    return (id(node.layer), bottoms, tops, id(node.batch), held)
