"""The figures of a network that a spec can speak of, each worked out once."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, TypeAlias

from netspec.analysis.depth import depth
from netspec.analysis.memory.report import Memory, memory
from netspec.analysis.memory.tensors import weight_bytes
from netspec.analysis.receptive import ReceptiveField, receptive_fields
from netspec.graph import Blob, Graph, Node, Phase, Size
from netspec.graph.named import blobs_by_name
from netspec.graph.sizes import substitute, symbols
from netspec.quick import frozen

HEAVIEST = 3
"""How many of the layers that weigh most are told."""
At: TypeAlias = Mapping[str, int]
Key: TypeAlias = frozenset[tuple[str, Any]]


@frozen
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
    "depth": Measure(depth),
}
"""The figures that are counts, by the names that `expect` has for them."""

PEAKS: dict[str, Callable[[Memory], Any]] = {
    "inference_memory": lambda found: found.inference_peak,
    "training_memory": lambda found: found.training_peak,
}
"""The figures that are a most of what is alive at once."""


class Measured:
    """The figures of a graph of both phases, in the TEST phase but for training."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._numbers: dict[tuple[str, Key], Size] = {}
        self._heaviest: dict[tuple[str, Key], list[tuple[str, int]]] = {}
        self._memory: dict[Key, Memory] = {}

    @cached_property
    def view(self) -> Graph:
        """The graph of one phase."""
        return self.graph if self.graph.view is not None else self.graph.phase(Phase.TEST)

    @cached_property
    def symbols(self) -> frozenset[str]:
        """The symbolic sizes of the inputs."""
        sizes = (size for blob in self.view.inputs for size in blob.shape)
        return frozenset().union(*map(symbols, sizes))

    @cached_property
    def blobs(self) -> Mapping[str, tuple[Blob, ...]]:
        """What each name stands for."""
        return blobs_by_name(self.view)

    @cached_property
    def fields(self) -> dict[str, ReceptiveField]:
        """The receptive field of each blob that has one."""
        return receptive_fields(self.view)

    def number(self, name: str, at: At, conditions: Mapping[str, Any]) -> Size:
        """A figure, with numbers for some symbols; Open or ValueError where it has no number."""
        if name in PEAKS:
            peak: int = PEAKS[name](self.memory(conditions)).bytes
            return peak
        key = (name, frozenset((*at.items(), *conditions.items())))
        if key not in self._numbers:
            self._numbers[key] = substitute(self._whole(name, conditions), dict(at))
        return self._numbers[key]

    def _whole(self, name: str, conditions: Mapping[str, Any]) -> Size:
        if name == "weight_bytes":
            return weight_bytes(self.view, **conditions)
        return MEASURES[name].of(self.view)

    def memory(self, conditions: Mapping[str, Any]) -> Memory:
        """What it takes in memory under some conditions."""
        key = frozenset(conditions.items())
        if key not in self._memory:
            self._memory[key] = memory(self.graph, **conditions)
        return self._memory[key]

    def heaviest(self, name: str, at: At, conditions: Mapping[str, Any]) -> list[tuple[str, int]]:
        """What has most of a figure, and how much: layers, or what lies in memory."""
        if name in PEAKS:
            return list(PEAKS[name](self.memory(conditions)).largest[:HEAVIEST])
        measure = MEASURES.get(name)
        if measure is None or measure.of_layer is None:
            return []
        key = (name, frozenset(at.items()))
        if key not in self._heaviest:
            self._heaviest[key] = self._weighed(measure.of_layer, dict(at))
        return self._heaviest[key]

    def _weighed(
        self, of_layer: Callable[[Node], Size], at: dict[str, Size]
    ) -> list[tuple[str, int]]:
        sizes = ((node.path, substitute(of_layer(node), at)) for node in self.view)
        known = [(path, size) for path, size in sizes if isinstance(size, int) and size > 0]
        return sorted(known, key=lambda each: -each[1])[:HEAVIEST]
