"""Unpooling."""

from math import prod

import numpy as np
from onnx import numpy_helper

from netspec.graph import TensorType
from netspec.layers.unpooling import Unpooling
from netspec.lower.onnx.emitter import Emitter
from netspec.lower.onnx.layers.registry import lowers
from netspec.lower.onnx.steps.sizes import joined, sizes_of
from netspec.lower.values import element_type


@lowers(Unpooling)
def unpooling(layer: Unpooling, to: Emitter) -> None:
    """ONNX's MaxUnpool wants indices through the whole tensor; the mask's are those of each image,
    which ScatterElements takes along an axis.
    """
    blob, _ = to.node.bottoms
    batch, channels, *sizes = to.node.tops[0].shape
    known = [size for size in sizes if isinstance(size, int)]  # all are: the layer has seen to it
    vectors = to.constant("vectors", [0, 0, -1])
    flat = blob.type.with_shape(batch, channels, blob.shape[2:].elements)
    values = to.step("values", "Reshape", [to.bottoms[0], vectors], flat)
    indices = TensorType(flat.shape, "int64")
    places = to.step("places", "Reshape", [to.bottoms[1], vectors], indices)
    image = blob.type.with_shape(batch, channels, prod(known))
    zeros = _zeros(to, image, prod(known))
    filled = to.step("filled", "ScatterElements", [zeros, places, values], image, axis=2)
    to.top("Reshape", [filled, to.constant("shape", [0, 0, *known])])


def _zeros(to: Emitter, type: TensorType, area: int) -> str:
    """Zeros of a shape whose first two sizes are the bottom's."""
    front = sizes_of(to, "front", 0, 0, 2)
    shape = joined(to, "size", [front, to.constant("area", [area])], 3)
    value = numpy_helper.from_array(np.zeros(1, element_type(type.dtype)))
    return to.step("zeros", "ConstantOfShape", [shape], type, value=value)
