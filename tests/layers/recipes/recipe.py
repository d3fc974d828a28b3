"""How to draw a use of a layer: hyper-parameters that fit what it reads.

One recipe a layer, in one place a family. The walk over the catalogue uses them on inputs alone,
the random networks on whatever blob they have come to.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from hypothesis import strategies as st

from netspec.graph import Size
from netspec.graph.sizes import substitute

Fields = dict[str, Any]
Sizes = tuple[Size, ...]
Draw = st.DrawFn
Kind = Literal[
    "real", "positive", "targets", "labels", "regions", "priors", "mask", "image", "objects"
]

VALUES: dict[str, Size] = {"N": 2, "D": 3, "H": 9, "W": 8, "R": 3}
"""What symbols are run at."""


@dataclass(frozen=True, slots=True)
class Input:
    """A blob that a layer reads beside its first: its shape and what values make sense in it.

    `labels` are integers below `limit`, `regions` boxes in an image of `limit` pixels a side,
    `targets` real numbers of 0 or 1, `priors` boxes within an image of side 1 and their variances,
    a `mask` booleans, an `image` the height, width and scale of one, `objects` boxes within such an
    image with labels from 1 to below `limit`.
    """

    shape: Sizes
    kind: Kind = "real"
    limit: int = 2


@dataclass(frozen=True, slots=True)
class Use:
    """A layer with hyper-parameters.

    `further` are its bottoms behind the first, `tops` how many it gives by name (0: one, under its
    own). With `pooled`, the fields of a Pooling, it reads what that gives, and its mask.
    """

    fields: Fields = field(default_factory=dict)
    further: tuple[Input, ...] = ()
    tops: int = 0
    pooled: Fields | None = None


Plan = Callable[[Draw, Sizes], Use]


@dataclass(frozen=True, slots=True)
class Recipe:
    """`plan` draws a use of the layer on a first bottom of the shape, which is one of `shapes`.

    `grid` has values for single fields, to be tried on the shape `on` with `base`, `further` and
    `tops` as a Use has them. `positive`: it takes no negative numbers. `jumps` says why it isn't
    continuous, so that the last bit of a bottom can decide; `no_gradient` why there is none.
    `counted` says what torch's counter of operations makes of it that isn't `macs`. A layer that
    is a `source` reads nothing; one that `looks_up` something reads integers below that number.
    """

    plan: Plan
    shapes: st.SearchStrategy[Sizes]
    grid: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    on: Sizes = ()
    base: Fields = field(default_factory=dict)
    further: tuple[Input, ...] = ()
    tops: int = 0
    pooled: Fields | None = None
    positive: bool = False
    jumps: str = ""
    no_gradient: str = ""
    counted: str = ""
    source: bool = False
    looks_up: int = 0


def at(size: Size) -> int:
    """The size that a symbolic one is run at."""
    found = substitute(size, VALUES)
    assert isinstance(found, int)
    return found


def extents(low: int, high: int, axes: int) -> st.SearchStrategy[int | list[int]]:
    """A size for all axes or one for each, as a field takes them."""
    size = st.integers(low, high)
    return st.one_of(size, st.lists(size, min_size=axes, max_size=axes))


def along(extents: int | list[int], axes: int) -> list[int]:
    """The sizes along so many axes."""
    return [extents] * axes if isinstance(extents, int) else extents


def some(draw: Draw, **fields: st.SearchStrategy[Any]) -> Fields:
    """Some of the fields; the others keep their defaults."""
    return {name: draw(values) for name, values in fields.items() if draw(st.booleans())}


def divisors(number: int) -> st.SearchStrategy[int]:
    """What divides a number, small ones first."""
    return st.sampled_from([each for each in range(1, number + 1) if number % each == 0])


def numbers(low: float, high: float) -> st.SearchStrategy[float]:
    """Numbers that people write: halves, tenths, hundredths."""
    steps = st.integers(round(low * 100), round(high * 100))
    return steps.map(lambda value: value / 100)


def axes(draw: Draw, shape: Sizes, first: int = 0) -> int:
    """An axis from `first` on, counted from the front or from the back."""
    axis = draw(st.integers(first, len(shape) - 1))
    return axis if draw(st.booleans()) else axis - len(shape)


def plain(draw: Draw, shape: Sizes) -> Use:
    """The layer without any field."""
    return Use()
