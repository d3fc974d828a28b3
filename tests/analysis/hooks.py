"""What PyTorch keeps for the pass back, counted by its own hooks."""

import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch


@dataclass
class Step:
    """What a `forward` leaves: a tensor of each distinct storage that is kept, but for those of
    inputs, parameters and buffers; and its results, which it lives as long as.
    """

    tensors: list[torch.Tensor]
    results: Any

    @property
    def size(self) -> int:
        """The bytes kept."""
        return sum(each.untyped_storage().nbytes() for each in self.tensors)

    @property
    def matches(self) -> int:
        """How many priors of a MultiBoxLoss matched an object: so many boxes are kept."""
        boxes = [each for each in self.tensors if each.dim() == 2 and each.shape[1] == 4]
        return min((len(each) for each in boxes), default=0)


class _Kept:
    """Stands for a tensor in autograd's graph, and goes with it."""

    def __init__(self, tensor: torch.Tensor) -> None:
        self.tensor = tensor


def kept(
    model: torch.nn.Module, inputs: Mapping[str, torch.Tensor], autocast: str | None = None
) -> Step:
    """What is kept when `forward` is over, below the CPU's autocast if a type is given for it."""
    found: list[weakref.ref[_Kept]] = []

    def pack(tensor: torch.Tensor) -> _Kept:
        # What a step gives refers to it: kept as it is, that would never go.
        held = _Kept(tensor.detach())
        found.append(weakref.ref(held))
        return held

    own = [*inputs.values(), *model.parameters(), *model.buffers()]
    apart = {each.untyped_storage()._cdata for each in own}
    casting: Any = nullcontext()
    if autocast is not None:
        casting = torch.autocast("cpu", dtype=getattr(torch, autocast))
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda held: held.tensor), casting:
        results = model(**inputs)
    there = [held for held in (each() for each in found) if held is not None]
    storages = {held.tensor.untyped_storage()._cdata: held.tensor for held in there}
    tensors = [tensor for storage, tensor in storages.items() if storage not in apart]
    return Step(tensors, results)


@contextmanager
def without_onednn() -> Iterator[None]:
    """PyTorch's own kernels: what oneDNN keeps of an LSTM depends on the processor."""
    (before, *rest) = torch.backends.mkldnn.set_flags(False)
    try:
        yield
    finally:
        torch.backends.mkldnn.set_flags(before, *rest)
