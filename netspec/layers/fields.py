"""Kinds of field that several layers share."""

from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Discriminator, Field, GetPydanticSchema, Tag, WithJsonSchema
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import no_info_wrap_validator_function

from netspec.graph.sizes import Size, SymbolicSize

MAX_SIZE = 2**31 - 1
"""The largest size or count of a field; what frameworks index with."""

Count = Annotated[int, Field(ge=1, le=MAX_SIZE)]
"""A number of things: channels, groups, elements."""


def _fixed(item: dict[str, Any], length: int, shown: str) -> dict[str, Any]:
    """The schema of a list of so many, which a layer's page shows as written here."""
    bounds = {"minItems": length, "maxItems": length}
    return {"type": "array", "items": item, **bounds, "shown": shown}


Extent = Annotated[int, Field(ge=1, le=MAX_SIZE)]
Margin = Annotated[int, Field(ge=0, le=MAX_SIZE)]

MAX_AXES = 3
"""The most spatial axes that windows slide along."""

SizeType = TypeVar("SizeType", int, Size)


def extents(value: object) -> object:
    """A number stays one, for it's not known yet how many axes it serves."""
    if isinstance(value, int | SymbolicSize) and not isinstance(value, bool):
        return value
    if not isinstance(value, list | tuple):
        raise PydanticCustomError(
            "extents_type", "expected an integer or a list, one for each axis"
        )
    if not 1 <= len(value) <= MAX_AXES:
        raise PydanticCustomError(
            "extents_length",
            "expected one size for all spatial axes, or a list of one to three, but got a list of "
            "{length}",
            {"length": len(value)},
        )
    return tuple(value)


def _kind(value: object) -> str:
    return "list[int]" if isinstance(value, list | tuple) else "int"


def _extents_schema(minimum: int) -> WithJsonSchema:
    size: dict[str, Any] = {"type": "integer", "minimum": minimum}
    bounds = {"minItems": 1, "maxItems": MAX_AXES, "shown": "list with one for each axis"}
    return WithJsonSchema({"anyOf": [size, {"type": "array", "items": size, **bounds}]})


Extents = Annotated[
    Annotated[Extent, Tag("int")] | Annotated[tuple[Extent, ...], Tag("list[int]")],
    Discriminator(_kind),
    BeforeValidator(extents),
    _extents_schema(1),
]
"""Sizes of at least 1, one for each spatial axis, the outermost first; a number serves them all."""

Paddings = Annotated[
    Annotated[Margin, Tag("int")] | Annotated[tuple[Margin, ...], Tag("list[int]")],
    Discriminator(_kind),
    BeforeValidator(extents),
    _extents_schema(0),
]
"""Sizes of at least 0, one for each spatial axis, the outermost first; a number serves them all."""


def spread(sizes: SizeType | tuple[SizeType, ...], axes: int) -> tuple[SizeType, ...]:
    """The sizes along so many axes; a list's own, of which a bottom has shown that they fit.

    >>> spread(3, 2), spread((1, 3, 3), 3)
    ((3, 3), (1, 3, 3))
    """
    return sizes if isinstance(sizes, tuple) else (sizes,) * axes


def aligned(*fields: Extents) -> list[tuple[int, ...]]:
    """The sizes of several fields, axis by axis, as far as can be said without a bottom.

    >>> aligned(2, (1, 3))
    [(2, 1), (2, 3)]
    """
    axes = max(len(each) if isinstance(each, tuple) else 1 for each in fields)
    return list(zip(*(spread(each, axes) for each in fields), strict=False))


def as_list(value: object) -> object:
    """A single number stands for a list of one."""
    is_single = isinstance(value, int | SymbolicSize) and not isinstance(value, bool)
    return [value] if is_single else value


def _list_schema(minimum: int) -> WithJsonSchema:
    number: dict[str, Any] = {"type": "integer", "minimum": minimum}
    return WithJsonSchema({"anyOf": [number, {"type": "array", "items": number}]})


Counts = Annotated[list[Count], BeforeValidator(as_list), _list_schema(1)]
"""Numbers of at least 1; one may stand alone."""


_INTEGER: dict[str, Any] = {"type": "integer"}
_INTEGERS = {"type": "array", "items": _INTEGER, "minItems": 1}

Integers = Annotated[int | list[int], WithJsonSchema({"anyOf": [_INTEGER, _INTEGERS]})]
"""An integer or a list of some; that it isn't empty, the layer says in its own words."""


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

SymbolicExtents = Annotated[
    Annotated[SymbolicExtent, Tag("int")] | Annotated[tuple[SymbolicExtent, ...], Tag("list[int]")],
    Discriminator(_kind),
    BeforeValidator(extents),
    _extents_schema(1),
]
"""Sizes of at least 1, one for each spatial axis, each maybe symbolic; one serves them all."""

Margins = Annotated[list[SymbolicMargin], BeforeValidator(as_list), _list_schema(0)]
"""Numbers of at least 0, each maybe a symbolic size; one may stand alone."""


_MARGIN: dict[str, Any] = {"type": "integer", "minimum": 0}
_PAIR = _fixed(_MARGIN, 2, "[before, after]")
_SIDES = [
    _MARGIN,
    _fixed(_MARGIN, 4, "[top, bottom, left, right]"),
    {"type": "array", "items": _PAIR, "minItems": 1, "maxItems": 3},
]

_Side = Annotated[
    Annotated[SymbolicMargin, Tag("int")] | Annotated[list[SymbolicMargin], Tag("list[int]")],
    Discriminator(_kind),
]
Sides = Annotated[
    Annotated[SymbolicMargin, Tag("int")] | Annotated[list[_Side], Tag("list[int]")],
    Discriminator(_kind),
    WithJsonSchema({"anyOf": _SIDES}),
]
"""Margins: one for all sides, [before, after] for each axis, or [top, bottom, left, right].

Each may be a symbolic size.
"""
