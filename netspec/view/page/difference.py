"""Two networks as one graph: what came, what went, what is another, and what that costs.

The frames of both are laid over each other: boxes that stand for the same are one, those of the
first network alone stand where they were, behind what they followed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, NamedTuple

from netspec.analysis.columns.column import Unit as Measure
from netspec.analysis.difference.result import Difference
from netspec.analysis.units import short
from netspec.graph import Graph, Node, Phase, Size
from netspec.printable import printable
from netspec.view.colors import PAINTS, PLAIN
from netspec.view.layout import sizes
from netspec.view.layout.frames import Arranger
from netspec.view.page.boxes import Boxes, Drawn, Opened, below
from netspec.view.page.templates import arrangement, box_data, end_of
from netspec.view.scene import Box, Costs, End, Frame, Wire

ADDED, REMOVED, CHANGED, SAME = "added", "removed", "changed", "same"
MARKS = {
    ADDED: ["#cdebd2", "#2e8b45"],
    REMOVED: ["#f7d0cc", "#c0392f"],
    CHANGED: ["#fbe7b0", "#b58500"],
    SAME: [*PLAIN],
}
UNITS = (Measure.COUNT, Measure.COUNT, Measure.BYTES)
NAMES = ("parameters", "MACs", "memory")


class Pair(NamedTuple):
    """A box of the first network and the one of the second that stands for the same; one is None
    where the other network has no such box.
    """

    a: Drawn | None
    b: Drawn | None

    @property
    def one(self) -> Drawn:
        """The box that is drawn: the second's where there is one."""
        found = self.b or self.a
        assert found is not None
        return found


def difference_data(found: Difference) -> dict[str, Any]:
    """The data of the page of a difference, in the TEST phase.

    SpecError where the library for layouts is missing, or a frame is too large for it.
    """
    made = _Merged(found, Arranger())
    root = made.whole()
    a, b = made.totals()
    return {
        "name": f"{printable(found.name_a)} → {printable(found.name_b)}",
        "caption": " · ".join(_lines(a, b)) or "no figure differs",
        "doc": None,
        "phase": str(Phase.TEST),
        "templates": made.made,
        "root": root,
        "total": _changes(a, b),
        "whole": [_largest(*both) for both in zip(a, b, strict=True)],
        "heads": ["Δ params", "Δ MACs", "Δ memory"],
        "paints": {name: [*paint] for name, paint in PAINTS.items()},
        "marks": MARKS,
    }


@dataclass(eq=False)
class _Merged:
    """Makes the frames of both networks, each once."""

    found: Difference
    arranger: Arranger
    made: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        found = self.found
        self.a, self.b = (Boxes(_of_test(each)) for each in (found.a, found.b))
        pairs = [(each.before, each.after) for each in found.changed]
        pairs += [(each.before, each.after) for each in found.moved]
        self._to_b = {before.path: after.path for before, after in pairs}
        self._gone = {node.path for node in found.removed}
        self._new = {node.path for node in found.added}
        self._other = {each.after.path for each in found.changed}

    def whole(self) -> int:
        """Make them all; the number of the outermost."""
        return self._frame(self.a.outermost(), self.b.outermost(), ("", ""), 0.0)

    def totals(self) -> tuple[Costs, Costs]:
        """The figures of both networks."""
        return self.a.costs(self.a.view.nodes), self.b.costs(self.b.view.nodes)

    def _frame(
        self, a: Opened | None, b: Opened | None, paths: tuple[str, str], title: float
    ) -> int:
        pairs = self._paired(a, b, paths)
        boxes = [self._box(each, paths) for each in pairs]
        wires = _wires(a, b, pairs)
        ports = [_ports(each, a, b) for each in ("ins", "outs")]
        drawn = tuple([_with_ports(each) for each in pairs])
        frame = Frame(drawn, tuple([wire for wire, _ in wires]), *ports)
        self.made.append(
            {
                "boxes": boxes,
                "wires": [
                    [*end_of(wire.source), *end_of(wire.target), printable(wire.shapes), mark]
                    for wire, mark in wires
                ],
                **arrangement(frame, title, self.arranger),
            }
        )
        return len(self.made) - 1

    def _paired(self, a: Opened | None, b: Opened | None, paths: tuple[str, str]) -> list[Pair]:
        """The boxes of a frame, in the order of the second network."""
        old, new = a.drawn if a else (), b.drawn if b else ()
        partners = [*self._partners(old, new, paths)]
        after: dict[int, list[Pair]] = {}
        place = -1
        for each, partner in zip(old, partners, strict=True):
            if partner is None:
                after.setdefault(place, []).append(Pair(each, None))
            else:
                place = partner
        of_b = {partner: each for each, partner in zip(old, partners, strict=True)}
        found = after.get(-1, [])
        for number, each in enumerate(new):
            found += [Pair(of_b.get(number), each), *after.get(number, [])]
        return found

    def _partners(
        self, old: Sequence[Drawn], new: Sequence[Drawn], paths: tuple[str, str]
    ) -> Iterator[int | None]:
        """With each box of the first network the number of the one that it is in the second: that
        which has its layer or a layer of its block, or else the block or input of its name.
        """
        at = {node.path: number for number, each in enumerate(new) for node in _layers(each)}
        named = {_name(each, paths[1]): number for number, each in enumerate(new)}
        taken: set[int] = set()
        for each in old:
            kept = (node.path for node in _layers(each) if node.path not in self._gone)
            places = [at.get(self._to_b.get(path, path)) for path in islice(kept, 1)]
            if not each.rows:
                places.append(named.get(_name(each, paths[0])))
            partner = None
            for place in places:
                if place is not None and place not in taken and _alike(each, new[place]):
                    partner = place
                    break
            if partner is not None:
                taken.add(partner)
            yield partner

    def _box(self, pair: Pair, paths: tuple[str, str]) -> dict[str, Any]:
        drawn = pair.one
        a, b = (each.box.costs if each else Costs() for each in pair)
        path = paths[1] if pair.b else paths[0]
        said = {**box_data(drawn.box, path), "v": _changes(a, b), "e": [*_lines(a, b)]}
        if drawn.rows:
            said["r"] = [*self._rows(pair, paths)]
        if drawn.unit is None:
            said["m"] = self._mark(pair)
            return said
        a_inside = self.a.inside(pair.a) if pair.a else None
        b_inside = self.b.inside(pair.b) if pair.b else None
        around = (pair.a.box.path if pair.a else "", pair.b.box.path if pair.b else "")
        said["i"] = self._frame(a_inside, b_inside, around, sizes.header_width(drawn.box))
        marks = {each["m"] for each in self.made[said["i"]]["boxes"]}
        said["m"] = marks.pop() if len(marks) == 1 else CHANGED
        return said

    def _mark(self, pair: Pair) -> str:
        if pair.a is None or pair.b is None:
            return ADDED if pair.a is None else REMOVED
        old, new = ({node.path for node in each.rows} for each in pair)  # type: ignore[union-attr]
        touched = old & self._gone or new & (self._new | self._other)
        return CHANGED if touched else SAME

    def _rows(self, pair: Pair, paths: tuple[str, str]) -> Iterable[list[Any]]:
        """The layers of a box: those of the second network, then those that are gone."""
        costs = {}
        if pair.a is not None:
            costs = {
                self._to_b.get(node.path, node.path): self.a.costs([node])
                for node in pair.a.rows
                if node.path not in self._gone
            }
        for node in pair.b.rows if pair.b else ():
            before = costs.pop(node.path, Costs())
            mark = ADDED if node.path in self._new else CHANGED if node.path in self._other else ""
            yield [*self.b.row(node, paths[1]), _changes(before, self.b.costs([node])), mark]
        for node in pair.a.rows if pair.a else ():
            if node.path in self._gone or pair.b is None:
                figures = _changes(self.a.costs([node]), Costs())
                yield [*self.a.row(node, paths[0]), figures, REMOVED]


def _layers(drawn: Drawn) -> Sequence[Node]:
    """The layers of a box, or of the block that it is."""
    return drawn.rows if drawn.unit is None else drawn.unit.nodes


def _name(drawn: Drawn, path: str) -> str:
    return below(drawn.box.path, path)


def _alike(one: Drawn, other: Drawn) -> bool:
    """Whether both are blocks, or both layers, or both inputs or outputs."""
    return (one.unit is None, bool(one.rows)) == (other.unit is None, bool(other.rows))


def _of_test(graph: Graph) -> Graph:
    return graph if graph.view is not None else graph.phase(Phase.TEST)


def _with_ports(pair: Pair) -> Box:
    """The box that is drawn, with the ports of both."""
    box = pair.one.box
    if box.inside is None or pair.a is None or pair.b is None:
        return box
    return replace(box, ins=_more(pair.a.box.ins, box.ins), outs=_more(pair.a.box.outs, box.outs))


def _ports(name: str, a: Opened | None, b: Opened | None) -> tuple[str, ...]:
    """The ports of a frame: as many as the frame has that has more."""
    old, new = (getattr(each.frame, name) if each else () for each in (a, b))
    return _more(old, new)


def _more(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    return (*new, *old[len(new) :])


def _wires(a: Opened | None, b: Opened | None, pairs: Sequence[Pair]) -> list[tuple[Wire, str]]:
    """The wires of both, each with its mark, none for one that is in both."""
    old, new = (
        _numbered(opened, [pair[side] for pair in pairs]) for side, opened in ((0, a), (1, b))
    )
    # A frame that is in one network alone has its own mark.
    marked = a is not None and b is not None
    found = [(wire, ADDED if marked and ends not in old else "") for ends, wire in new.items()]
    found += [
        (wire._replace(told=False) if marked else wire, REMOVED if marked else "")
        for ends, wire in old.items()
        if ends not in new
    ]
    return found


def _numbered(
    opened: Opened | None, order: Sequence[Drawn | None]
) -> Mapping[tuple[End, End], Wire]:
    """The wires of a frame by their ends, the boxes being numbered as in the common frame."""
    if opened is None:
        return {}
    numbers = {id(drawn): number for number, drawn in enumerate(order) if drawn is not None}

    def end(each: End) -> End:
        return each if each.box is None else End(numbers[id(opened.drawn[each.box])], each.port)

    wires = [
        wire._replace(source=end(wire.source), target=end(wire.target))
        for wire in opened.frame.wires
    ]
    return {(wire.source, wire.target): wire for wire in wires}


def _changes(a: Costs, b: Costs) -> list[Any]:
    """The change of each figure: as a number, None for a formula, then as text."""
    changes = [y - x for x, y in zip(a, b, strict=True)]
    numbers = [each if isinstance(each, int) else None for each in changes]
    texts = [_signed(each, unit) for each, unit in zip(changes, UNITS, strict=True)]
    return [*numbers, *texts]


def _signed(change: Size, unit: Measure) -> str:
    if change == 0:
        return ""
    if isinstance(change, int):
        sign, told = "−" if change < 0 else "+", short(abs(change), unit)
    else:
        sign, told = "−" if str(change).startswith("-") else "+", str(change).removeprefix("-")
    return sign + told


def _lines(a: Costs, b: Costs) -> Iterable[str]:
    """The figures that differ, in both networks."""
    for name, x, y, unit in zip(NAMES, a, b, UNITS, strict=True):
        if x != y:
            yield f"{name} {short(x, unit) or '0'} → {short(y, unit) or '0'}"


def _largest(a: Size, b: Size) -> int | None:
    return max(a, b) if isinstance(a, int) and isinstance(b, int) else None
