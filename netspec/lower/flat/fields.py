"""What an entry says of its layer: fields and `param`, where they aren't the defaults."""

from typing import Any

from netspec.graph import Node, Parameter, SymbolicSize
from netspec.graph.fillers import Filler
from netspec.graph.readings import place, reading, written
from netspec.layers import Layer
from netspec.lower.flat.called import Called
from netspec.source.writer import Flow


def fields_of(node: Node, called: Called) -> dict[str, Any]:
    """The layer's own fields where they aren't the defaults, or were said and should be."""
    layer = node.layer
    assert isinstance(layer, Layer)
    kind = type(layer)
    values = {name: getattr(layer, name) for name in kind.model_fields}
    stated = layer.model_fields_set.intersection(kind.stated)
    return {
        name: _told(_plain(value), node, called)
        for name, value in values.items()
        if kind.model_fields[name].is_required()
        or value != kind.model_fields[name].default
        or name in stated
    }


def _plain(value: Any) -> Any:
    """A field's value as a spec has it: sizes as a list, a filler as a mapping."""
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Filler):
        return Flow(type=value.type, **value.model_dump(exclude_defaults=True, exclude={"type"}))
    return value


def _told(value: Any, node: Node, called: Called) -> Any:
    """The value with symbolic sizes as expressions of the sizes that the layer reads."""
    if isinstance(value, list):
        return [_told(each, node, called) for each in value]
    if not isinstance(value, SymbolicSize):
        return value
    found = reading(value, node.bottom)
    assert found is not None  # the shape rule has seen to it

    def name(symbol: str) -> str:
        number, axis = place(symbol)
        return f"{called.name(node.bottoms[number].name)}.shape[{axis}]"

    return f"$({written(found, name)})"


def param_of(node: Node, shared: set[str]) -> list[Flow]:
    """The `param` list, if any of the layer's weights is shared or has multipliers."""
    weights = [parameter for parameter in node.parameters if not parameter.buffer]
    settings = [_setting(parameter, shared) for parameter in weights]
    return settings if any(settings) else []


def _setting(parameter: Parameter, shared: set[str]) -> Flow:
    setting = Flow()
    if parameter.owner in shared:
        setting["name"] = parameter.owner
    if parameter.lr_mult != 1:
        setting["lr_mult"] = parameter.lr_mult
    if parameter.decay_mult != 1:
        setting["decay_mult"] = parameter.decay_mult
    return setting
