"""Scale and Bias."""

from netspec.graph import TensorType
from netspec.layers.affine import Bias, Scale, Stretching
from netspec.lower.onnx.emitter import Emitter
from netspec.lower.onnx.layers.registry import lowers
from netspec.lower.onnx.steps.axes import stretched


@lowers(Scale)
def scale(layer: Scale, to: Emitter) -> None:
    factors = _second(layer, to, "weight")
    if not layer.bias_term:
        to.top("Mul", [to.bottoms[0], factors])
        return
    scaled = to.step("scaled", "Mul", [to.bottoms[0], factors], to.node.bottoms[0].type)
    to.top("Add", [scaled, stretched(to, "bias", _axes(layer, to))])


@lowers(Bias)
def bias(layer: Bias, to: Emitter) -> None:
    to.top("Add", [to.bottoms[0], _second(layer, to, "bias")])


def _second(layer: Stretching, to: Emitter, suffix: str) -> str:
    """The weight or the second bottom, with axes of size 1 behind its own."""
    types = _types(to)
    if len(types) == 1:
        return stretched(to, suffix, _axes(layer, to))
    trailing = layer.trailing(types)
    if not trailing:
        return to.bottoms[1]
    own = types[1].shape
    axes = to.constant("axes", range(own.rank, own.rank + trailing))
    type = types[1].with_shape(*own, *[1] * trailing)
    return to.step("stretched", "Unsqueeze", [to.bottoms[1], axes], type)


def _axes(layer: Stretching, to: Emitter) -> range:
    """The first bottom's axes that the stretched blob covers."""
    first = layer.first_axis(_types(to))
    return range(first, first + layer.covered(_types(to)).rank)


def _types(to: Emitter) -> list[TensorType]:
    return [blob.type for blob in to.node.bottoms]
