"""Where things stand within a frame: laid out frame by frame, once for each that looks the same.

A frame is laid out by itself, its open blocks being boxes of the size that their own layout has,
and wires over a border going to ports on it. So an open block doesn't disturb its neighbours, and
the time goes by how many *different* frames there are: some ten in networks of a thousand blocks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import NamedTuple

from netspec.view.layout import sizes
from netspec.view.layout.crossings import Point
from netspec.view.layout.engine import Line, Placed, Spot, place
from netspec.view.scene import Box, End, Frame, Wire


class Rectangle(NamedTuple):
    """A box by its upper left corner and its size."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> Point:
        return self.x + self.width / 2, self.y + self.height / 2

    def moved(self, x: float, y: float) -> "Rectangle":
        return Rectangle(self.x + x, self.y + y, self.width, self.height)


class Arrangement(NamedTuple):
    """The inside of a frame, from its upper left corner: its size, the boxes and wires in the order
    of the frame's, where labels begin, half as high as they are; and where its ports are, from the
    left.
    """

    width: float
    height: float
    boxes: tuple[Rectangle, ...]
    routes: tuple[tuple[Point, ...], ...]
    labels: tuple[Point | None, ...]
    ins: tuple[float, ...]
    outs: tuple[float, ...]


KEPT = 4096
"""Arrangements that are kept for later scenes."""


@dataclass
class Arranger:
    """Arranges frames; those that look the same, once."""

    _known: dict[object, Arrangement] = field(default_factory=dict)
    _of_scene: dict[Frame, Arrangement] = field(default_factory=dict)

    def begin(self) -> None:
        """Go on to another scene."""
        self._of_scene.clear()
        if len(self._known) > KEPT:
            self._known.clear()

    def arrange(self, frame: Frame, title: float = 0.0) -> Arrangement:
        """The arrangement of a frame with a title of that width; 0: the outermost, without one."""
        if frame not in self._of_scene:
            self._of_scene[frame] = self._arranged(frame, title)
        return self._of_scene[frame]

    def _arranged(self, frame: Frame, title: float) -> Arrangement:
        spots = [self._spot(box) for box in frame.boxes]
        ins, outs = len(frame.ins), len(frame.outs)
        spots += [Spot(sizes.PORT, 1, "first")] * ins + [Spot(sizes.PORT, 1, "last")] * outs
        lines = [self._line(frame, wire) for wire in frame.wires]
        labels = [sizes.label_size(wire.shapes) if wire.told else 0.0 for wire in frame.wires]
        key = (tuple(spots), tuple(lines), tuple(labels), title, ins)
        if key not in self._known:
            placed = place(spots, lines)
            cropping = Cropping(len(frame.boxes), ins, title, spots, lines, labels, placed)
            self._known[key] = cropping.made()
        return self._known[key]

    def inside(self, box: Box) -> Arrangement:
        """The arrangement of an open box."""
        assert box.inside is not None
        return self.arrange(box.inside, sizes.header_width(box))

    def _spot(self, box: Box) -> Spot:
        if box.inside is not None:
            within = self.inside(box)
            wide, high = within.width, within.height
        else:
            wide, high = sizes.size(box)
        # A stack looks out at the right. As much is kept free at the left, so the middle stays.
        return Spot(wide + (2 * sizes.STACK if box.count > 1 else 0), high)

    def _line(self, frame: Frame, wire: Wire) -> Line:
        source, target = wire.source, wire.target
        first, last = len(frame.boxes), len(frame.boxes) + len(frame.ins)
        leaves = None
        enters = 0.0 if target.box is None else None
        if source.box is not None and frame.boxes[source.box].inside is not None:
            leaves = self._port(frame.boxes[source.box], source, out=True)
        if target.box is not None and frame.boxes[target.box].inside is not None:
            enters = self._port(frame.boxes[target.box], target, out=False)
        return Line(
            first + source.port if source.box is None else source.box,
            last + target.port if target.box is None else target.box,
            leaves,
            enters,
        )

    def _port(self, box: Box, end: End, out: bool) -> float | None:
        """How far from the middle of an open box a port is; None for one that nothing leads to."""
        within = self.inside(box)
        ports = within.outs if out else within.ins
        return ports[end.port] - within.width / 2 if end.port < len(ports) else None


@dataclass
class Cropping:
    """What was placed, made an arrangement: seen from the corner of the frame around it."""

    count: int
    ins: int
    title: float
    spots: Sequence[Spot]
    lines: Sequence[Line]
    labels: Sequence[float]
    placed: Placed

    def made(self) -> Arrangement:
        every = [
            Rectangle(x - spot.width / 2, y - spot.height / 2, spot.width, spot.height)
            for (x, y), spot in zip(self.placed.middles, self.spots, strict=True)
        ]
        own, ports = every[: self.count], every[self.count :]
        labels = [*self._labels()]
        routes, middles = self._joined(ports)
        left, right, top, bottom = self._extent(own, ports, routes, labels)
        margin = sizes.MARGIN if self.title else 0.0
        wide = max(right - left + 2 * margin, self.title)
        dx, dy = (wide - (right - left)) / 2 - left, -top
        middles = [middle + dx for middle in middles]
        return Arrangement(
            wide,
            bottom - top,
            tuple([each.moved(dx, dy) for each in own]),
            tuple([tuple([(x + dx, y + dy) for x, y in each]) for each in routes]),
            tuple([None if at is None else (at[0] + dx, at[1] + dy) for at in labels]),
            tuple(middles[: self.ins]),
            tuple(middles[self.ins :]),
        )

    def _joined(self, ports: Sequence[Rectangle]) -> tuple[list[list[Point]], list[float]]:
        """The wires, and where the ports are: all wires over a port at one place of the border,
        that of one which goes straight on, if any does.
        """
        routes = [[*route] for route in self.placed.routes]
        middles = []
        for number, port in enumerate(ports, self.count):
            come = [r for line, r in zip(self.lines, routes, strict=True) if line.source == number]
            go = [r for line, r in zip(self.lines, routes, strict=True) if line.target == number]
            ends = [(route, 0, 1) for route in come] + [(route, -1, -2) for route in go]
            ends.sort(key=lambda end: len(end[0]))
            x = ends[0][0][ends[0][1]][0] if ends else port.middle[0]
            for route, last, before in ends:
                if len(route) > 2 and route[before][0] == route[last][0]:
                    route[before] = (x, route[before][1])
                    route[last] = (x, route[last][1])
            middles.append(x)
        return routes, middles

    def _labels(self) -> Iterator[Point | None]:
        """Where labels begin: at the right of what leaves a box, where it leaves it."""
        rightmost: dict[int, float] = {}
        for line, route in zip(self.lines, self.placed.routes, strict=True):
            rightmost[line.source] = max(rightmost.get(line.source, -inf), route[0][0])
        for line, route, wide in zip(self.lines, self.placed.routes, self.labels, strict=True):
            x, y = rightmost[line.source] + sizes.BESIDE_WIRE, route[0][1]
            # A wire that soon turns right would go through what stands there.
            if len(route) > 2 and route[1][1] - y < sizes.LABEL + 6 and route[2][0] > route[1][0]:
                x = route[0][0] - sizes.BESIDE_WIRE - wide
            yield (x, y + sizes.BELOW_BOX) if wide else None

    def _extent(
        self,
        own: Sequence[Rectangle],
        ports: Sequence[Rectangle],
        routes: Sequence[Sequence[Point]],
        labels: Sequence[Point | None],
    ) -> tuple[float, float, float, float]:
        """The left, right, upper and lower ends of what is in the frame. Wires over its border end
        where that is.
        """
        left = [each.x for each in (*own, *ports)]
        right = [each.x + each.width for each in (*own, *ports)]
        top, bottom = [each.y for each in own], [each.y + each.height for each in own]
        for line, route in zip(self.lines, routes, strict=True):
            left.append(min(x for x, _ in route))
            right.append(max(x for x, _ in route))
            inner = route[line.source >= self.count : len(route) - (line.target >= self.count)]
            top.extend(y for _, y in inner)
            bottom.extend(y for _, y in inner)
        for at, wide in zip(labels, self.labels, strict=True):
            if at is not None:
                left.append(at[0])
                right.append(at[0] + wide)
        above, below = (sizes.HEADER, sizes.MARGIN) if self.title else (0.0, 0.0)
        return min(left), max(right), min(top) - above, max(bottom) + below
