"""Kinds of field that several layers share."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, GetPydanticSchema, WithJsonSchema
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import no_info_wrap_validator_function

from netspec.graph.sizes import SymbolicSize

MAX_SIZE = 2**31 - 1
"""The largest size or count of a field; what frameworks index with."""

Count = Annotated[int, Field(ge=1, le=MAX_SIZE)]
"""A number of things: channels, groups, elements."""


def pair(value: object) -> object:
    """A single size stands for both axes."""
    if isinstance(value, int | SymbolicSize) and not isinstance(value, bool):
        return (value, value)
    if isinstance(value, list):
        if len(value) != 2:
            raise PydanticCustomError(
                "pair_length",
                "expected one size for both axes or two, [height, width], but got a list of "
                "{length}",
                {"length": len(value)},
            )
        return tuple(value)
    if isinstance(value, tuple):
        return value
    raise PydanticCustomError("pair_type", "expected an integer or a pair of them, [height, width]")


def _pair_schema(minimum: int) -> WithJsonSchema:
    size: dict[str, Any] = {"type": "integer", "minimum": minimum}
    pairs = {"type": "array", "items": size, "minItems": 2, "maxItems": 2}
    return WithJsonSchema({"anyOf": [size, pairs]})


Extent = Annotated[int, Field(ge=1, le=MAX_SIZE)]
Margin = Annotated[int, Field(ge=0, le=MAX_SIZE)]

ExtentPair = Annotated[tuple[Extent, Extent], BeforeValidator(pair), _pair_schema(1)]
"""Two sizes of at least 1, height first; one stands for both."""

MarginPair = Annotated[tuple[Margin, Margin], BeforeValidator(pair), _pair_schema(0)]
"""Two sizes of at least 0, height first; one stands for both."""


def as_list(value: object) -> object:
    """A single number stands for a list of one."""
    is_single = isinstance(value, int | SymbolicSize) and not isinstance(value, bool)
    return [value] if is_single else value


def _list_schema(minimum: int) -> WithJsonSchema:
    number: dict[str, Any] = {"type": "integer", "minimum": minimum}
    return WithJsonSchema({"anyOf": [number, {"type": "array", "items": number}]})


Counts = Annotated[list[Count], BeforeValidator(as_list), _list_schema(1)]
"""Numbers of at least 1; one may stand alone."""


def or_symbolic(of: Any) -> GetPydanticSchema:
    """What makes a field of integers take symbolic sizes, too."""

    def kept(value: Any, validated: Any) -> Any:
        return value if isinstance(value, SymbolicSize) else validated(value)

    def schema(source: Any, handler: Any) -> Any:
        return no_info_wrap_validator_function(kept, handler.generate_schema(of))

    return GetPydanticSchema(schema)


SymbolicExtent = Annotated[int | SymbolicSize, or_symbolic(Extent)]
"""A size of at least 1, or a symbolic one."""
SymbolicMargin = Annotated[int | SymbolicSize, or_symbolic(Margin)]
"""A size of at least 0, or a symbolic one."""

SymbolicPair = Annotated[
    tuple[SymbolicExtent, SymbolicExtent], BeforeValidator(pair), _pair_schema(1)
]
"""Two sizes of at least 1, height first, each maybe symbolic; one stands for both."""

Margins = Annotated[list[SymbolicMargin], BeforeValidator(as_list), _list_schema(0)]
"""Numbers of at least 0, each maybe a symbolic size; one may stand alone."""
