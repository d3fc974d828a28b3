"""Layers that make a distribution of the values along an axis."""

from netspec.graph import Node
from netspec.layers.softmax import LogSoftmax, Softmax
from netspec.lower.torch.code import Literal, call, method
from netspec.lower.torch.registry import Lowered, lowers


@lowers(Softmax)
def softmax(layer: Softmax, node: Node) -> Lowered:
    axis = Literal(layer.axis, "dim")
    return Lowered(
        call("nn.Softmax", dim=axis), lambda operands: method(operands[0], "softmax", axis)
    )


@lowers(LogSoftmax)
def log_softmax(layer: LogSoftmax, node: Node) -> Lowered:
    axis = Literal(layer.axis, "dim")
    return Lowered(
        call("nn.LogSoftmax", dim=axis), lambda operands: method(operands[0], "log_softmax", axis)
    )
