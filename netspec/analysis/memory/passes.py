"""All that is alive in a pass forward, or in a training step: what a run makes, and what stands."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from netspec.analysis.memory.account import Account, inference, training
from netspec.analysis.memory.batch import Open
from netspec.analysis.memory.optimizers import OPTIMIZERS
from netspec.analysis.memory.tensors import of_precision, trained, weight_bytes
from netspec.analysis.memory.timeline import Piece, Timeline
from netspec.eager.open_size import OpenSize
from netspec.graph import Graph, Phase
from netspec.graph.sizes import substitute, symbols

LARGEST = 5
"""Parts that a peak names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """The most `bytes` that are alive at once: how many, what is done then, the layer at work, and
    the `largest` parts with their bytes.

    `during` is `forward`, `backward` or `step`; `layer` is None in a step.
    """

    bytes: int
    during: str
    layer: str | None
    largest: tuple[tuple[str, int], ...]

    def to_json(self) -> dict[str, Any]:
        """The same by name; each of the largest an object of `what` and `bytes`."""
        return {
            "bytes": self.bytes,
            "during": self.during,
            "layer": self.layer,
            "largest": [{"what": what, "bytes": size} for what, size in self.largest],
        }


@dataclass(frozen=True)
class Pass:
    """A pass forward, or a training step: what a run makes, and what stands all the while.

    `view` is the phase that runs, `batch` the symbol of the batch where that stays open.
    """

    view: Graph
    account: Account
    standing: tuple[Piece, ...]
    batch: str | None

    @cached_property
    def _timeline(self) -> Timeline:
        timeline = Timeline((*self.standing, *self.account.pieces), self.batch)
        names = {name for piece in timeline.pieces for name in symbols(piece.size)}
        if names - {self.batch}:
            raise Open(sorted(names - {self.batch}), {})
        return timeline

    def most(self, batch: int = 1) -> int:
        """The most bytes that are alive at once, where the symbol of the batch is so much."""
        return self._timeline.most(batch)[0]

    def peak(self) -> Peak:
        """The same with numbers for all symbols, and where that is."""
        size, moment = self._timeline.most(1)
        made = self.account.pieces
        during = "forward" if moment < self.account.forward else "backward"
        if moment >= len(made):
            during = "step"
        return Peak(
            bytes=size,
            during=during,
            layer=made[moment].layer if moment < len(made) else None,
            largest=tuple(self._timeline.parts(1, moment)[:LARGEST]),
        )


def forward(
    graph: Graph, sizes: Mapping[str, int], precision: str = "float32", batch: str | None = None
) -> Pass:
    """A pass forward in the TEST phase, of a module in a precision."""
    view = graph if graph.view is not None else graph.phase(Phase.TEST)
    with _told():
        account = inference(graph, sizes, precision)
    end = len(account.pieces)
    standing = [Piece("weights", weight_bytes(view, precision), 0, end)]
    standing += _inputs(view, sizes, precision, end)
    return Pass(view, account, tuple(standing), batch)


def step(
    graph: Graph,
    sizes: Mapping[str, int],
    optimizer: str,
    precision: str = "float32",
    batch: str | None = None,
) -> Pass:
    """A training step behind the first: forward, back, and the optimizer's step.

    Gradients of the step before have been let go (`zero_grad`), its results too.
    """
    view = graph if graph.view is not None else graph.phase(Phase.TRAIN)
    with _told():
        account = training(graph, sizes, None if precision == "float32" else precision)
    end, weights = len(account.pieces), trained(view)
    kept = OPTIMIZERS[optimizer]
    standing = [
        Piece("weights", weight_bytes(view), 0, end),
        Piece("optimizer state", kept.state(weights), 0, end),
        Piece("workspace of the optimizer's step", kept.workspace(weights), end, end),
    ]
    standing += _inputs(view, sizes, "float32", end)
    return Pass(view, account, tuple(standing), batch)


@contextmanager
def _told() -> Iterator[None]:
    """A size that must be known to run is told as one that is open."""
    try:
        yield
    except OpenSize as error:
        raise Open(error.symbols, {}) from error


def _inputs(graph: Graph, sizes: Mapping[str, int], precision: str, end: int) -> Iterator[Piece]:
    """The inputs, which the caller holds."""
    for blob in graph.inputs:
        size = substitute(of_precision(blob.type, precision).bytes, dict(sizes))
        yield Piece(f"input {blob.name}", size, 0, end)
