"""Roll."""

from netspec.graph import Node
from netspec.layers.roll import Roll
from netspec.lower.torch.code import Literal, Value, call
from netspec.lower.torch.registry import Lowered, lowers


@lowers(Roll)
def roll(layer: Roll, node: Node) -> Lowered:
    settings = {
        "shifts": Literal(_given(layer.shift), "shifts"),
        "dims": Literal(_given(layer.axis)),
    }
    return Lowered(function=lambda operands: call("torch.roll", operands[0], **settings))


def _given(numbers: int | list[int]) -> Value:
    return numbers if isinstance(numbers, int) else tuple(numbers)
