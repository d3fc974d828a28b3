"""The fully connected layer."""

from netspec.graph import Node
from netspec.layers.inner_product import DropConnect, InnerProduct
from netspec.lower.torch.code import Expr, Literal, call
from netspec.lower.torch.layers.shape import flatten
from netspec.lower.torch.registry import Lowered, lowers


@lowers(InnerProduct)
def inner_product(layer: InnerProduct, node: Node) -> Lowered:
    helper = "TransposedLinear" if layer.transpose else ""
    return _linear(layer, node, helper)


@lowers(DropConnect)
def drop_connect(layer: DropConnect, node: Node) -> Lowered:
    helper = "TransposedDropConnect" if layer.transpose else "DropConnect"
    return _linear(layer, node, helper, p=Literal(layer.drop_ratio, "p", 0.5))


def _linear(layer: InnerProduct, node: Node, helper: str, **settings: Literal) -> Lowered:
    bottom = node.bottoms[0].type
    axis = layer.axis % bottom.shape.rank
    module = call(
        helper or "nn.Linear",
        Literal(layer.inputs([bottom]), "in_features"),
        Literal(layer.num_output, "out_features"),
        bias=Literal(layer.bias_term, "bias", True),
        **settings,
    )

    def flattened(operand: Expr) -> Expr:
        return flatten(operand, axis, -1)

    is_last = axis == bottom.shape.rank - 1
    return Lowered(
        module,
        prepare=None if is_last else flattened,
        helper=helper,
        optional_bias=bool(helper),
    )
