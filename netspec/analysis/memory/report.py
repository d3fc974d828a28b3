"""What a network takes in memory: the figures, and where the most of it is alive at once."""

from dataclasses import dataclass
from typing import Any

from netspec.analysis.memory.batch import batch_of, number_of, sizes_with
from netspec.analysis.memory.optimizers import OPTIMIZERS, size_of
from netspec.analysis.memory.passes import Peak, forward, step
from netspec.analysis.memory.tensors import trained, weight_bytes
from netspec.analysis.traffic import activation_bytes
from netspec.graph import Graph, Size
from netspec.graph.sizes import total

PRECISIONS = ("float32", "bfloat16", "float16")


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What a network takes: in bytes, for that many items of the batch.

    `weight_bytes` are weights, buffers and constants in the precision, `activation_bytes` all that
    layers give in a pass forward; those of the TRAIN phase alone aren't in them. `inference_peak`
    is the most that is alive in a pass forward of a module in that precision, `training_peak` in a
    training step behind the first, below autocast unless the precision is float32; weights and
    inputs are in both. `saved_bytes` is what autograd keeps for the pass back, `gradient_bytes` the
    gradients of weights, `optimizer_bytes` what the optimizer keeps: weights are float32 then.
    """

    batch: int
    optimizer: str
    precision: str
    weight_bytes: int
    activation_bytes: int
    saved_bytes: int
    gradient_bytes: int
    optimizer_bytes: int
    inference_peak: Peak
    training_peak: Peak

    @property
    def inference_peak_bytes(self) -> int:
        return self.inference_peak.bytes

    @property
    def peak_bytes(self) -> int:
        """That of training."""
        return self.training_peak.bytes

    def to_json(self) -> dict[str, Any]:
        """All figures by name, and where the peaks are."""
        return {
            "batch": self.batch,
            "optimizer": self.optimizer,
            "precision": self.precision,
            "weight_bytes": self.weight_bytes,
            "activation_bytes": self.activation_bytes,
            "inference_peak_bytes": self.inference_peak_bytes,
            "saved_bytes": self.saved_bytes,
            "gradient_bytes": self.gradient_bytes,
            "optimizer_bytes": self.optimizer_bytes,
            "peak_bytes": self.peak_bytes,
            "inference_peak": self.inference_peak.to_json(),
            "training_peak": self.training_peak.to_json(),
        }


def memory(
    graph: Graph,
    batch: int | None = None,
    optimizer: str = "Adam",
    precision: str = "float32",
) -> Memory:
    """The figures of a graph of both phases, or of one phase alone; None: a batch of 1, or as many
    as the spec fixes.

    ValueError where the spec fixes another batch, Open where sizes hang on other symbols.
    """
    sizes = sizes_with(graph, batch)
    items = number_of(batch_of(graph), sizes)
    inference = forward(graph, sizes, precision)
    training = step(graph, sizes, optimizer, precision)
    weights = trained(training.view)
    return Memory(
        batch=items,
        optimizer=optimizer,
        precision=precision,
        weight_bytes=weight_bytes(inference.view, precision),
        activation_bytes=number_of(_activations(graph, items, precision), sizes),
        saved_bytes=number_of(training.account.saved, sizes),
        gradient_bytes=size_of(weights),
        optimizer_bytes=OPTIMIZERS[optimizer].state(weights),
        inference_peak=inference.peak(),
        training_peak=training.peak(),
    )


def _activations(graph: Graph, batch: int, precision: str) -> Size:
    """The bytes of all tops of the view (TEST unless a phase was chosen)."""
    return total(activation_bytes(node, batch, precision) for node in graph)
