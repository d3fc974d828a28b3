"""How each layer runs: a function for each layer's class, which does what the layer's code does."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeAlias, TypeVar

from netspec.eager.layers import MODULES
from netspec.eager.tensor import Tape, Tensor, made
from netspec.graph.types import Shape, TensorType
from netspec.layers import Layer


@dataclass(frozen=True, slots=True)
class Use:
    """A layer's use: what it reads, its weights and buffers by suffix, and what it gives.

    `reads` and `gives` are the types in the graph, as its code is written for: sizes may be symbols
    where those of the tensors, and of `shapes`, the tops', are numbers. `over` is true where it may
    write over its first bottom.
    """

    tape: Tape
    bottoms: tuple[Tensor, ...]
    weights: Mapping[str, Tensor]
    reads: tuple[TensorType, ...]
    gives: tuple[TensorType, ...]
    shapes: tuple[Shape, ...]
    over: bool = False

    @property
    def x(self) -> Tensor:
        """The first bottom."""
        return self.bottoms[0]

    @property
    def shape(self) -> Shape:
        """The shape of the first top."""
        return self.shapes[0]

    def weight(self, suffix: str = "weight") -> Tensor | None:
        return self.weights.get(suffix)

    def held(self, suffix: str) -> Tensor:
        """A weight that is there."""
        return self.weights[suffix]


Tops: TypeAlias = "Tensor | Sequence[Tensor]"
Rule = TypeVar("Rule", bound=Callable[[Any, Use], Tops])

_RULES: dict[type[Any], Callable[[Any, Use], Tops]] = {}


def runs(*layers: type[Layer]) -> Callable[[Rule], Rule]:
    """Register how layers run."""

    def register(rule: Rule) -> Rule:
        for layer in layers:
            if layer in _RULES:
                raise ValueError(f"{layer.__name__} runs in two ways")
            _RULES[layer] = rule
        return rule

    return register


def rule_of(layer: type[Layer]) -> Callable[[Any, Use], Tops] | None:
    """How a layer runs; None where nothing is known of it, as of custom layers."""
    found = _RULES.get(layer)
    name = layer.__module__.removeprefix("netspec.layers.")
    if found is None and name in MODULES:
        import_module(f"netspec.eager.layers.{MODULES[name]}")
        found = _RULES.get(layer)
    return found


def run(layer: Any, use: Use) -> Sequence[Tensor]:
    """The tops of a layer that runs. One without a rule keeps all that it reads and gives."""
    tops = (rule_of(type(layer)) or _keeping)(layer, use)
    return [tops] if isinstance(tops, Tensor) else tops


def _keeping(layer: Layer, use: Use) -> Sequence[Tensor]:
    of = [*use.bottoms, *use.weights.values()]
    tops = [(shape, each.dtype) for shape, each in zip(use.shapes, use.gives, strict=True)]
    if not of:
        return [use.tape.new(shape, dtype) for shape, dtype in tops]
    return [made(of, shape, of, keeps_result=True, dtype=dtype) for shape, dtype in tops]
