"""Reduction and ArgMax."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from netspec.graph import Shape, TensorType
from netspec.layers.reduction import ArgMax, Reduction
from netspec.lower.onnx.emitter import ELEMENT_TYPES, Emitter
from netspec.lower.onnx.layers.registry import lowers
from netspec.lower.onnx.layers.slice import END
from netspec.lower.onnx.steps.axes import AXES_AS_INPUT
from netspec.lower.onnx.steps.single import unless_taken
from netspec.lower.onnx.steps.sizes import vector
from netspec.lower.onnx.steps.whole import require_whole


class TensorValue(NamedTuple):
    """A value on the way: what it is called, and its type."""

    name: str
    type: TensorType


OPERATORS = {
    "SUM": "ReduceSum",
    "ASUM": "ReduceL1",
    "SUMSQ": "ReduceSumSquare",
    "MEAN": "ReduceMean",
}


@lowers(Reduction)
def reduction(layer: Reduction, to: Emitter) -> None:
    rank = to.node.bottoms[0].shape.rank
    operator = OPERATORS[layer.operation]
    inputs, attributes = _over(to, operator, range(layer.axis % rank, rank))
    if layer.coeff == 1:
        to.top(operator, inputs, keepdims=0, **attributes)
        return
    whole = to.step("whole", operator, inputs, to.node.tops[0].type, keepdims=0, **attributes)
    to.top("Mul", [whole, to.float_constant("coeff", layer.coeff)])


def _over(to: Emitter, operator: str, axes: Sequence[int]) -> tuple[list[str], dict[str, Any]]:
    """A reducing operator's inputs and attributes: its axes were an attribute at first."""
    if operator != "ReduceSum" and to.opset < AXES_AS_INPUT:
        return [to.bottoms[0]], {"axes": axes}
    return [to.bottoms[0], to.constant("axes", axes)], {}


@lowers(ArgMax)
def argmax(layer: ArgMax, to: Emitter) -> None:
    pairs = layer.axis is None and layer.out_max_val
    if pairs:
        row = to.node.bottoms[0].shape[1:]
        require_whole("ArgMax's indices", to.node.tops[0].type.dtype, row.elements)
    if layer.top_k > 1 or pairs:
        to = unless_taken(to, "TopK")
    if layer.axis is None:
        _within_items(layer, to)
        return
    axis = layer.axis % to.node.bottoms[0].shape.rank
    if layer.top_k > 1:
        value = TensorValue(to.bottoms[0], to.node.bottoms[0].type)
        found = _top_k(layer, to, value, to.node.tops[0].shape, axis)
        to.top("Identity", [found[0 if layer.out_max_val else 1]])
    elif layer.out_max_val:
        inputs, attributes = _over(to, "ReduceMax", [axis])
        to.top("ReduceMax", inputs, **attributes)
    else:
        to.top("ArgMax", to.bottoms, axis=axis, **_last(layer))


def _within_items(layer: ArgMax, to: Emitter) -> None:
    """All axes but the first as one row; indices, and perhaps values behind them."""
    bottom, top = to.node.bottoms[0], to.node.tops[0].type
    rows = TensorValue(to.bottoms[0], bottom.type)
    if bottom.shape.rank != 2:
        flat = bottom.type.with_shape(bottom.shape[0], bottom.shape[1:].elements)
        rows = TensorValue(to.step("rows", "Flatten", [rows.name], flat, axis=1), flat)
    best = Shape((bottom.shape[0], layer.top_k))
    # A zero copies the size of the batch.
    target = to.constant("shape", [0, *(s for s in top.shape[1:] if isinstance(s, int))])
    if not layer.out_max_val:
        if layer.top_k == 1:
            kind = TensorType(best, "int64")
            indices = to.step("indices", "ArgMax", [rows.name], kind, axis=1, **_last(layer))
        else:
            indices = _top_k(layer, to, rows, best, 1)[1]
        to.top("Reshape", [indices, target])
        return
    values, indices = _top_k(layer, to, rows, best, 1)
    type = TensorType(best, top.dtype)
    numbers = to.step("numbers", "Cast", [indices], type, to=ELEMENT_TYPES[top.dtype])
    pairs = type.with_shape(best[0], 2 * layer.top_k)
    both = to.step("both", "Concat", [numbers, values], pairs, axis=1)
    to.top("Reshape", [both, target])


def _last(layer: ArgMax) -> dict[str, int]:
    return {"select_last_index": 1} if layer.select_last_index else {}


def _top_k(layer: ArgMax, to: Emitter, value: TensorValue, shape: Shape, axis: int) -> list[str]:
    """The greatest values along an axis, and their indices; both of that shape."""
    types = [TensorType(shape, value.type.dtype), TensorType(shape, "int64")]
    count = to.constant("count", [layer.top_k])
    if not layer.select_last_index:
        return to.steps(["values", "indices"], "TopK", [value.name, count], types, axis=axis)
    # Of equal elements TopK has the first first: from the back that is the last.
    turned = to.step("turned", "Slice", [value.name, *_backwards(to, axis)], value.type)
    values, behind = to.steps(["values", "behind"], "TopK", [turned, count], types, axis=axis)
    last = _last_place(to, value, axis)
    return [values, to.step("indices", "Sub", [last, behind], types[1])]


def _backwards(to: Emitter, axis: int) -> list[str]:
    """What has a Slice go through an axis from its end."""
    ends = {"start": -1, "end": -END, "axis": axis, "step": -1}
    return [to.constant(f"turned_{name}", [each]) for name, each in ends.items()]


def _last_place(to: Emitter, value: TensorValue, axis: int) -> str:
    """The index of an axis's last element, computed where its size is known only then."""
    size = value.type.shape[axis]
    if isinstance(size, int):
        return to.constant("last", [size - 1])
    sizes = to.step("sizes", "Shape", [value.name], vector(value.type.shape.rank))
    length = to.step("length", "Gather", [sizes, to.constant("axis", [axis])], vector(1))
    return to.step("last", "Sub", [length, to.constant("one", [1])], vector(1))
