"""Counting allocators: what PyTorch holds at once while something runs."""

import weakref
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class Counting(TorchDispatchMode):
    """Counts the bytes of every storage that an operation gives, until nothing holds it.

    It sees what operations give one another, not what a kernel takes for itself: that differs
    between processors. It counts on `meta` too.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.live = 0
        self.peak = 0
        self._known: dict[int, int] = {}
        self._apart: list[torch.UntypedStorage] = []

    def leave_out(self, tensors: Iterable[Tensor]) -> None:
        """Tensors that aren't counted, such as a module's weights."""
        for tensor in tensors:
            storage = tensor.untyped_storage()
            self._apart.append(storage)
            self._known[id(storage)] = 0

    def count(self, tensor: Tensor) -> None:
        """Count a tensor's storage from now on, unless it's known."""
        storage = tensor.untyped_storage()
        if id(storage) not in self._known:
            self._known[id(storage)] = storage.nbytes()
            weakref.finalize(storage, self._gone, id(storage))
            self.live += storage.nbytes()
            self.peak = max(self.peak, self.live)

    def _gone(self, key: int) -> None:
        self.live -= self._known.pop(key)

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> object:
        given = func(*args, **(kwargs or {}))
        for each in tree_leaves(given):
            if isinstance(each, Tensor):
                self.count(each)
        return given


def inference_peak(model: nn.Module, inputs: Iterable[Tensor]) -> int:
    """The most bytes that a module's weights, its inputs and what it makes of them take at once."""
    counting, inputs = Counting(), list(inputs)
    tensors = [*model.parameters(), *model.buffers()]
    counting.leave_out(tensors)
    with torch.no_grad(), counting:
        for each in inputs:
            counting.count(each)
        model.eval()(*inputs)
    return counting.peak + size_of(tensors)


def size_of(tensors: Iterable[Tensor]) -> int:
    """The bytes of tensors, those in one memory once."""
    storages = {id(s): s for s in (each.untyped_storage() for each in tensors)}
    return sum(each.nbytes() for each in storages.values())


def profiled_peak(run: Callable[[], object]) -> int:
    """The most bytes that the CPU's allocator gives out more than it gets back, by PyTorch's
    profiler: what kernels take for themselves is in it.
    """
    from torch._C._profiler import _EventType
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as found:
        run()
    profiler: Any = found.profiler
    waiting = list(profiler.kineto_results.experimental_event_tree())
    changes = []
    while waiting:
        event = waiting.pop()
        waiting += event.children
        if event.tag == _EventType.Allocation:
            changes.append((event.start_time_ns, event.typed[1].alloc_size))
    live = peak = 0
    for _, change in sorted(changes, key=lambda each: each[0]):
        live += change
        peak = max(peak, live)
    return peak
