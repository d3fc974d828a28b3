"""Fields that hold symbolic sizes: what the sizes of the bottoms tell when the network runs."""

from collections.abc import Iterable, Iterator
from typing import Any

from netspec.graph.readings import reading
from netspec.graph.sizes import Size
from netspec.layers.answers import Condition, LayerError
from netspec.layers.base import Layer, Types


def require_told(
    layer: Layer, field: str, sizes: Iterable[Size], bottoms: Types, help: str | None = None
) -> None:
    """LayerError for a symbolic size in a field that no bottom's sizes tell: no target has it."""
    shapes = [bottom.shape for bottom in bottoms]
    for size in sizes:
        if reading(size, shapes) is None:
            what = " and ".join(map(str, shapes))
            raise LayerError(
                "symbolic-size",
                f"`{field}` is {size}, which can't be told from what {layer.type_name} reads, "
                f"{what}",
                field=field,
                help=help or "compute it from a size of its bottom: `$(input.height * 2)`",
            )


def told(layer: Layer, bottoms: Types) -> dict[str, list[Size | None]]:
    """How each of the fields that may hold symbolic sizes is told from those of the bottoms."""
    shapes = [bottom.shape for bottom in bottoms]
    found: dict[str, list[Size | None]] = {}
    for name in layer.symbolic_fields:
        found[name] = [reading(each, shapes) for each in sizes_in(getattr(layer, name))]
    return found


def sizes_in(value: Any) -> list[Size]:
    """The sizes in a field, whatever lists they stand in; none of None."""
    if isinstance(value, list | tuple):
        return [size for each in value for size in sizes_in(each)]
    return [] if value is None else [value]


def at_least(least: int, field: str, sizes: Iterable[Size]) -> Iterator[Condition]:
    """That symbolic sizes in a field are as large as a number there must be."""
    for size in sizes:
        if not isinstance(size, int):
            message = f"`{field}` would be {size}, which is less than {least}"
            yield Condition(size + (1 - least), LayerError("bad-value", message, field=field))
