"""Give the same elements another shape."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import reduce
from math import gcd
from typing import Annotated, Any, ClassVar

from pydantic import Field

from netspec.counted import counted
from netspec.graph.bounds import differing, enough_factor, equal, stated
from netspec.graph.reach import Reach
from netspec.graph.sizes import Size, exact_div, product, substitute, symbols
from netspec.graph.types import Shape, TensorType
from netspec.layers.answers import Condition, LayerError
from netspec.layers.base import Types
from netspec.layers.fields import MAX_SIZE, or_symbolic
from netspec.layers.shape import MovingLayer
from netspec.layers.sliding import regrouped
from netspec.layers.told import at_least, require_told

CountOrAll = Annotated[int, Field(ge=-1, le=MAX_SIZE)]
NewSize = Annotated[Any, or_symbolic(CountOrAll)]


class Reshape(MovingLayer):
    """Give the same elements, in the same order, another shape.

    In `shape` a positive number is a size; 0 copies the size of the bottom's axis that stands in
    the same place; one −1 is what makes the number of elements come out. `axis` and `num_axes`
    restrict which axes are replaced: the others stay before and behind, and places are counted
    from `axis`. A negative `axis` counts from behind the last axis, so −1 adds axes at the end.
    `num_axes: 0` replaces none, `num_axes: -1` all from `axis` on.
    """

    is_view: ClassVar[bool] = True
    source: ClassVar[str] = "Caffe's reshape_layer.cpp"
    shape_rule: ClassVar[str] = (
        "the bottom's axes before `axis`, `shape` with its 0s and −1 filled in, the bottom's axes "
        "behind the `num_axes` replaced; as many elements as before"
    )
    example: ClassVar[str] = """
        inputs: {data: [N, 512, 7, 7]}
        layers:
          - {name: boxes, type: Reshape, shape: [0, 4, -1]}
          - {name: groups, type: Reshape, shape: [32, 16], axis: 1, num_axes: 1, bottom: data}
        outputs: [boxes, groups]
    """
    synonyms: ClassVar[tuple[str, ...]] = (
        "View",
        "view",
        "reshape",
        "Unflatten",
        "Squeeze",
        "Unsqueeze",
        "ExpandDims",
    )
    field_synonyms: ClassVar[dict[str, str]] = {
        "dim": "shape",
        "dims": "shape",
        "target_shape": "shape",
        "unflattened_size": "shape",
    }
    synonym_notes: ClassVar[dict[str, str]] = {
        "Squeeze": "with the sizes that stay",
        "Unsqueeze": "with a 1 in its `shape`",
        "ExpandDims": "with a 1 in its `shape`",
    }
    field_notes: ClassVar[dict[str, str]] = {
        "target_shape": "write `shape` with the batch in front: `shape: [0, ...]`",
        "unflattened_size": "write `shape`, and `axis` with `num_axes: 1` for the axis that is "
        "split",
    }

    symbolic_fields: ClassVar[tuple[str, ...]] = ("shape",)

    shape: list[NewSize] = Field(description="the new sizes; 0: as it was, −1: what is left")
    axis: int = Field(0, description="the first axis replaced; negative: from behind the last")
    num_axes: CountOrAll = Field(-1, description="how many axes are replaced; −1: all that follow")

    def check(self) -> Iterator[LayerError]:
        if self.shape.count(-1) > 1:
            yield LayerError(
                "bad-value",
                f"`shape` may leave one size open with −1, not {self.shape.count(-1)}",
                field="shape",
            )

    def replaced(self, rank: int) -> range:
        """The axes that `shape` replaces of a bottom with `rank` axes; LayerError if it hasn't."""
        first = self.axis if self.axis >= 0 else rank + self.axis + 1
        if not 0 <= first <= rank:
            raise LayerError(
                "bad-axis",
                f"Reshape's `axis` is {self.axis}, but its bottom has {counted(rank, 'axis')}",
                field="axis",
            )
        last = rank if self.num_axes < 0 else first + self.num_axes
        if last > rank:
            raise LayerError(
                "bad-axis",
                f"Reshape can't replace {counted(self.num_axes, 'axis')} from axis {first} on: "
                f"its bottom has {rank}",
                field="num_axes",
            )
        return range(first, last)

    def copied(self, rank: int) -> dict[int, int]:
        """The top's axes that have the size of one of the bottom's, with that axis."""
        axes = self.replaced(rank)
        end = axes.start + len(self.shape)
        found = {axis: axis for axis in range(axes.start)}
        found |= {axes.start + n: axes.start + n for n, size in enumerate(self.shape) if size == 0}
        return found | {end + n: axes.stop + n for n in range(rank - axes.stop)}

    def left_open(self, rank: int) -> int | None:
        """The top's axis that `shape` says -1 of."""
        return self.replaced(rank).start + self.shape.index(-1) if -1 in self.shape else None

    def told(self, rank: int) -> set[int]:
        """The top's axes whose sizes are symbolic ones of `shape`."""
        first = self.replaced(rank).start
        return {first + n for n, size in enumerate(self.shape) if not isinstance(size, int)}

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        return tuple(regrouped(bottoms[0].shape.sizes, tops[0].shape.sizes))

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        bottom = bottoms[0].shape
        axes = self.replaced(bottom.rank)
        before, behind = bottom[: axes.start], bottom[axes.stop :]
        require_told(self, "shape", self.shape, bottoms)
        sizes = [self._size(n, size, axes.start, bottom) for n, size in enumerate(self.shape)]
        top = Shape((*before, *sizes, *behind))
        if -1 in sizes:
            # What the axes that stay have in common with the bottom's is left out of the division.
            explicit = [size for size in sizes if size != -1]
            whole, divisor = _reduced(bottom.sizes, [*before, *explicit, *behind])
            rest = exact_div(whole, divisor) if divisor is not None else None
            if rest is None:
                raise self._mismatch(
                    bottom,
                    lambda: f"a multiple of {product([size for size in top if size != -1])}",
                    lambda: _uneven(whole, divisor),
                )
            top = top.replace(axes.start + sizes.index(-1), rest)
        elif not equal(top.elements, bottom.elements):
            raise self._mismatch(
                bottom, lambda: str(top.elements), lambda: _unequal(top.sizes, bottom.sizes)
            )
        return (bottoms[0].with_shape(*top),)

    def conditions(self, bottoms: Types) -> Iterator[Condition]:
        yield from at_least(1, "shape", self.shape)

    def _size(self, number: int, size: Size, first: int, bottom: Shape) -> Size:
        if size != 0:
            return size
        if first + number >= bottom.rank:
            raise LayerError(
                "bad-axis",
                f"`shape` copies axis {first + number} with its 0, but the bottom {bottom} has "
                f"{counted(bottom.rank, 'axis')}",
                field="shape",
            )
        return bottom[first + number]

    def _mismatch(
        self,
        bottom: Shape,
        wanted: Callable[[], str],
        example: Callable[[], tuple[str, str | None]],
    ) -> LayerError:
        """The error, with an example of symbols' values; the sizes of source code are often put to
        the test, where nobody reads it.
        """

        def words() -> tuple[str, str | None]:
            differ, more = example()
            help = "0 keeps the bottom's size (the batch's, say), −1 takes what is left"
            return (
                f"Reshape needs {wanted()} elements for this `shape`, but {bottom} has "
                f"{bottom.elements}{differ}",
                f"{help}; or {more}" if more else help,
            )

        return LayerError("shape-mismatch", words, field="shape")

    def brief(self, bottoms: Types) -> str:
        return "reshape"


def _reduced(sizes: Sequence[Size], divisors: Sequence[Size]) -> tuple[Size, int | None]:
    """The product of sizes and that of others without what they have in common; None for a
    second one that is symbolic still.
    """
    left, others = list(sizes), list[Size]()
    for each in divisors:
        if each in left:
            left.remove(each)
        else:
            others.append(each)
    number, left = _factors(left)
    divisor, others = _factors(others)
    for each in others:
        if each not in left:
            return product([number, *left]), None
        left.remove(each)
    return product([number, *left]), divisor


def _uneven(whole: Size, divisor: int | None) -> tuple[str, str | None]:
    """Where a symbolic number is no multiple of another, and what would make it one."""
    if divisor is None or isinstance(whole, int):
        return "", None

    def divides(multiples: Mapping[str, Size], factor: int) -> bool:
        return exact_div(substitute(whole, dict(multiples)), divisor) is not None

    values = differing(whole // divisor * divisor, whole)
    more = enough_factor(symbols(whole), divides)
    return f", which is none where {stated(values)}" if values else "", more


def _unequal(sizes: Sequence[Size], others: Sequence[Size]) -> tuple[str, str | None]:
    """Where products of sizes differ, and what would make them agree."""
    left, right = list(sizes), list[Size]()
    for each in others:
        if each in left:
            left.remove(each)
        else:
            right.append(each)
    one, other = product(left), product(right)

    def agree(multiples: Mapping[str, Size], factor: int) -> bool:
        given = dict(multiples)
        return equal(substitute(one, given), substitute(other, given))

    values = differing(one, other)
    more = enough_factor(symbols(one) | symbols(other), agree)
    return f", which differ where {stated(values)}" if values else "", more


def _factors(sizes: Sequence[Size]) -> tuple[int, list[Size]]:
    """The numbers among the factors of sizes, as one, and the other factors."""
    number, others = 1, list[Size]()
    for size in sizes:
        common = size if isinstance(size, int) else reduce(gcd, (each for _, each in size.terms))
        number *= common
        if not isinstance(size, int):
            others.append(size // common)
    return number, others
