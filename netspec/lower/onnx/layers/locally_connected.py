"""The locally connected layer."""

import numpy as np

from netspec.graph import Shape, TensorType
from netspec.layers.fields import spread
from netspec.layers.locally_connected import LocallyConnected
from netspec.lower.onnx.emitter import Emitter, bounded
from netspec.lower.onnx.layers.registry import lowers


@lowers(LocallyConnected)
def locally_connected(layer: LocallyConnected, to: Emitter) -> None:
    """The windows, cut out by the numbers of their places, place by place times its filters."""
    bottom, top = to.node.bottoms[0].type, to.node.tops[0].type
    batch, channels, height, width = bottom.shape
    outputs, places = layer.num_output, top.shape[2:].elements
    assert isinstance(height, int)
    assert isinstance(width, int)
    above, left = spread(layer.pad, 2)
    value = to.bottoms[0]
    if above or left:
        margins = to.constant("margins", [0, 0, above, left] * 2)
        height, width = height + 2 * above, width + 2 * left
        wide = bottom.with_shape(batch, channels, height, width)
        value = to.step("padded", "Pad", [value, margins], wide)
    flat = to.constant("flat_shape", [0, 0, -1])
    type = bottom.with_shape(batch, channels, height * width)
    value = to.step("flat", "Reshape", [value, flat], type)
    numbers = _places(layer, to, width)
    size = numbers.shape[1]
    type = bottom.with_shape(batch, channels, places, size)
    value = to.step("windows", "Gather", [value, to.constant("places", numbers)], type, axis=2)
    type = bottom.with_shape(places, batch, channels, size)
    value = to.step("turned", "Transpose", [value], type, perm=[2, 0, 1, 3])
    window = layer.window([bottom])
    type = bottom.with_shape(places, batch, window)
    vectors = to.constant("vectors", [0, 0, window])
    value = to.step("window_vectors", "Reshape", [value, vectors], type)
    turned = TensorType(Shape((places, window, outputs)), top.dtype)
    filters = to.step("filters", "Transpose", [to.weight("weight")], turned, perm=[2, 1, 0])
    type = top.with_shape(places, batch, outputs)
    value = to.step("product", "MatMul", [value, filters], type)
    type = top.with_shape(batch, outputs, places)
    value = to.step("product_turned", "Transpose", [value], type, perm=[1, 2, 0])
    if layer.bias_term:
        value = to.step("biased", "Add", [value, to.weight("bias")], type)
    to.top("Reshape", [value, to.constant("shape", [0, 0, *top.shape[2:]])])


def _places(layer: LocallyConnected, to: Emitter, width: int) -> np.ndarray:
    """The numbers of the places in each window: a row of the table for each window."""
    rows, columns = to.node.tops[0].shape[2:]
    assert isinstance(rows, int)
    assert isinstance(columns, int)
    (high, wide), (down, right) = spread(layer.kernel_size, 2), spread(layer.stride, 2)
    bounded(rows * columns, high * wide)
    y = np.arange(rows)[:, None] * down + np.arange(high)
    x = np.arange(columns)[:, None] * right + np.arange(wide)
    table = y[:, None, :, None] * width + x[None, :, None, :]
    return table.reshape(rows * columns, -1)
