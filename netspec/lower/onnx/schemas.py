"""Which element types ONNX's operators take, and since which opset: onnx's own schemas know."""

from collections.abc import Sequence
from functools import cache

from onnx import defs

from netspec.lower.onnx.opsets import NEWEST_OPSET
from netspec.lower.onnx.runtime import newest_known

ElementTypes = Sequence[str | None]
"""Element types by their names here, one for each value; None where there's no value."""

_NAMES = {"float32": "float", "float64": "double"}
"""Element types that ONNX calls otherwise."""


def refusal(op_type: str, opset: int, inputs: ElementTypes, outputs: ElementTypes) -> str | None:
    """Why no operator of the opset takes these element types; None where it does, or where there
    is no such operator, which is for the checker to say.
    """
    wrong = _wrong_type(op_type, opset, inputs, outputs)
    if wrong is None:
        return None
    for later in range(opset + 1, min(NEWEST_OPSET, newest_known()) + 1):
        if _wrong_type(op_type, later, inputs, outputs) is None:
            return f"ONNX's {op_type} takes {wrong} from opset {later} on; this is opset {opset}"
    return f"ONNX's {op_type} takes no {wrong}"


def takes(op_type: str, opset: int, *dtypes: str) -> bool:
    """Whether an operator's first inputs may be of these element types."""
    return _wrong_type(op_type, opset, dtypes, []) is None


def _wrong_type(
    op_type: str, opset: int, inputs: ElementTypes, outputs: ElementTypes
) -> str | None:
    """The first element type that the operator has no place for."""
    for types, allowed in zip((inputs, outputs), _allowed(op_type, opset) or (), strict=False):
        for place, dtype in enumerate(types):
            # The last place of an operator with any number of inputs stands for all further ones.
            if dtype is not None and dtype not in allowed[min(place, len(allowed) - 1)]:
                return dtype
    return None


@cache
def _allowed(op_type: str, opset: int) -> tuple[list[set[str]], list[set[str]]] | None:
    """The element types that each input and each output may be of; None for no such operator."""
    try:
        schema = defs.get_schema(op_type, opset)
    except defs.SchemaError:
        return None
    inputs = [_names(each.types) for each in schema.inputs]
    return inputs, [_names(each.types) for each in schema.outputs]


def _names(types: set[str]) -> set[str]:
    """ONNX's `tensor(float)` and the like by our names."""
    ours = {f"tensor({theirs})": name for name, theirs in _NAMES.items()}
    return {ours.get(each, each.removeprefix("tensor(").removesuffix(")")) for each in types}
