"""Maxima and averages of windows of a given size, or of the whole image; of a given number:
`adaptive`.

ONNX's own `ceil_mode` isn't used: before opset 19 its rule for a last window that starts in the
padding is open, and its averages' divisors are the runtime's choice. Margins are made as long as
whole windows need. ONNX Runtime pads by less than a window; wider margins are made before.
"""

from math import prod

import numpy as np
from onnx import numpy_helper

from netspec.graph import TensorType
from netspec.layers.pooling import Pooling
from netspec.lower.onnx.emitter import Emitter
from netspec.lower.onnx.layers.pooling_adaptive import adaptive_pooling
from netspec.lower.onnx.layers.pooling_axis import pooling_along
from netspec.lower.onnx.layers.pooling_margins import (
    Typed,
    before,
    behind,
    margins,
    negative_averages,
    padded,
    window,
)
from netspec.lower.onnx.layers.pooling_mask import global_mask, max_pool
from netspec.lower.onnx.layers.pooling_sums import l2_pool, stochastic_pool
from netspec.lower.onnx.layers.registry import lowers
from netspec.lower.onnx.steps.sizes import joined, sizes_of
from netspec.lower.values import element_type, lowest_number


@lowers(Pooling)
def pooling(layer: Pooling, to: Emitter) -> None:
    axis = layer.along_axis(to.node.bottoms[0].shape)
    if axis is not None:
        pooling_along(layer, axis, to)
    elif layer.output_size is not None:
        adaptive_pooling(layer, to)
    else:
        _METHODS[layer.pool](layer, to)


def _max_pool(layer: Pooling, to: Emitter) -> None:
    if layer.global_pooling:
        to.top("GlobalMaxPool", to.bottoms)
        if len(to.node.tops) > 1:
            global_mask(to)
    elif layer.empty_windows:
        _max_pool_with_empty_windows(layer, to)
    else:
        max_pool(to, **window(layer, to), pads=margins(layer, to))


def _max_pool_with_empty_windows(layer: Pooling, to: Emitter) -> None:
    """ONNX Runtime gives the lowest number for some windows of nothing, and -inf for others."""
    top = to.node.tops[0].type
    nothing = to.float_constant("nothing", -np.inf)
    image, _ = padded(to, before(layer, to), behind(layer, to), value=nothing)
    maxima = to.step("maxima", "MaxPool", [image], top, **window(layer, to))
    lowest = to.float_constant("lowest", lowest_number(top.dtype))
    marks = TensorType(top.shape, "bool")
    empty = to.step("empty", "LessOrEqual", [maxima, lowest], marks)
    to.top("Where", [empty, nothing, maxima])


def _average_pool(layer: Pooling, to: Emitter) -> None:
    """ONNX either counts all padding or none, but a window that overhangs (CEIL) counts the
    padding on its way and not what lies beyond: there the padding is made real zeros first.
    """
    if layer.global_pooling:
        to.top("GlobalAveragePool", to.bottoms)
        return
    first, last = before(layer, to), behind(layer, to)
    beyond = [max(0, end - pad) for end, pad in zip(last, first, strict=True)]
    if layer.empty_windows and not layer.count_include_pad:
        _average_of_real_elements(layer, to)
    elif layer.empty_windows or (layer.count_include_pad and any(first) and any(beyond)):
        counted = [min(pair) for pair in zip(first, last, strict=True)]
        image = padded(to, first, counted)
        settings = {**window(layer, to), "pads": [0] * len(beyond) + beyond}
        to.top("Neg", [negative_averages(to, "averages", image, **settings)])
    else:
        count = int(layer.count_include_pad and any(first))
        pads = margins(layer, to)
        to.top("AveragePool", to.bottoms, **window(layer, to), pads=pads, count_include_pad=count)


def _average_of_real_elements(layer: Pooling, to: Emitter) -> None:
    """The average over all of a window, divided by the share of it that isn't padding.

    A window that is all padding has the sum 0, which any share but 0 leaves alone.
    """
    first, last, windows = before(layer, to), behind(layer, to), window(layer, to)
    averages = negative_averages(to, "averages", padded(to, first, last), **windows)
    marked = padded(to, first, last, bottom=_ones(to), label="marked")
    shares = negative_averages(to, "shares", marked, **windows)
    top = to.node.tops[0].type
    plane = top.with_shape(1, 1, *top.shape[2:])
    least = to.float_constant("least", -1 / prod(windows["kernel_shape"]))
    to.top("Div", [averages, to.step("divisors", "Min", [shares, least], plane)])


def _ones(to: Emitter) -> Typed:
    """An image of ones, of one item and channel, as large as the bottom."""
    bottom = to.node.bottoms[0]
    rank = bottom.shape.rank
    size = sizes_of(to, "size", 0, 2, rank)
    shape = joined(to, "shape", [to.constant("single", [1, 1]), size], rank)
    type = bottom.type.with_shape(1, 1, *bottom.shape[2:])
    value = numpy_helper.from_array(np.ones(1, element_type(bottom.type.dtype)))
    return to.step("ones", "ConstantOfShape", [shape], type, value=value), type


_METHODS = {
    "MAX": _max_pool,
    "AVE": _average_pool,
    "L2": l2_pool,
    "STOCHASTIC": stochastic_pool,
}
