"""What each layer becomes in Caffe: one function a layer, registered by the layer's class."""

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias, TypeVar

from netspec.graph import Node
from netspec.layers import Layer
from netspec.lower.prototxt.pieces import Inexpressible, Piece
from netspec.lower.registry import Registry

LayerType = TypeVar("LayerType", bound=Layer)
Writing: TypeAlias = Callable[[LayerType, Node], Piece | Iterable[Piece]]

_REGISTRY = Registry("ways to Caffe")
WRITINGS = _REGISTRY.functions
"""A function gives the pieces of its layer, of which there is at least one; Inexpressible where
Caffe has nothing for this use of the layer.
"""

REFUSED = _REGISTRY.refused
"""Why the other layers of the catalogue become nothing."""


def writes(*layers: type[LayerType]) -> Callable[[Writing[LayerType]], Writing[LayerType]]:
    """Register what a layer's class becomes, or several classes."""

    def register(writing: Writing[LayerType]) -> Writing[LayerType]:
        _REGISTRY.add(layers, writing)
        return writing

    return register


def refuses(*layers: type[Layer], reason: str) -> None:
    """Register that Caffe has nothing for layers, and why; a reason may name the {type}."""
    _REGISTRY.refuse(layers, reason)


def pieces_of(node: Node) -> list[Piece]:
    """What a layer becomes; Inexpressible where that's nothing."""
    kind: Any = type(node.layer)
    if kind not in WRITINGS:
        reason = REFUSED.get(kind, "netspec knows no layer of Caffe's for {type}")
        raise Inexpressible(reason.format(type=node.type))
    made = WRITINGS[kind](node.layer, node)
    return [made] if isinstance(made, Piece) else list(made)
