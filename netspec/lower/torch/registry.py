"""What each layer becomes in PyTorch: one function a layer, registered by the layer's class."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from netspec.diagnostics import Diagnostics
from netspec.graph import Filler, Node
from netspec.layers import Layer
from netspec.lower.torch.code import Call, Expr

Functional: TypeAlias = Callable[[Sequence[Expr]], Expr]


@dataclass(frozen=True, slots=True)
class Lowered:
    """A layer in PyTorch: a module, a function of the operands, or the choice of both.

    `module` is the constructor's call. `function` is what a person writes in `forward` instead;
    it's used where there is no module, where the layer has no name that an attribute can bear,
    and everywhere if `inline`. `prepare` is applied to the module's operand (an implicit
    flattening). `filled` says by suffix what the constructor itself fills as the spec asks.
    `helper` is the template of a class or function that PyTorch lacks.
    """

    module: Call | None = None
    function: Functional | None = None
    inline: bool = False
    prepare: Callable[[Expr], Expr] | None = None
    filled: Mapping[str, Filler] = field(default_factory=dict)
    helper: str = ""


LayerType = TypeVar("LayerType", bound=Layer)
Lowering: TypeAlias = Callable[[LayerType, Node], Lowered]

_LOWERINGS: dict[type[Any], Callable[[Any, Node], Lowered]] = {}


def lowers(layer: type[LayerType]) -> Callable[[Lowering[LayerType]], Lowering[LayerType]]:
    """Register the lowering of a layer's class."""

    def register(lowering: Lowering[LayerType]) -> Lowering[LayerType]:
        if layer in _LOWERINGS:
            raise ValueError(f"{layer.__name__} has two lowerings to PyTorch")
        _LOWERINGS[layer] = lowering
        return lowering

    return register


def lowered_layers() -> frozenset[type[Layer]]:
    """The layers that have a lowering."""
    return frozenset(_LOWERINGS)


def lower_all(nodes: Iterable[Node]) -> dict[str, Lowered]:
    """The lowering of every node, by path; SpecError with all that have none."""
    found: dict[str, Lowered] = {}
    diagnostics = Diagnostics()
    for node in nodes:
        lowering = _LOWERINGS.get(type(node.layer))
        if lowering is None:
            diagnostics.error(
                "not-lowerable",
                f"{node.type} can't be expressed in PyTorch",
                node.origin,
                path=node.path,
            )
        else:
            found[node.path] = lowering(node.layer, node)
    diagnostics.raise_errors()
    return found
