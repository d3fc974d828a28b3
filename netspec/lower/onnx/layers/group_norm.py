"""GroupNorm, InstanceNorm and LayerNorm."""

import numpy as np

from netspec.graph import Shape, TensorType
from netspec.layers.group_norm import GroupNorm, InstanceNorm, LayerNorm
from netspec.lower.onnx.emitter import Emitter, bounded
from netspec.lower.onnx.layers.registry import lowers
from netspec.lower.onnx.steps.axes import standardized, stretched

LAYER_NORM = 17
"""The opset that brought LayerNormalization."""


@lowers(GroupNorm)
def group_norm(layer: GroupNorm, to: Emitter) -> None:
    """An InstanceNormalization of the groups: ONNX's GroupNormalization changed its meaning from
    opset 18 to 21, and older opsets have none.
    """
    type = to.node.bottoms[0].type
    batch, elements = type.shape[0], type.shape[1:].elements // layer.group
    groups = type.with_shape(batch, layer.group, elements)
    inputs = [*to.bottoms, to.constant("groups", [0, layer.group, -1])]
    grouped = to.step("grouped", "Reshape", inputs, groups)
    inputs = [grouped, *_plain_affine(to, layer.group)]
    normal = to.step("normal", "InstanceNormalization", inputs, groups, epsilon=layer.eps)
    shape = to.step("shape", "Shape", to.bottoms, TensorType(Shape((type.shape.rank,)), "int64"))
    if not layer.affine:
        to.top("Reshape", [normal, shape])
        return
    ungrouped = to.step("ungrouped", "Reshape", [normal, shape], type)
    scaled = to.step("scaled", "Mul", [ungrouped, stretched(to, "weight", [1])], type)
    to.top("Add", [scaled, stretched(to, "bias", [1])])


@lowers(InstanceNorm)
def instance_norm(layer: InstanceNorm, to: Emitter) -> None:
    if layer.affine:
        affine = [to.weight("weight"), to.weight("bias")]
    else:
        channels = to.node.bottoms[0].shape[1]
        assert isinstance(channels, int)  # InstanceNorm's shape rule has seen to it
        affine = _plain_affine(to, channels)
    to.top("InstanceNormalization", [*to.bottoms, *affine], epsilon=layer.eps)


@lowers(LayerNorm)
def layer_norm(layer: LayerNorm, to: Emitter) -> None:
    """ONNX's operator normalizes over the last axes only, and must have a scale."""
    shape = to.node.bottoms[0].shape
    axes = layer.axes(shape)
    is_last = axes == tuple(range(axes[0], shape.rank))
    if to.opset < LAYER_NORM or not is_last:
        _layer_norm_in_steps(layer, to)
        return
    if layer.affine:
        affine = [to.weight("weight"), to.weight("bias")]
    else:
        affine = [to.float_constant("scale", np.ones(bounded(*layer.sizes(shape))))]
    to.top("LayerNormalization", [*to.bottoms, *affine], axis=axes[0], epsilon=layer.eps)


def _layer_norm_in_steps(layer: LayerNorm, to: Emitter) -> None:
    axes = layer.axes(to.node.bottoms[0].shape)
    standardized(to, axes, layer.eps, axes if layer.affine else [])


def _plain_affine(to: Emitter, count: int) -> list[str]:
    """A scale and a shift that change nothing."""
    scale = to.float_constant("scale", np.ones(bounded(count)))
    return [scale, to.float_constant("shift", np.zeros(count))]
