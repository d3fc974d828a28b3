"""Receptive fields: which part of an input a place of a blob depends on.

They follow from what each layer says of itself (`Layer.reach`): through a convolution with windows
of k elements, d apart, at strides of s behind a margin of p, a field of size r at strides of j that
starts at a becomes

    size   r + (k − 1)·d·j
    stride j·s
    start  a − p·j

(Araujo et al. 2019, Computing Receptive Fields of Convolutional Neural Networks), and a branch adds
what it sees to the others' windows. Behind an upsampling windows differ from place to place, and
are followed one by one until they repeat (`netspec.graph.reach.Windows`).
"""

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum
from fractions import Fraction
from typing import Any, TypeAlias

from netspec.diagnostics.suggest import did_you_mean
from netspec.graph import Blob, Graph, Node, Size
from netspec.graph.named import blobs_by_name
from netspec.graph.reach import (
    EVERY,
    EVERYTHING,
    POINTWISE,
    SAME,
    UNREAD,
    WHOLE,
    Along,
    Among,
    Part,
    Reach,
    Step,
    Windows,
)
from netspec.quick import frozen

Number: TypeAlias = int | Fraction

FARTHEST = 2**40
"""Steps and windows that are longer than any input."""


@frozen
class ReceptiveField:
    """The part of an `input`, which is named, that a place of a blob depends on, in the TEST phase.

    Each has a number for each axis of the input along which places lie: the height and the width
    of an image, the places of a sequence. `size` is how many elements the largest window spans,
    those between its taps and those in the padding included. `stride` is by how much windows move
    from place to place, a fraction behind an upsampling, 0 where all places see the same. `start`
    is the first element that place 0 sees, counted from 0; it is negative in the padding.

    A `size` of None stands for all of the axis, however long that is. `stride` and `start` are
    then None, as they are where places see windows of that size but not in even steps, as behind a
    Flatten.
    """

    input: str
    size: tuple[int | None, ...]
    stride: tuple[Number | None, ...]
    start: tuple[int | None, ...]

    @property
    def is_all(self) -> bool:
        """Whether it is all of the input."""
        return all(each is None for each in self.size)

    def to_json(self) -> Any:
        """An object with a list for each; "all" where it is all of the input."""
        if self.is_all:
            return "all"
        return {
            "size": ["all" if each is None else each for each in self.size],
            "stride": [
                each if isinstance(each, int | None) else float(each) for each in self.stride
            ],
            "start": [*self.start],
        }

    def __str__(self) -> str:
        """Its size, as a table has it: `7×7`; `all`."""
        return "all" if self.is_all else "×".join(str(each or "all") for each in self.size)


class _All(Enum):
    ALL = "all"


ALL = _All.ALL
"""What is seen is all there is along an axis of the input."""


@frozen
class _Moving:
    """Windows that move along an axis of the blob."""

    axis: int
    windows: Windows

    @property
    def axes(self) -> tuple[int, ...]:
        return (self.axis,)


@frozen
class _Strewn:
    """Windows of at most this size that don't move along one axis in even steps, but depend on the
    places along `axes`, or on none. All together they see what lies within `hull`, if that's known.
    """

    axes: tuple[int, ...]
    size: int
    hull: tuple[int, int] | None


_Field: TypeAlias = _All | _Moving | _Strewn
"""What is seen along one axis of an input."""


@frozen
class _Seen:
    """What a blob sees of an input, the number of which is given: a field for each axis."""

    input: int
    fields: tuple[_Field, ...]


def receptive_fields(graph: Graph, input: str | None = None) -> dict[str, ReceptiveField]:
    """The receptive fields of the blobs of a `graph` by name, those of its phase.

    They are those in the `input` of that name; without one, in the first that a blob depends on.
    A blob that depends on none, as a constant does, has no field.
    """
    seen: dict[str, _Seen] = {}
    for number, blob in enumerate(graph.inputs):
        axes = places(graph, blob)
        if axes and input in (None, blob.name):
            seen[blob.name] = _Seen(number, tuple([_Moving(axis, SAME) for axis in axes]))
    for node in graph:
        _follow(node, seen)
    told: dict[int, ReceptiveField] = {}
    names = [blob.name for blob in graph.inputs]
    for each in seen.values():
        if id(each) not in told:
            told[id(each)] = _told(each, names)
    return {name: told[id(each)] for name, each in seen.items()}


def field_of(graph: Graph, name: str, input: str | None = None) -> ReceptiveField | None:
    """The field of what a name stands for (`netspec.graph.named`); None where that depends on no
    input. ValueError for other names, and for blobs whose fields differ.
    """
    names = blobs_by_name(graph)
    if input is not None and all(blob.name != input for blob in graph.inputs):
        inputs = ", ".join(f"`{blob.name}`" for blob in graph.inputs)
        raise ValueError(f"no input is called `{input}`; there are {inputs}")
    if name not in names:
        help = did_you_mean(name, names)
        raise ValueError(f"no layer or blob is called `{name}`" + (f"; {help}" if help else ""))
    fields = receptive_fields(graph, input)
    first, *others = [fields.get(blob.name) for blob in names[name]] or [None]
    if any(other != first for other in others):
        blobs = ", ".join(f"`{blob.name}`" for blob in names[name])
        raise ValueError(f"`{name}` gives blobs whose receptive fields differ; name one: {blobs}")
    return first


def places(graph: Graph, blob: Blob) -> Sequence[int]:
    """The axes of an input along which places lie.

    They are those behind the channels. Of three axes it is the last one where a layer reads them as
    N×C×L, the second one of a sequence N×T×C; of two, the second one of N×T integers. A vector has
    no places.
    """
    rank = blob.shape.rank
    if rank == 3:
        spatial = any(node.layer.spatial for node in graph.readers.get(blob.name, ()))
        return (2,) if spatial else (1,)
    if rank == 2:
        return (1,) if blob.type.dtype.startswith("int") else ()
    return range(2, rank)


def _follow(node: Node, seen: dict[str, _Seen]) -> None:
    """Add what the tops of a layer see."""
    read = [(n, seen[blob.name]) for n, blob in enumerate(node.bottoms) if blob.name in seen]
    if not read:
        return
    bottoms, tops = [blob.type for blob in node.bottoms], [blob.type for blob in node.tops]
    for top, blob in enumerate(node.tops):
        found: list[_Seen] = []
        beside = False
        for number, each in read:
            reach = node.layer.reach(number, top, bottoms, tops)
            if reach is POINTWISE:
                found.append(each)
            elif reach is not UNREAD:
                shape = bottoms[number].shape.sizes
                fields = tuple([_through(field, reach, shape) for field in each.fields])
                beside = beside or (len(read) > 1 and _stand_beside(each.fields, reach))
                found.append(_Seen(each.input, fields))
        if found:
            seen[blob.name] = _joined(found, beside, blob.shape.sizes)


def _through(field: _Field, reach: Reach, shape: Sequence[Size]) -> _Field:
    """What is seen by those who see a blob of that shape, by `reach`, which sees the field."""
    if field is ALL or reach is EVERYTHING:
        return ALL
    assert isinstance(reach, tuple)
    if isinstance(field, _Strewn):
        return _strewn(field, [reach[axis] for axis in field.axes])
    step = reach[field.axis]
    if isinstance(step, Along):
        if step.windows is SAME:
            return field if step.axis == field.axis else _Moving(step.axis, field.windows)
        through = field.windows.seen_from(step.windows)
        if through is not None and through.advance + through.size <= FARTHEST:
            return _Moving(step.axis, through)
        if through is not None:
            return _all_of(_hull(field, shape))
    hull = _hull(field, shape)
    match step:
        case Along(axis, windows):
            return _Strewn((axis,), field.windows.size_of(windows.size), hull)
        case Among(axes, _, neighbours):
            return _Strewn(axes, field.windows.size_of(neighbours), hull)
        case Part(first, last):
            return _all_of((field.windows.at(first)[0], field.windows.at(last)[1]))
    return _all_of(hull) if step is WHOLE else ALL


def _strewn(field: _Strewn, steps: Sequence[Step]) -> _Field:
    """The same for windows that don't move in even steps: what sees several of them, sees all that
    any of them does.
    """
    axes: list[int] = []
    for step in steps:
        match step:
            case Along(axis, windows, others) if others or windows.size == 1:
                axes += (axis, *others)
            case Among(more, _, 1):
                axes += more
            case Part(first, last) if first == last:
                pass
            case _:
                return ALL if step is EVERY else _all_of(field.hull)
    return replace(field, axes=tuple(sorted(set(axes))))


def _all_of(hull: tuple[int, int] | None) -> _Field:
    """What those see who see all of that; ALL where its ends aren't known."""
    return ALL if hull is None else _Strewn((), hull[1] - hull[0] + 1, hull)


def _hull(field: _Moving | _Strewn, shape: Sequence[Size]) -> tuple[int, int] | None:
    """What all places of a blob of that shape see together; None where it isn't known."""
    if isinstance(field, _Strewn):
        return field.hull
    size = shape[field.axis]
    if not isinstance(size, int):
        return None
    return field.windows.at(0)[0], field.windows.at(size - 1)[1]


def _stand_beside(fields: Sequence[_Field], reach: Reach) -> bool:
    """Whether a blob is joined to others along an axis on which it depends what is seen."""
    if not isinstance(reach, tuple):
        return False
    axes = [axis for field in fields if field is not ALL for axis in field.axes]
    steps = [reach[axis] for axis in axes]
    return any(isinstance(step, Among) and step.joined for step in steps)


def _joined(found: Sequence[_Seen], beside: bool, shape: Sequence[Size]) -> _Seen:
    """What is seen by those who see all of these, or with `beside` one of them; of one input."""
    if len(found) == 1:
        return found[0]
    first = min([each.input for each in found])
    seen, *others = [each for each in found if each.input == first]
    for other in others:
        if other is not seen and other != seen:
            pairs = zip(seen.fields, other.fields, strict=True)
            seen = _Seen(first, tuple([_both(*pair, beside, shape) for pair in pairs]))
    return seen


def _both(one: _Field, other: _Field, beside: bool, shape: Sequence[Size]) -> _Field:
    if one is ALL or other is ALL:
        return ALL
    if one == other:
        return one
    if isinstance(one, _Moving) and isinstance(other, _Moving) and one.axis == other.axis:
        windows = one.windows.joined(other.windows)
        if windows is not None:
            return _Moving(one.axis, windows)
    here, there = _hull(one, shape), _hull(other, shape)
    hull = None if here is None or there is None else _around(here, there)
    if beside and isinstance(one, _Strewn) and isinstance(other, _Strewn):
        axes = tuple(sorted({*one.axes, *other.axes}))
        return _Strewn(axes, max(one.size, other.size), hull)
    return _all_of(hull)


def _around(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return min(one[0], other[0]), max(one[1], other[1])


def _told(seen: _Seen, names: Sequence[str]) -> ReceptiveField:
    size, stride, start = zip(*[*map(_numbers, seen.fields)], strict=True)
    return ReceptiveField(names[seen.input], size, stride, start)


def _numbers(field: _Field) -> tuple[int | None, Number | None, int | None]:
    """The size, the stride and the start of a field."""
    if field is ALL:
        return None, None, None
    if isinstance(field, _Moving):
        windows = field.windows
        if len(windows.first) == 1:
            return windows.size, windows.advance, windows.first[0]
        stride = Fraction(windows.advance, len(windows.first))
        return windows.size, int(stride) if stride == int(stride) else stride, windows.first[0]
    if field.hull is not None and field.size > field.hull[1] - field.hull[0]:
        return field.size, 0, field.hull[0]
    return field.size, None, None
