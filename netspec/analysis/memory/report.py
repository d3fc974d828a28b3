"""What a network takes in memory: the figures, and where the most of it is alive at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from netspec.analysis.columns.column import plain
from netspec.analysis.memory.batch import Open, batch_of, number_of, opened, sizes_of_batch
from netspec.analysis.memory.optimizers import OPTIMIZERS, size_of
from netspec.analysis.memory.passes import Pass, Peak, forward, step
from netspec.analysis.memory.tensors import trained, weight_bytes
from netspec.analysis.traffic import activation_bytes
from netspec.graph import Graph, Phase, Size
from netspec.graph.sizes import substitute, total

PRECISIONS = ("float32", "bfloat16", "float16")


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What a network takes: in bytes, for that many items of the `batch`, with that `optimizer`, in
    that `precision`.

    `weight_bytes` are weights, buffers and constants in the precision, `activation_bytes` all that
    layers give in a pass forward; those of the TRAIN phase alone aren't in them. `inference_peak`
    is the most that is alive in a pass forward of a module in that precision, `training_peak` in a
    training step behind the first, below autocast unless the precision is float32; weights and
    inputs are in both. `saved_bytes` is what autograd keeps for the pass back, `gradient_bytes` the
    gradients of weights, `optimizer_bytes` what the optimizer keeps: weights are float32 then.

    Where a height or width is open, what is a sum is a formula, in which a symbol stands for more
    than one. What takes numbers raises Open, a ValueError, when it's asked for, and JSON has null.
    """

    batch: int
    optimizer: str
    precision: str
    weight_bytes: int
    activation_bytes: Size
    gradient_bytes: int
    optimizer_bytes: int
    _saved: Size | Open
    _inference: Peak | Open
    _training: Peak | Open

    @property
    def saved_bytes(self) -> Size:
        """What autograd keeps for the pass back; ValueError where that depends on an open size."""
        found = self._saved
        if isinstance(found, Open):
            raise Open(found.names, found.shapes)
        return found

    @property
    def inference_peak(self) -> Peak:
        """Where the most is alive in a pass forward; ValueError where a size is open."""
        return _known(self._inference)

    @property
    def training_peak(self) -> Peak:
        """Where the most is alive in a training step; ValueError where a size is open."""
        return _known(self._training)

    @property
    def inference_peak_bytes(self) -> int:
        """The bytes of `inference_peak`, and its error."""
        return self.inference_peak.bytes

    @property
    def peak_bytes(self) -> int:
        """The bytes of `training_peak`, and its error."""
        return self.training_peak.bytes

    def to_json(self) -> dict[str, Any]:
        """All figures by name, and where the peaks are."""
        peaks = (self._inference, self._training)
        inference, training = (None if isinstance(each, Open) else each for each in peaks)
        return {
            "batch": self.batch,
            "optimizer": self.optimizer,
            "precision": self.precision,
            "weight_bytes": self.weight_bytes,
            "activation_bytes": plain(self.activation_bytes),
            "inference_peak_bytes": inference and inference.bytes,
            "saved_bytes": None if isinstance(self._saved, Open) else plain(self._saved),
            "gradient_bytes": self.gradient_bytes,
            "optimizer_bytes": self.optimizer_bytes,
            "peak_bytes": training and training.bytes,
            "inference_peak": inference and inference.to_json(),
            "training_peak": training and training.to_json(),
        }


def _known(peak: Peak | Open) -> Peak:
    if isinstance(peak, Open):
        raise Open(peak.names, peak.shapes)
    return peak


def memory(
    graph: Graph,
    batch: int | None = None,
    optimizer: str = "Adam",
    precision: str = "float32",
) -> Memory:
    """The figures of a graph of both phases, or of one phase alone; None: a batch of 1, or as many
    as the spec fixes.

    ValueError where the spec fixes another batch.
    """
    sizes = sizes_of_batch(graph, batch)
    items = number_of(batch_of(graph), sizes)
    inference, training = _view(graph, Phase.TEST), _view(graph, Phase.TRAIN)
    weights = trained(training)
    saved, peak = _step(graph, sizes, optimizer, precision)
    return Memory(
        batch=items,
        optimizer=optimizer,
        precision=precision,
        weight_bytes=weight_bytes(inference, precision),
        activation_bytes=substitute(_activations(graph, items, precision), {**sizes}),
        gradient_bytes=size_of(weights),
        optimizer_bytes=OPTIMIZERS[optimizer].state(weights),
        _saved=saved,
        _inference=_peak(graph, lambda: forward(graph, sizes, precision)),
        _training=peak,
    )


def _view(graph: Graph, phase: Phase) -> Graph:
    return graph if graph.view is not None else graph.phase(phase)


def _step(
    graph: Graph, sizes: Mapping[str, int], optimizer: str, precision: str
) -> tuple[Size | Open, Peak | Open]:
    """What a training step keeps, and its peak."""
    try:
        found = step(graph, sizes, optimizer, precision)
    except Open as error:
        wanted = opened(graph, error.names) or error
        return wanted, wanted
    return substitute(found.account.saved, {**sizes}), _peak(graph, lambda: found)


def _peak(graph: Graph, find: Callable[[], Pass]) -> Peak | Open:
    try:
        return opened(graph) or find().peak()
    except Open as error:
        return error


def _activations(graph: Graph, batch: int, precision: str) -> Size:
    """The bytes of all tops of the view (TEST unless a phase was chosen)."""
    return total(activation_bytes(node, batch, precision) for node in graph)
