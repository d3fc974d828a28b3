"""What must hold of every scene and every drawing."""

from collections.abc import Iterator
from itertools import combinations, pairwise

from netspec.graph import Graph
from netspec.view.layout.drawing import Drawing, PlacedBox
from netspec.view.layout.frames import Rectangle
from netspec.view.scene import Frame, Scene, boxes

NEAR = 0.6
"""Pixels by which places may be apart that a reader takes for one."""


def shown(frame: Frame) -> Iterator[str]:
    """The layers that are drawn, or in a box that is."""
    for box in frame.boxes:
        if box.inside is not None and box.count == 1:
            yield from shown(box.inside)
        else:
            yield from box.layers


def check_scene(scene: Scene, graph: Graph) -> None:
    """Every layer of the phase is in it once, no other is, and wires join ports that are there."""
    assert sorted(shown(scene.frame)) == sorted(node.path for node in graph)
    frames = [scene.frame, *(box.inside for box in boxes(scene.frame) if box.inside is not None)]
    for frame in frames:
        for wire in frame.wires:
            for end, outer in ((wire.source, frame.ins), (wire.target, frame.outs)):
                if end.box is None:
                    assert wire.blobs == (outer[end.port],)
        read = {name for box in frame.boxes for name in box.ins}
        assert read <= {name for wire in frame.wires for name in wire.blobs}


def check_drawing(drawing: Drawing) -> None:
    """Boxes overlap only where one is around the other, everything lies within, wires run level and
    upright and from the lower side of a box to the upper side of another.
    """
    whole = Rectangle(0, 0, drawing.width, drawing.height)
    assert all(_within(each.at, whole) for each in drawing.boxes)
    for frame in _frames(drawing):
        for one, other in combinations(frame, 2):
            assert not _overlap(one.at, other.at), (one.box.path, other.box.path)
    at = {each.box: each.at for each in drawing.boxes}
    for each in drawing.boxes:
        if each.box.inside is not None:
            assert all(_within(at[box], each.at) for box in each.box.inside.boxes)
    for wire in drawing.wires:
        if wire.source is not None:
            _check_end(wire.points[0], at[wire.source], lower=True)
        if wire.target is not None:
            _check_end(wire.points[-1], at[wire.target], lower=False)
        for (x, y), (x2, y2) in pairwise(wire.points):
            assert min(abs(x - x2), abs(y - y2)) < NEAR


def check_joints(drawing: Drawing) -> None:
    """A wire within a frame goes on where one outside of it ends, and the other way round."""
    ends = [wire.points[-1] for wire in drawing.wires if wire.target is None or not wire.ends]
    starts = [wire.points[0] for wire in drawing.wires]
    for wire in drawing.wires:
        if wire.target is not None and wire.target.inside is not None:
            inner = {name for each in wire.target.inside.wires for name in each.blobs}
            if inner.intersection(wire.target.inside.ins):
                assert any(_same(wire.points[-1], start) for start in starts)
        if wire.source is not None and wire.source.inside is not None:
            assert any(_same(wire.points[0], end) for end in ends)


def _frames(drawing: Drawing) -> Iterator[list[PlacedBox]]:
    by_box = {each.box: each for each in drawing.boxes}
    frames = [drawing.scene.frame, *(b.inside for b in by_box if b.inside is not None)]
    for frame in frames:
        yield [by_box[box] for box in frame.boxes]


def _within(one: Rectangle, other: Rectangle) -> bool:
    return (
        other.x - NEAR <= one.x
        and one.x + one.width <= other.x + other.width + NEAR
        and other.y - NEAR <= one.y
        and one.y + one.height <= other.y + other.height + NEAR
    )


def _overlap(one: Rectangle, other: Rectangle) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def _check_end(point: tuple[float, float], box: Rectangle, *, lower: bool) -> None:
    side = box.y + box.height if lower else box.y
    assert abs(point[1] - side) < NEAR
    assert box.x - NEAR <= point[0] <= box.x + box.width + NEAR


def _same(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return abs(one[0] - other[0]) < NEAR and abs(one[1] - other[1]) < NEAR
