"""Kinds of field that several layers share."""

from typing import Annotated, Any

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    GetPydanticSchema,
    Tag,
    WithJsonSchema,
)
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


def _fixed(item: dict[str, Any], length: int, shown: str) -> dict[str, Any]:
    """The schema of a list of so many, which a layer's page shows as written here."""
    bounds = {"minItems": length, "maxItems": length}
    return {"type": "array", "items": item, **bounds, "shown": shown}


def _pair_schema(minimum: int) -> WithJsonSchema:
    size: dict[str, Any] = {"type": "integer", "minimum": minimum}
    pairs = _fixed(size, 2, "[height, width]")
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


# `Any`: to a type checker a list of integers is no list of sizes.
SymbolicExtent = Annotated[Any, or_symbolic(Extent)]
"""A size of at least 1, or a symbolic one."""
SymbolicMargin = Annotated[Any, or_symbolic(Margin)]
"""A size of at least 0, or a symbolic one."""

SymbolicPair = Annotated[
    tuple[SymbolicExtent, SymbolicExtent], BeforeValidator(pair), _pair_schema(1)
]
"""Two sizes of at least 1, height first, each maybe symbolic; one stands for both."""

Margins = Annotated[list[SymbolicMargin], BeforeValidator(as_list), _list_schema(0)]
"""Numbers of at least 0, each maybe a symbolic size; one may stand alone."""


def _sides_kind(value: object) -> str:
    if not isinstance(value, list):
        return "int"
    return "list[list]" if any(isinstance(each, list) for each in value) else "list[int]"


_MARGIN: dict[str, Any] = {"type": "integer", "minimum": 0}
_PAIR = _fixed(_MARGIN, 2, "[before, after]")
_SIDES = [
    _MARGIN,
    _fixed(_MARGIN, 4, "[top, bottom, left, right]"),
    {"type": "array", "items": _PAIR, "minItems": 1, "maxItems": 3},
]

Sides = Annotated[
    Annotated[SymbolicMargin, Tag("int")]
    | Annotated[list[SymbolicMargin], Tag("list[int]")]
    | Annotated[list[list[SymbolicMargin]], Tag("list[list]")],
    Discriminator(_sides_kind),
    WithJsonSchema({"anyOf": _SIDES}),
]
"""Margins: one for all sides, [before, after] for each axis, or [top, bottom, left, right]."""
