"""Scale and Bias."""

from collections.abc import Sequence

from netspec.graph import Node
from netspec.graph.fillers import ONES, ZEROS
from netspec.layers.affine import Bias, Scale, Stretching
from netspec.lower.torch.code import Call, Expr, Literal, Name, Operation, call
from netspec.lower.torch.python.layout import flat
from netspec.lower.torch.registry import Functional, Lowered, lowers


@lowers(Scale)
def scale(layer: Scale, node: Node) -> Lowered:
    if len(node.bottoms) == 1:
        has_bias = Literal(layer.bias_term, "bias", False)
        module = _learned("LearnedScale", layer, node, bias=has_bias)
        filled = {"weight": ONES, "bias": ZEROS}
        return Lowered(module, filled=filled, helper="LearnedScale", optional_bias=True)
    if layer.bias_term:
        module = _learned("BiasedProduct", layer, node)
        return Lowered(module, filled={"bias": ZEROS}, helper="BiasedProduct")
    return Lowered(function=_stretched("*", layer, node))


@lowers(Bias)
def bias(layer: Bias, node: Node) -> Lowered:
    if len(node.bottoms) == 1:
        module = _learned("LearnedBias", layer, node)
        return Lowered(module, filled={"bias": ZEROS}, helper="LearnedBias")
    return Lowered(function=_stretched("+", layer, node))


def _learned(helper: str, layer: Stretching, node: Node, **settings: Literal) -> Call:
    """A module with blobs of the axes covered, told how many axes of the bottom follow them."""
    bottoms = [blob.type for blob in node.bottoms]
    shape = Literal(layer.learned_shape(bottoms), "shape")
    trailing = Literal(layer.trailing(bottoms), "trailing", 2)
    return call(helper, shape, trailing=trailing, **settings)


def _stretched(operator: str, layer: Stretching, node: Node) -> Functional:
    """The expression with the second operand under the first one's axes."""
    trailing = layer.trailing([blob.type for blob in node.bottoms])

    def combined(operands: Sequence[Expr]) -> Expr:
        whole, stretched = operands
        if trailing:
            axes = ", ".join(["...", *["None"] * trailing])
            stretched = Name(f"{flat(stretched)}[{axes}]")
        return Operation((whole, stretched), (operator,))

    return combined
