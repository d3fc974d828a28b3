"""Poolings that are sums over windows: L2, and the expectation of STOCHASTIC."""

from netspec.graph import TensorType
from netspec.layers.pooling import Pooling
from netspec.lower.onnx.emitter import Emitter
from netspec.lower.onnx.layers.pooling_margins import (
    Typed,
    before,
    behind,
    margins,
    negative_averages,
    padded,
    window,
)
from netspec.lower.onnx.steps.axes import AXES_AS_INPUT
from netspec.lower.onnx.steps.single import in_float32


def l2_pool(layer: Pooling, to: Emitter) -> None:
    if layer.global_pooling:
        _global_l2(to)
    elif layer.empty_windows:
        image, _ = padded(to, before(layer, to), behind(layer, to))
        to.top("LpPool", [image], **window(layer, to), p=2)
    else:
        to.top("LpPool", to.bottoms, **window(layer, to), pads=margins(layer, to), p=2)


def _global_l2(to: Emitter) -> None:
    """ONNX Runtime lacks the newest GlobalLpPool; this is the same."""
    axes = list(range(2, to.node.bottoms[0].shape.rank))
    if to.opset < AXES_AS_INPUT:
        to.top("ReduceL2", to.bottoms, axes=axes)
    else:
        to.top("ReduceL2", [*to.bottoms, to.constant("axes", axes)])


def stochastic_pool(layer: Pooling, to: Emitter) -> None:
    """What the TEST phase gives: the sum of squares over the sum, where that is positive.

    Both are had as averages over as many elements, which come to the same.
    """
    to = in_float32(to)
    bottom, top = to.node.bottoms[0].type, to.node.tops[0].type
    square = to.step("square", "Mul", [*to.bottoms, *to.bottoms], bottom)
    sums = _averages(layer, to, "sums", (to.bottoms[0], bottom))
    squares = _averages(layer, to, "squares", (square, bottom))
    zero, one = to.float_constant("zero", 0), to.float_constant("one", 1)
    positive = to.step("positive", "Greater", [sums, zero], TensorType(top.shape, "bool"))
    divisors = to.step("divisors", "Where", [positive, sums, one], top)
    quotients = to.step("quotients", "Div", [squares, divisors], top)
    to.top("Where", [positive, quotients, zero])


def _averages(layer: Pooling, to: Emitter, label: str, image: Typed) -> str:
    """Averages of windows, padding counted as zeros."""
    top = to.node.tops[0].type
    if layer.global_pooling:
        return to.step(label, "GlobalAveragePool", [image[0]], top)
    if not layer.empty_windows:
        settings = {**window(layer, to), "pads": margins(layer, to), "count_include_pad": 1}
        return to.step(label, "AveragePool", [image[0]], top, **settings)
    whole = padded(to, before(layer, to), behind(layer, to), bottom=image, label=f"{label}/padded")
    negative = negative_averages(to, f"{label}/averages", whole, **window(layer, to))
    return to.step(label, "Neg", [negative], top)
