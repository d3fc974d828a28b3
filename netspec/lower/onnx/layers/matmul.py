"""MatMul."""

from netspec.layers.matmul import MatMul
from netspec.lower.onnx.emitter import Emitter
from netspec.lower.onnx.layers.registry import lowers


@lowers(MatMul)
def matmul(layer: MatMul, to: Emitter) -> None:
    one, other = to.bottoms
    if layer.transpose:
        type = to.node.bottoms[1].type
        axes = list(range(type.shape.rank))
        axes[-2:] = reversed(axes[-2:])
        turned = type.with_shape(*(type.shape[axis] for axis in axes))
        other = to.step("transposed", "Transpose", [other], turned, perm=axes)
    if layer.scale == 1:
        to.top("MatMul", [one, other])
        return
    product = to.step("product", "MatMul", [one, other], to.node.tops[0].type)
    to.top("Mul", [product, to.float_constant("scale", layer.scale)])
