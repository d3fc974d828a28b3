"""What a drawing has, before anyone says where: boxes in frames, and wires between them.

A scene is made of a network by `netspec.view.build`, at a level of folding, and knows nothing of
places, sizes or files. Whatever shows a network starts here: the pictures, the texts for other
tools, a page.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from netspec.graph import Size


class Kind(StrEnum):
    """What a box stands for."""

    INPUT = "input"
    OUTPUT = "output"
    LAYER = "layer"
    SIGN = "sign"
    """A layer that is known by a single character: a sum."""
    BLOCK = "block"


class Costs(NamedTuple):
    """The figures of a box for one item of the batch: elements of weights, multiply-accumulates,
    bytes of what its layers give.
    """

    params: int = 0
    macs: Size = 0
    memory: Size = 0


@dataclass(frozen=True, slots=True, eq=False)
class Box:
    """A layer with those that are fused with it, a block, or an input or output of the network.

    `path` names it: of several layers or blocks the first; `last` is the path of the last of
    `count` equal neighbours. `layers` are the paths of all layers that it stands for. `title` and
    `about` are its text, `color` is what it's coloured by. `ins` and `outs` are the blobs that it
    reads and gives beyond itself: its ports. An open block has a frame `inside`, of the first of
    its equals, whose ports match its own one by one.
    """

    path: str
    kind: Kind
    title: str
    about: str
    color: str
    layers: tuple[str, ...]
    costs: Costs
    ins: tuple[str, ...]
    outs: tuple[str, ...]
    doc: str | None = None
    count: int = 1
    last: str = ""
    inside: "Frame | None" = None


class End(NamedTuple):
    """An end of a wire: a box, by its number in the frame, or the frame's own border (None); and
    which of its ports.
    """

    box: int | None
    port: int


class Wire(NamedTuple):
    """A wire between two boxes of a frame, or to its border: the blobs that go over it.

    `shapes` are theirs, as text; `told` is whether a drawing says it: once, and where it changes.
    """

    source: End
    target: End
    blobs: tuple[str, ...]
    shapes: str
    told: bool


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Boxes in the order of execution and the wires between them; `ins` and `outs` are its ports,
    the blobs that come in and leave.
    """

    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]
    ins: tuple[str, ...] = ()
    outs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A network to be drawn: its name, its figures in a line, and the outermost frame."""

    name: str
    caption: str
    doc: str | None
    frame: Frame


def boxes(frame: Frame) -> Iterator[Box]:
    """The boxes of a frame and of those within it."""
    for box in frame.boxes:
        yield box
        if box.inside is not None:
            yield from boxes(box.inside)


class Link(NamedTuple):
    """A wire from closed box to closed box, through whatever borders lie between."""

    source: Box
    target: Box
    wire: Wire


def links(frame: Frame) -> Iterator[Link]:
    """The wires of a frame and of those within it, as tools want them that know no ports."""
    for wire in frame.wires:
        if wire.source.box is not None and wire.target.box is not None:
            for source in _closed(frame, wire.source, lambda each: (each.target, each.source)):
                for target in _closed(frame, wire.target, lambda each: (each.source, each.target)):
                    yield Link(source, target, wire)
    for box in frame.boxes:
        if box.inside is not None:
            yield from links(box.inside)


def _closed(frame: Frame, end: End, on: Callable[[Wire], tuple[End, End]]) -> Iterator[Box]:
    """The closed boxes at an end of a wire; `on` gives a wire's end at the border of an open one
    that stands there, and the end further in.
    """
    assert end.box is not None
    inside = frame.boxes[end.box].inside
    if inside is None:
        yield frame.boxes[end.box]
        return
    for border, further in map(on, inside.wires):
        if border == (None, end.port) and further.box is not None:
            yield from _closed(inside, further, on)
