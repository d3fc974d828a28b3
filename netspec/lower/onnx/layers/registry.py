"""What each layer becomes in ONNX: one function a layer, registered by the layer's class."""

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

from netspec.layers import Layer
from netspec.lower.onnx.emitter import Emitter, NotLowerable
from netspec.lower.registry import Registry
from netspec.plugins import PluginError, failure, find_lowering

GROUP = "netspec.lower.onnx"
"""The entry points of custom layers' lowerings."""

LayerType = TypeVar("LayerType", bound=Layer)
Lowering: TypeAlias = Callable[[LayerType, Emitter], None]

_REGISTRY = Registry("lowerings to ONNX")
LOWERINGS = _REGISTRY.functions
"""A function writes the nodes of its layer, which is its first argument; it raises NotLowerable
where this use of the layer can't be expressed.
"""

REFUSED = _REGISTRY.refused
"""Why the other layers of the catalogue have none."""


def lowers(*layers: type[LayerType]) -> Callable[[Lowering[LayerType]], Lowering[LayerType]]:
    """Register the lowering of a layer's class, or of several classes."""

    def register(lowering: Lowering[LayerType]) -> Lowering[LayerType]:
        _REGISTRY.add(layers, lowering)
        return lowering

    return register


def refuses(*layers: type[Layer], reason: str) -> None:
    """Register that layers have no lowering, and why; a reason may name the layer's {path}."""
    _REGISTRY.refuse(layers, reason)


def lower(to: Emitter) -> None:
    """Write the nodes of the emitter's layer; NotLowerable where that can't be."""
    layer = to.node.layer
    kind: Any = type(layer)
    if kind not in LOWERINGS:
        if _lower_custom(to):
            return
        reason = REFUSED.get(kind, "netspec has no way to express {type} in ONNX")
        raise NotLowerable(reason.format(path=to.node.path, type=layer.type_name))
    LOWERINGS[kind](layer, to)


def _lower_custom(to: Emitter) -> bool:
    """Write a custom layer's nodes as the package that it comes from says; False if it doesn't."""
    layer = to.node.layer
    try:
        lowering = find_lowering(GROUP, layer)
    except PluginError as error:
        raise NotLowerable(str(error)) from error
    if lowering is None:
        return False
    try:
        lowering(layer, to)
    except NotLowerable:
        raise
    except Exception as error:
        raise NotLowerable(str(failure(layer, error))) from error
    return True
