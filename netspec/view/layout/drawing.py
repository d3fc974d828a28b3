"""A scene with everything at its place: `arranged`."""

from collections.abc import Iterator
from typing import NamedTuple

from netspec.view.layout import sizes
from netspec.view.layout.crossings import Point
from netspec.view.layout.frames import Arrangement, Arranger, Rectangle
from netspec.view.scene import Box, Frame, Scene, Wire


class PlacedBox(NamedTuple):
    """A box and where it is; `level` is how many frames are around it, the outermost left out."""

    box: Box
    at: Rectangle
    level: int


class PlacedWire(NamedTuple):
    """A wire, its points from end to end, and where what is written beside it begins, if anything;
    `source` and `target` are its boxes, None for the border of the frame; `ends` is whether it ends
    at a closed box, so that an arrow belongs there.
    """

    wire: Wire
    points: tuple[Point, ...]
    label: Point | None
    source: Box | None
    target: Box | None
    ends: bool


class Drawing(NamedTuple):
    """A scene with all its boxes, those around others first, and all its wires."""

    scene: Scene
    width: float
    height: float
    boxes: tuple[PlacedBox, ...]
    wires: tuple[PlacedWire, ...]


def arranged(scene: Scene, arranger: Arranger | None = None) -> Drawing:
    """The drawing of a scene; an arranger that is given keeps what it finds for the next scene.

    SpecError (`missing-extra`) where the library for layouts isn't there.
    """
    arranger = arranger or Arranger()
    arranger.begin()
    whole = arranger.arrange(scene.frame)
    boxes, wires = [], []
    for each in _everything(scene.frame, whole, arranger, 0.0, 0.0, 0):
        if isinstance(each, PlacedBox):
            boxes.append(each)
        else:
            wires.append(each)
    return Drawing(scene, whole.width, whole.height, tuple(boxes), tuple(wires))


def _everything(
    frame: Frame, found: Arrangement, arranger: Arranger, x: float, y: float, level: int
) -> Iterator[PlacedBox | PlacedWire]:
    for box, rectangle in zip(frame.boxes, found.boxes, strict=True):
        at = rectangle.moved(x, y)
        if box.count > 1:
            at = Rectangle(at.x + sizes.STACK, at.y, at.width - 2 * sizes.STACK, at.height)
        yield PlacedBox(box, at, level)
        if box.inside is not None:
            yield from _everything(
                box.inside, arranger.inside(box), arranger, at.x, at.y, level + 1
            )
    for wire, route, label in zip(frame.wires, found.routes, found.labels, strict=True):
        yield _wire(frame, found, wire, route, label, x, y)


def _wire(
    frame: Frame,
    found: Arrangement,
    wire: Wire,
    route: tuple[Point, ...],
    label: Point | None,
    x: float,
    y: float,
) -> PlacedWire:
    points = [(px + x, py + y) for px, py in route]
    source = None if wire.source.box is None else frame.boxes[wire.source.box]
    target = None if wire.target.box is None else frame.boxes[wire.target.box]
    if source is None:  # up to the border
        points[0] = (points[0][0], y)
    if target is None:
        points[-1] = (points[-1][0], y + found.height)
    at = None if label is None else (label[0] + x, label[1] + y)
    ends = target is not None and target.inside is None
    return PlacedWire(wire, tuple(points), at, source, target, ends)
