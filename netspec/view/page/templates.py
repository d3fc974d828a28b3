"""The frames of a network for a page, which opens and closes them by itself.

Frames that are built alike are one template: what stands in it, with names below the frame's own,
and where, with all its blocks closed. A page puts frames into frames by stretching what is around
an open one, so a network of a thousand blocks is some ten templates.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from netspec.analysis.columns.column import Unit as Measure
from netspec.analysis.units import short
from netspec.graph import Graph
from netspec.graph.tree import scopes
from netspec.printable import printable
from netspec.view.layout import sizes
from netspec.view.layout.crossings import Point
from netspec.view.layout.frames import Arranger
from netspec.view.page.boxes import Boxes, Drawn, Opened, below
from netspec.view.scene import Box, Costs, End, Frame, Wire
from netspec.view.units import Unit


@dataclass(eq=False)
class Templates:
    """Makes the templates of a view of one phase; an arranger that is given keeps what it finds."""

    view: Graph
    arranger: Arranger

    def __post_init__(self) -> None:
        self.boxes = Boxes(self.view)
        self._known: dict[object, int] = {}
        self.made: list[dict[str, Any]] = []

    def whole(self) -> int:
        """Make them all; the number of the outermost."""
        return self._add(self.boxes.outermost(), "", 0.0)

    def _inside(self, drawn: Drawn) -> int:
        """The template of an open block, made if none is alike."""
        unit, box = drawn.unit, drawn.box
        assert unit is not None and unit.scope is not None
        below = len(box.path) + 1
        title = sizes.header_width(box)
        key = (
            self.boxes.units.kin(unit),
            tuple([(node.path[below:], node.params, node.doc) for node in unit.nodes]),
            tuple([(each.path[below:], each.block, each.doc) for each in scopes(unit.scope)]),
            _ports(unit, box),
            round(title),
        )
        if key not in self._known:
            self._known[key] = self._add(self.boxes.inside(drawn), box.path, title)
        return self._known[key]

    def _add(self, opened: Opened, path: str, title: float) -> int:
        boxes = [self._box(each, path) for each in opened.drawn]
        wires = [
            [*end_of(wire.source), *end_of(wire.target), printable(wire.shapes)]
            for wire in opened.frame.wires
        ]
        placed = arrangement(opened.frame, title, self.arranger)
        self.made.append({"boxes": boxes, "wires": wires, **placed})
        return len(self.made) - 1

    def _box(self, drawn: Drawn, path: str) -> dict[str, Any]:
        said = {**box_data(drawn.box, path), "v": figures(drawn.box.costs)}
        if drawn.unit is not None:
            said["i"] = self._inside(drawn)
        if drawn.rows:
            said["r"] = [
                [*self.boxes.row(node, path), figures(self.boxes.costs([node]))]
                for node in drawn.rows
            ]
        return said


def box_data(box: Box, path: str) -> dict[str, Any]:
    """What a page shows of a box, its figures left out; `path` is that of the frame around."""
    said = {
        "n": below(box.path, path),
        "k": str(box.kind),
        "t": sizes.title(box),
        "s": sizes.about(box),
        "c": box.color,
    }
    return {**said, "d": printable(box.doc)} if box.doc else said


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


def end_of(end: End) -> tuple[int, int]:
    """An end as numbers: -1 for the border."""
    return -1 if end.box is None else end.box, end.port


def _short(number: float) -> float | int:
    rounded = round(number, 1)
    return int(rounded) if rounded.is_integer() else rounded
