"""Layers that sum up an axis, or say where its greatest elements are."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from netspec.counted import counted
from netspec.graph.fillers import uppercase
from netspec.graph.reach import EVERY, WHOLE, Reach
from netspec.graph.sizes import Size, product
from netspec.graph.types import Shape, TensorType
from netspec.graph.work import Kind, Work
from netspec.layers.answers import Condition, LayerError
from netspec.layers.base import Layer, Types
from netspec.layers.bottoms import resolve_axis
from netspec.layers.elements import NUMBERS, Elements
from netspec.layers.fields import Count
from netspec.layers.sliding import pointwise_but

ReductionOp = Annotated[Literal["SUM", "ASUM", "SUMSQ", "MEAN"], BeforeValidator(uppercase)]


class Reduction(Layer):
    """Sum up all axes from one on: coeff · Σ x, Σ |x|, Σ x² or the mean of x.

    The axes before `axis` stay. With `axis: 0` the batch is summed up too, and the top is a
    scalar, which has no axes. Over one axis alone, such as the places of a sequence N×T×C, the mean
    is `Pooling` with `pool: AVE`, `axis: 1` and `global_pooling: true`.
    """

    family: ClassVar[str] = "arithmetic"
    source: ClassVar[str] = "Caffe's reduction_layer.cpp"
    shape_rule: ClassVar[str] = "the bottom's axes before `axis`; none of them: a scalar"
    flops_rule: ClassVar[str] = (
        "n − 1 additions for each n elements summed up; ASUM: n absolute values more; SUMSQ: n "
        "squares more; MEAN: a division more; a multiplication where `coeff` isn't 1"
    )
    example: ClassVar[str] = """
        inputs: {data: [N, 64, 28, 28]}
        layers:
          - {name: mean, type: Reduction, operation: MEAN, axis: 2}
    """
    synonyms: ClassVar[tuple[str, ...]] = (
        "ReduceSum",
        "ReduceMean",
        "ReduceL1",
        "ReduceSumSquare",
        "sum",
        "mean",
        "Reduce",
    )
    field_synonyms: ClassVar[dict[str, str]] = {"op": "operation", "dim": "axis", "axes": "axis"}
    synonym_notes: ClassVar[dict[str, str]] = {
        "ReduceSum": "with `operation: SUM`",
        "sum": "with `operation: SUM`",
        "ReduceMean": "with `operation: MEAN`",
        "mean": "with `operation: MEAN`",
        "ReduceL1": "with `operation: ASUM`",
        "ReduceSumSquare": "with `operation: SUMSQ`",
    }
    field_notes: ClassVar[dict[str, str]] = {
        "dim": "write `axis`: the first axis summed up, and all behind it with it",
        "axes": "write `axis`: the first axis summed up, and all behind it with it",
    }
    value_synonyms: ClassVar[dict[str, dict[str, str]]] = {
        "operation": {
            "AVE": "MEAN",
            "AVG": "MEAN",
            "AVERAGE": "MEAN",
            "ADD": "SUM",
            "L1": "ASUM",
            "SUMSQUARE": "SUMSQ",
        }
    }

    operation: ReductionOp = Field("SUM", description="Σ x, Σ |x|, Σ x² or the mean")
    axis: int = Field(0, description="the first axis summed up; negative: from the back")
    coeff: float = Field(1.0, description="a factor for the result")

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        rank = bottoms[0].shape.rank
        return pointwise_but(rank, range(self.axis % rank, rank), WHOLE)

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        axis = resolve_axis(self, self.axis, bottoms[0].shape)
        return (bottoms[0].with_shape(*bottoms[0].shape[:axis]),)

    def work(self, bottoms: Types, tops: Types) -> Work:
        elements, sums = bottoms[0].shape.elements, tops[0].shape.elements
        more = {"SUM": 0, "ASUM": elements, "SUMSQ": elements, "MEAN": sums}[self.operation]
        factors = sums if self.coeff != 1 else 0
        return Work({Kind.REDUCTION: elements - sums + more + factors})


class ArgMax(Layer):
    """Where the greatest elements are, along an axis or in the whole item.

    With `axis` the top holds the indices of the `top_k` greatest along that axis, the greatest
    first, or with `out_max_val` their values instead. Without `axis` an item's elements count as
    one row: the top is N×1×top_k (with 1s behind, up to the bottom's axes) with indices into that
    row, or with `out_max_val` N×2×top_k with the indices and behind them the values.

    Indices are integers (int64; in one top with values: real numbers, as in Caffe). Of equal
    elements the first comes first, with `select_last_index` the last, as in Caffe. There is no
    gradient.
    """

    family: ClassVar[str] = "arithmetic"
    source: ClassVar[str] = "Caffe's argmax_layer.cpp"
    shape_rule: ClassVar[str] = (
        "the bottom's shape with `top_k` along `axis`; without `axis` N×1×top_k, with "
        "`out_max_val` N×2×top_k, and 1s behind it for the bottom's other axes"
    )
    flops_rule: ClassVar[str] = (
        "(n − 1) + (n − 2) + … + (n − top_k) comparisons for each row of n elements: one greatest "
        "after the other"
    )
    nonfinite: ClassVar[str | None] = (
        "NaN is the greatest of all in PyTorch, and is passed over in ONNX Runtime"
    )
    example: ClassVar[str] = """
        inputs: {scores: [N, 21, H, W]}
        layers:
          - {name: labels, type: ArgMax, axis: 1}
    """
    elements: ClassVar[tuple[Elements, ...]] = (NUMBERS,)
    synonyms: ClassVar[tuple[str, ...]] = ("argmax", "TopK", "topk")
    field_synonyms: ClassVar[dict[str, str]] = {"dim": "axis", "k": "top_k"}
    synonym_notes: ClassVar[dict[str, str]] = {"TopK": "with `top_k`", "topk": "with `top_k`"}
    saturates: ClassVar[bool] = True

    out_max_val: bool = Field(False, description="whether to give values: instead or as well")
    top_k: Count = Field(1, description="how many of the greatest")
    axis: int | None = Field(None, description="the axis searched; negative: from the back")
    select_last_index: bool = Field(
        False, description="whether of equal elements the last comes first, as in Caffe"
    )

    def check(self) -> Iterator[LayerError]:
        if self.select_last_index and self.out_max_val and self.axis is not None:
            yield LayerError(
                "field-conflict",
                "`select_last_index` has no meaning where values alone are given",
                field="select_last_index",
            )

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        rank = bottoms[0].shape.rank
        searched = range(1, rank) if self.axis is None else (self.axis % rank,)
        return pointwise_but(rank, searched, EVERY)

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        shape = bottoms[0].shape
        axis = None if self.axis is None else resolve_axis(self, self.axis, shape)
        if axis is None and shape.rank < 2:
            raise LayerError(
                "shape-mismatch",
                f"ArgMax without `axis` searches the items of a batch, but reads {shape}",
                bottom=0,
            )
        dtype = bottoms[0].dtype if self.out_max_val else "int64"
        if axis is not None:
            return (TensorType(shape.replace(axis, self.top_k), dtype),)
        kinds = 2 if self.out_max_val else 1
        return (TensorType(Shape((shape[0], kinds, self.top_k, *(1,) * (shape.rank - 3))), dtype),)

    def conditions(self, bottoms: Types) -> Iterator[Condition]:
        row = _row(bottoms[0].shape, self.axis)
        error = LayerError(
            "bad-value",
            f"ArgMax's `top_k` is {self.top_k}, but it has only "
            f"{counted(row, 'element')} to choose from",
            field="top_k",
        )
        yield Condition(row - self.top_k + 1, error, told=True)

    def work(self, bottoms: Types, tops: Types) -> Work:
        shape = bottoms[0].shape
        axis = None if self.axis is None else self.axis % shape.rank
        rows = shape[0] if axis is None else shape.replace(axis, 1).elements
        return Work(
            {
                Kind.COMPARISON: rows
                * (_row(shape, axis) * self.top_k - self.top_k * (self.top_k + 1) // 2)
            }
        )


def _row(shape: Shape, axis: int | None) -> Size:
    """How many elements are compared with each other."""
    return product(shape.sizes[1:]) if axis is None else shape[axis]
