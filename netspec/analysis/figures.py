"""The figures of a network that a spec can speak of, each worked out once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from netspec.graph import Graph, Node, Shape, Size
from netspec.graph.sizes import substitute, symbols
from netspec.graph.tree import scopes

HEAVIEST = 3
"""How many of the layers that weigh most are told."""
Found: TypeAlias = Size | Shape
At: TypeAlias = Mapping[str, int]
_Key: TypeAlias = tuple[str, frozenset[tuple[str, int]]]


@dataclass(frozen=True, slots=True)
class Measure:
    """How a figure is found in a network of one phase, and in a layer if it is a sum over these."""

    of: Callable[[Graph], Size]
    of_layer: Callable[[Node], Size] | None = None


def _buffers(node: Node) -> int:
    """Elements of running statistics; batch counters are bookkeeping."""
    kept = (each for each in node.parameters if each.buffer and not each.counts_batches)
    return 0 if node.reused else sum(each.elements for each in kept if not each.shared)


def _trainable(node: Node) -> int:
    own = (each for each in node.parameters if each.trainable and not each.shared)
    return 0 if node.reused else sum(each.elements for each in own)


MEASURES = {
    "params": Measure(lambda graph: graph.params, lambda node: node.params),
    "trainable_params": Measure(lambda graph: sum(map(_trainable, graph)), _trainable),
    "buffers": Measure(lambda graph: sum(map(_buffers, graph)), _buffers),
    "macs": Measure(lambda graph: graph.macs, lambda node: node.macs),
    "flops": Measure(lambda graph: graph.flops, lambda node: node.flops),
    "activations": Measure(lambda graph: graph.activations, lambda node: node.activations),
    "layers": Measure(len),
}
"""The figures that are numbers, by the names that `expect` has for them."""


class Figures:
    """The figures of a graph of one phase."""

    def __init__(self, view: Graph) -> None:
        self.view = view
        self._numbers: dict[_Key, Size] = {}
        self._heaviest: dict[_Key, list[tuple[str, int]]] = {}

    @cached_property
    def symbols(self) -> frozenset[str]:
        """The symbolic sizes of the inputs."""
        sizes = (size for blob in self.view.inputs for size in blob.shape)
        return frozenset().union(*map(symbols, sizes))

    @cached_property
    def shapes(self) -> dict[str, tuple[Shape, ...]]:
        """What is given under each name: an output's, a blob's, a layer's or a scope's."""
        view = self.view
        found = {
            scope.path: tuple(blob.shape for blob in scope.outputs) for scope in scopes(view.root)
        }
        found |= {node.path: node.top for node in view}
        found |= {top.name: (top.shape,) for node in view for top in node.tops}
        found |= {blob.name: (blob.shape,) for blob in view.inputs}
        return found | {name: (shape,) for name, shape in view.outputs.items()}

    def number(self, name: str, at: At) -> Size:
        """A figure with numbers for some symbols."""
        key = (name, frozenset(at.items()))
        if key not in self._numbers:
            known = self._numbers.get((name, frozenset()))
            whole = MEASURES[name].of(self.view) if known is None else known
            self._numbers[name, frozenset()] = whole
            self._numbers[key] = substitute(whole, dict(at))
        return self._numbers[key]

    def heaviest(self, name: str, at: At) -> list[tuple[str, int]]:
        """The layers that have most of a figure, and how much; none of one that is no sum."""
        key = (name, frozenset(at.items()))
        if key not in self._heaviest:
            self._heaviest[key] = self._weighed(MEASURES[name].of_layer, dict(at))
        return self._heaviest[key]

    def _weighed(
        self, of_layer: Callable[[Node], Size] | None, at: dict[str, Size]
    ) -> list[tuple[str, int]]:
        if of_layer is None:
            return []
        sizes = ((node.path, substitute(of_layer(node), at)) for node in self.view)
        known = [(path, size) for path, size in sizes if isinstance(size, int) and size > 0]
        return sorted(known, key=lambda each: -each[1])[:HEAVIEST]
