"""Pooling along one axis: the elements of each window are gathered along another, and reduced."""

import numpy as np

from netspec.layers.fields import spread
from netspec.layers.pooling import Pooling
from netspec.lower.onnx.emitter import Emitter, bounded
from netspec.lower.onnx.steps.axes import AXES_AS_INPUT

OPERATORS = {"MAX": "ReduceMax", "AVE": "ReduceMean", "L2": "ReduceL2"}


def pooling_along(layer: Pooling, axis: int, to: Emitter) -> None:
    if layer.kernel_size is None:
        _reduced(layer, to, to.bottoms[0], axis, keepdims=1)
        return
    (kernel,), (stride,) = spread(layer.kernel_size, 1), spread(layer.stride, 1)
    top = to.node.tops[0].type
    sizes, count = top.shape, top.shape[axis]
    assert isinstance(count, int)  # the layer has seen to it
    bounded(count, kernel)
    indices = np.arange(count)[:, None] * stride + np.arange(kernel)
    windows = top.with_shape(*sizes[:axis], count, kernel, *sizes[axis + 1 :])
    chosen = to.constant("indices", indices)
    gathered = to.step("windows", "Gather", [to.bottoms[0], chosen], windows, axis=axis)
    _reduced(layer, to, gathered, axis + 1, keepdims=0)


def _reduced(layer: Pooling, to: Emitter, value: str, axis: int, keepdims: int) -> None:
    if to.opset < AXES_AS_INPUT:
        to.top(OPERATORS[layer.pool], [value], axes=[axis], keepdims=keepdims)
    else:
        axes = to.constant("axis", [axis])
        to.top(OPERATORS[layer.pool], [value, axes], keepdims=keepdims)
