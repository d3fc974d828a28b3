"""What each layer really gives: the emitted module with every value recorded."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from netspec.extras import require
from netspec.graph import Graph, Node
from netspec.lower.torch.memory.compiled import run
from netspec.lower.torch.source import to_source
from netspec.room import requiring_memory

if TYPE_CHECKING:
    from torch import Tensor, nn


def copied(_: str, value: "Tensor") -> "Tensor":
    """A copy, because the next layer may write over the value."""
    return value.detach().clone()


class Recorder:
    """Gathers what layers give by the path of the module; a reused one gives several times.

    `keep` makes what is kept of a value, from the module's path and the value.
    """

    def __init__(self, keep: "Callable[[str, Tensor], Tensor]" = copied) -> None:
        self._keep = keep
        self.given: dict[str, list[list[Tensor]]] = {}
        self._paths: dict[Any, str] = {}

    def watch(self, model: "nn.Module", nodes: Iterable[Node]) -> None:
        """Record every layer that is a module; layers that are functions call `probe`."""
        self._paths = {module: path for path, module in model.named_modules()}
        layers = {node.module for node in nodes}
        model.register_forward_pre_hook(lambda *_: self.given.clear())
        for path, module in model.named_modules():
            if path in layers:
                module.register_forward_hook(self.hook)

    def probe(self, module: "nn.Module", name: str, value: Any) -> Any:
        """Record the value of a layer in a module's `forward`."""
        path = self._paths[module]
        self._add(f"{path}.{name}" if path else name, value)
        return value

    def hook(self, module: "nn.Module", _: Any, value: Any) -> Any:
        """Record the value of a layer that is a module, as PyTorch calls its hooks."""
        self._add(self._paths[module], value)

    def _add(self, path: str, value: Any) -> None:
        self.given.setdefault(path, []).append([self._keep(path, top) for top in _flat(value)])


def _flat(value: Any) -> "Iterator[Tensor]":
    """What a module gives, one after the other: an LSTM gives its states as a pair in a pair."""
    if isinstance(value, tuple):
        for each in value:
            yield from _flat(each)
    elif value is not None:
        yield value


class Instrumented:
    """A network and a record of its blobs, made anew by each forward pass."""

    def __init__(self, graph: Graph, model: "nn.Module", recorder: Recorder) -> None:
        self.model = model
        self._nodes = graph.nodes
        self._recorder = recorder

    @property
    def blobs(self) -> "dict[str, Tensor]":
        """What the last pass gave, by the names of the blobs, in the order of the graph."""
        calls = {path: iter(values) for path, values in self._recorder.given.items()}
        found: dict[str, Tensor] = {}
        phase = "TRAIN" if self.model.training else "TEST"
        for node in self._nodes:
            if node.phase not in (None, phase):
                continue
            # A layer that is reused gives in the order of the graph; one that waits for an
            # optional input may not have given anything.
            tops = next(calls.get(node.module, iter(())), None)
            if tops is not None:
                # A module may give more than the layer is asked for.
                found |= {blob.name: top for blob, top in zip(node.tops, tops, strict=False)}
        return found


def instrumented(graph: Graph, recorder: Recorder | None = None) -> Instrumented:
    """The network built from the very source that is emitted, with every layer's tops recorded."""
    require("torch", "torch")
    recorder = recorder if recorder is not None else Recorder()
    source = to_source(graph, probe=True)
    made = run(source, graph.class_name, probe=recorder.probe)[graph.class_name]
    with requiring_memory("the module's tensors"):
        model = made()
    recorder.watch(model, graph.nodes)
    return Instrumented(graph, model, recorder)
