"""The fully connected layer."""

from netspec.graph import Node
from netspec.layers.inner_product import InnerProduct
from netspec.lower.torch.code import Expr, Literal, call
from netspec.lower.torch.layers.shape import flatten
from netspec.lower.torch.registry import Lowered, lowers


@lowers(InnerProduct)
def inner_product(layer: InnerProduct, node: Node) -> Lowered:
    bottom = node.bottoms[0].type
    axis = layer.axis % bottom.shape.rank
    helper = "TransposedLinear" if layer.transpose else ""
    module = call(
        helper or "nn.Linear",
        Literal(layer.inputs([bottom]), "in_features"),
        Literal(layer.num_output, "out_features"),
        bias=Literal(layer.bias_term, "bias", True),
    )

    def flattened(operand: Expr) -> Expr:
        return flatten(operand, axis, -1)

    is_last = axis == bottom.shape.rank - 1
    return Lowered(
        module,
        prepare=None if is_last else flattened,
        helper=helper,
        overwritable=True,
        optional_bias=layer.transpose,
    )
