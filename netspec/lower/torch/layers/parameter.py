"""A learned tensor as an attribute."""

from netspec.graph import Node
from netspec.layers.parameter import Parameter
from netspec.lower.torch.code import Brackets, Call, Expr, Literal, call
from netspec.lower.torch.registry import Lowered, lowers

TENSOR = "nn.Parameter"


@lowers(Parameter)
def parameter(layer: Parameter, node: Node) -> Lowered:
    filler = layer.filler
    if filler.type != "constant":
        return Lowered(parameter=call(TENSOR, call("torch.empty", *sizes(layer.shape))))
    return Lowered(parameter=call(TENSOR, _constant(layer, filler.value)), filled={"": filler})


def _constant(layer: Parameter, value: float) -> Call:
    function = {0.0: "torch.zeros", 1.0: "torch.ones"}.get(value)
    if function is not None:
        return call(function, *sizes(layer.shape))
    whole = Brackets("()", tuple(literals(layer.shape)))
    return call("torch.full", whole, Literal(value, "value"))


def sizes(shape: list[int]) -> list[Expr]:
    """The sizes as arguments; those of a scalar as an empty tuple."""
    return [*literals(shape)] or [Brackets("()", ())]


def literals(shape: list[int]) -> list[Literal]:
    names = ["size"] if len(shape) == 1 else [f"size{axis}" for axis in range(len(shape))]
    return [Literal(size, name) for size, name in zip(shape, names, strict=True)]
