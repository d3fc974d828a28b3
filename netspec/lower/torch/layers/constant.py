"""A tensor of given values as a buffer."""

from typing import Any

from netspec.graph import Node
from netspec.layers.constant import Constant
from netspec.lower.torch.code import (
    Brackets,
    Call,
    Comprehension,
    Expr,
    Literal,
    Name,
    Pieces,
    call,
)
from netspec.lower.torch.layers.parameter import literals, sizes
from netspec.lower.torch.python.layout import number
from netspec.lower.torch.registry import Lowered, lowers
from netspec.lower.torch.terms.formulas import Formula
from netspec.lower.torch.terms.numbers import OpenTuple, is_plain

BUFFER = "nn.Buffer"


@lowers(Constant)
def constant(layer: Constant, node: Node) -> Lowered:
    persistent = Literal(layer.persistent, "persistent", True)
    return Lowered(parameter=call(BUFFER, _tensor(layer), persistent=persistent))


def _tensor(layer: Constant) -> Call:
    if isinstance(layer.value, list | tuple):
        return call("torch.tensor", _listed(layer), **_dtype(layer))
    function = {0: "torch.zeros", 1: "torch.ones"}.get(layer.value)
    kind = {} if layer.dtype == "float32" else {"dtype": Name(f"torch.{layer.dtype}")}
    if function is not None:
        return call(function, *sizes(layer.sizes), **kind)
    whole = Brackets("()", tuple(literals(layer.sizes)))
    value = layer.value
    if layer.dtype == "float32" and type(value) is int:
        value = float(value)
    elif not is_plain(value):
        kind = {"dtype": Name(f"torch.{layer.dtype}")}
    return call("torch.full", whole, Literal(value, "value"), **kind)


def _dtype(layer: Constant) -> dict[str, Name]:
    """The element type, where it isn't the one that PyTorch makes of such numbers; of a formula
    nobody sees that it gives floats.
    """
    listed = [] if isinstance(layer.value, Formula) else layer.numbers
    is_float = any(isinstance(each, float) for each in listed)
    if layer.dtype == ("float32" if is_float else "int64"):
        return {}
    return {"dtype": Name(f"torch.{layer.dtype}")}


def _listed(layer: Constant) -> Expr:
    if not isinstance(layer.value, Formula):
        return lists(layer.value)
    parts = (part if type(part) is str else Literal(part) for part in layer.value.parts)
    made: Expr = Pieces(tuple(parts))
    pairs = zip(layer.value.axes, literals(layer.sizes), strict=True)
    for axis, size in reversed([*pairs]):
        made = Comprehension(made, axis, call("range", size))
    return made


def lists(values: Any) -> Expr:
    """Numbers, or lists of them, as they are written."""
    if isinstance(values, OpenTuple):
        return Literal(values)
    if isinstance(values, list | tuple):
        return Brackets("[]", tuple(map(lists, values)))
    # Of mere numbers there may be thousands, and nothing hangs on them.
    return Name(number(values)) if is_plain(values) else Literal(values)
