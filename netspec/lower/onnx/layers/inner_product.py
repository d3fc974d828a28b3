"""InnerProduct."""

from netspec.graph import Shape, TensorType
from netspec.layers.inner_product import DropConnect, InnerProduct
from netspec.lower.onnx.emitter import Emitter
from netspec.lower.onnx.layers.registry import lowers


@lowers(InnerProduct, DropConnect)
def inner_product(layer: InnerProduct, to: Emitter) -> None:
    """Gemm on a matrix; MatMul and Add where the vectors aren't arranged as one."""
    shape = to.node.bottoms[0].shape
    axis = layer.axis % shape.rank
    if axis == 1:
        _gemm(layer, to)
    else:
        _matmul(layer, to, axis)


def _gemm(layer: InnerProduct, to: Emitter) -> None:
    (bottom,) = to.node.bottoms
    vectors = bottom.name
    if bottom.shape.rank > 2:
        flat = bottom.type.with_shape(bottom.shape[0], layer.inputs([bottom.type]))
        vectors = to.step("flat", "Flatten", [vectors], flat, axis=1)
    inputs, turned = [vectors, to.weight("weight")], int(not layer.transpose)
    (top,) = to.node.tops
    if layer.bias_term and top.type.dtype == "float16":
        # A Gemm that adds a bias of float16 isn't read by every runtime.
        product = to.step("product", "Gemm", inputs, top.type, transB=turned)
        to.top("Add", [product, to.weight("bias")])
        return
    if layer.bias_term:
        inputs.append(to.weight("bias"))
    to.top("Gemm", inputs, transB=turned)


def _matmul(layer: InnerProduct, to: Emitter, axis: int) -> None:
    (bottom,), (top,) = to.node.bottoms, to.node.tops
    length = layer.inputs([bottom.type])
    vectors = bottom.name
    if axis != bottom.shape.rank - 1:
        # A zero copies the size that stands there, so sizes before the axis may be symbolic.
        shape = to.constant("shape", [0] * axis + [length])
        flat = bottom.type.with_shape(*bottom.shape[:axis], length)
        vectors = to.step("flat", "Reshape", [vectors, shape], flat)
    matrix = to.weight("weight")
    if not layer.transpose:
        turned = TensorType(Shape((length, layer.num_output)), top.type.dtype)
        matrix = to.step("transposed", "Transpose", [matrix], turned, perm=[1, 0])
    if layer.bias_term:
        product = to.step("product", "MatMul", [vectors, matrix], top.type)
        to.top("Add", [product, to.weight("bias")])
    else:
        to.top("MatMul", [vectors, matrix])
