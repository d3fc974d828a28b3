"""The frames of a network for a page, which opens and closes them by itself.

Frames that are built alike are one template: what stands in it, with names below the frame's own,
and where, with all its blocks closed. A page puts frames into frames by stretching what is around
an open one, so a network of a thousand blocks is some ten templates.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, cast

from netspec.analysis.columns.catalogue import column
from netspec.analysis.columns.column import Unit as Measure
from netspec.analysis.columns.figures import Asked, Figures, Place
from netspec.analysis.units import short
from netspec.graph import Blob, Graph, Node, Size
from netspec.graph.tree import scopes
from netspec.printable import printable
from netspec.view import words
from netspec.view.folding import Folding
from netspec.view.layout import sizes
from netspec.view.layout.crossings import Point
from netspec.view.layout.frames import Arranger
from netspec.view.scene import Box, Costs, End, Frame, Kind, Wire
from netspec.view.units import Unit, Units
from netspec.view.wiring import Wiring, given, read

MEASURES = ("params", "macs", "activation_bytes")
OPEN = Folding(everything=True)


class Drawn(NamedTuple):
    """A box of a template, the rows that it has in a table, and the template inside, if any."""

    box: Box
    rows: tuple[Node, ...]
    inside: int | None


@dataclass(eq=False)
class Templates:
    """Makes the templates of a view of one phase; an arranger that is given keeps what it finds."""

    view: Graph
    arranger: Arranger

    def __post_init__(self) -> None:
        self._units = Units(self.view, OPEN)
        self._figures = Figures(self.view, Asked())
        self._columns = [column(name) for name in MEASURES]
        self._wiring = Wiring(self.view)
        self._known: dict[object, int] = {}
        self._batch = self.view.nodes[0].batch if self.view.nodes else 1
        self.made: list[dict[str, Any]] = []

    def whole(self) -> int:
        """Make them all; the number of the outermost."""
        view = self.view
        inputs = [blob for blob in view.inputs if blob.name in view.readers] or view.inputs
        boxes = [Drawn(_end(blob.name, Kind.INPUT, (), (blob.name,)), (), None) for blob in inputs]
        boxes += [self._drawn(unit) for unit in self._units.of(view.root)]
        if len(view.results) > 1:
            boxes += map(self._output, view.results)
        return self._add(boxes, "", (), (), 0.0)

    def costs(self, nodes: Sequence[Node], unit: Unit | None = None) -> Costs:
        """The figures of layers."""
        path = nodes[0].path if nodes else ""
        place = Place(path, tuple(nodes), None if unit is None else unit.scope)
        params, macs, memory = (each.of(self._figures, place) for each in self._columns)
        return Costs(cast(int, params), cast(Size, macs), cast(Size, memory))

    def _output(self, blob: Blob) -> Drawn:
        return Drawn(_end(self.view.result_name(blob), Kind.OUTPUT, (blob.name,), ()), (), None)

    def _drawn(self, unit: Unit) -> Drawn:
        if unit.scope is not None:
            return self._block(unit)
        main = unit.nodes[0]
        title = words.brief(main)
        box = Box(
            path=main.path,
            kind=Kind.SIGN if len(title) == 1 else Kind.LAYER,
            title=title,
            about=words.fused(unit.nodes),
            color=words.color(main),
            layers=(),
            costs=self.costs(unit.nodes),
            ins=read(unit.nodes),
            outs=given(self.view, unit.nodes),
            doc=main.doc,
        )
        return Drawn(box, tuple(unit.nodes), None)

    def _block(self, unit: Unit) -> Drawn:
        scope = unit.scope
        assert scope is not None
        title, about = words.block(scope, scope)
        ins, outs = read(unit.nodes), given(self.view, unit.nodes)
        box = Box(
            path=scope.path,
            kind=Kind.BLOCK,
            title=title,
            about=about,
            color="block",
            layers=(),
            costs=self.costs(unit.nodes, unit),
            ins=ins,
            outs=outs,
            doc=scope.doc,
            # Its wires are told apart by their ports, as those of an open one.
            inside=Frame((), (), ins, outs),
        )
        return Drawn(box, (), self._inside(unit, box))

    def _inside(self, unit: Unit, box: Box) -> int:
        """The template of an open block, made if none is alike."""
        assert unit.scope is not None
        below = len(box.path) + 1
        key = (
            self._units.kin(unit),
            tuple([(node.path[below:], node.params, node.doc) for node in unit.nodes]),
            tuple([(each.path[below:], each.block, each.doc) for each in scopes(unit.scope)]),
            _ports(unit, box),
            round(sizes.header_width(box)),
        )
        if key not in self._known:
            in_block = unit.scope.block is not None
            boxes = [self._drawn(each) for each in self._units.of(unit.scope, in_block)]
            title = sizes.header_width(box)
            self._known[key] = self._add(boxes, box.path, box.ins, box.outs, title)
        return self._known[key]

    def _add(
        self,
        drawn: Sequence[Drawn],
        path: str,
        ins: tuple[str, ...],
        outs: tuple[str, ...],
        title: float,
    ) -> int:
        frame = self._wiring.frame([each.box for each in drawn], ins, outs)
        self.made.append(
            {
                "boxes": [self._box(each, path) for each in drawn],
                "wires": [
                    [*_end_of(wire.source), *_end_of(wire.target), printable(wire.shapes)]
                    for wire in frame.wires
                ],
                **arrangement(frame, title, self.arranger),
            }
        )
        return len(self.made) - 1

    def _box(self, drawn: Drawn, path: str) -> dict[str, Any]:
        box = drawn.box
        said: dict[str, Any] = {
            "n": below(box.path, path),
            "k": str(box.kind),
            "t": sizes.title(box),
            "s": sizes.about(box),
            "c": box.color,
            "v": figures(box.costs),
        }
        if box.doc:
            said["d"] = printable(box.doc)
        if drawn.inside is not None:
            said["i"] = drawn.inside
        if drawn.rows:
            said["r"] = [self._row(node, path) for node in drawn.rows]
        return said

    def _row(self, node: Node, path: str) -> list[Any]:
        tops = words.shapes(words.shape(blob, self._batch) for blob in node.tops)
        return [below(node.path, path), node.type, printable(tops), figures(self.costs([node]))]


def _ports(unit: Unit, box: Box) -> object:
    """Which of its blobs a block reads and gives, whatever they are called."""
    made = [blob.name for node in unit.nodes for blob in node.tops]
    seen = {name: number for number, name in enumerate(made)}
    return len(box.ins), tuple([seen[name] for name in box.outs])


def arrangement(frame: Frame, title: float, arranger: Arranger) -> dict[str, Any]:
    """Where things are in a frame whose blocks are closed."""
    boxes = tuple(
        [each if each.inside is None else replace(each, inside=None) for each in frame.boxes]
    )
    found = arranger.arrange(replace(frame, boxes=boxes), title)
    return {
        "w": _short(found.width),
        "h": _short(found.height),
        "at": [[_short(each) for each in at] for at in found.boxes],
        "routes": [
            [_short(each) for at in _to_border(wire, route, found.height) for each in at]
            for wire, route in zip(frame.wires, found.routes, strict=True)
        ],
        "labels": [None if at is None else [*map(_short, at)] for at in found.labels],
        "ins": [*map(_short, found.ins)],
        "outs": [*map(_short, found.outs)],
    }


def _to_border(wire: Wire, route: Sequence[Point], height: float) -> list[Point]:
    """A wire's points; one over the border goes up to it."""
    points = [*route]
    if wire.source.box is None:
        points[0] = (points[0][0], 0.0)
    if wire.target.box is None:
        points[-1] = (points[-1][0], height)
    return points


def figures(costs: Costs) -> list[Any]:
    """The figures of a box: as numbers, None for a formula, then as text."""
    units = (Measure.COUNT, Measure.COUNT, Measure.BYTES)
    numbers = [each if isinstance(each, int) else None for each in costs]
    return [*numbers, *(short(each, unit) for each, unit in zip(costs, units, strict=True))]


def below(path: str, around: str) -> str:
    """A path as it's called within another."""
    return path[len(around) + 1 :] if around and path.startswith(f"{around}.") else path


def _end(name: str, kind: Kind, ins: tuple[str, ...], outs: tuple[str, ...]) -> Box:
    return Box(name, kind, name, "", str(kind), (), Costs(), ins, outs)


def _end_of(end: End) -> tuple[int, int]:
    """An end as numbers: -1 for the border."""
    return -1 if end.box is None else end.box, end.port


def _short(number: float) -> float | int:
    rounded = round(number, 1)
    return int(rounded) if rounded.is_integer() else rounded
