"""What is seen of a network in PyTorch while it runs: some values, the shape of every other."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import torch

from netspec.lower.torch.memory.instrument import Recorder

if TYPE_CHECKING:
    from torch import Tensor, nn

SHARES = {"float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}
"""The precision of a type: the distance between 1 and the next number."""


class Watcher(Recorder):
    """Keeps the values of the modules whose paths are `kept`, all of them for None; of others the
    shape, as a tensor on `meta`.

    With a `share` every real value is handed on moved at random by up to that part of the largest
    of its blob: what rounding behind every layer does.
    """

    def __init__(self) -> None:
        super().__init__(self._look)
        self.kept: Collection[str] | None = ()
        self.share = 0.0
        self._random = torch.Generator()

    def start(self, kept: Collection[str] | None, share: float) -> None:
        """What to do in the next pass."""
        self.kept, self.share = kept, share
        self._random.manual_seed(0)

    def _look(self, path: str, value: "Tensor") -> "Tensor":
        if self.kept is None or path in self.kept:
            # A copy, because the next layer may write over the value.
            return value.clone()
        return torch.empty(value.shape, dtype=value.dtype, device="meta")

    def probe(self, module: "nn.Module", name: str, value: Any) -> Any:
        """Look at the value of a layer in a module's `forward`."""
        return self._shaken(super().probe(module, name, value))

    def hook(self, module: "nn.Module", given: Any, value: Any) -> Any:
        """Look at the value of a layer that is a module; what this gives takes its place."""
        super().hook(module, given, value)
        return self._shaken(value)

    def _shaken(self, value: Any) -> Any:
        if not self.share:
            return value
        if isinstance(value, tuple):
            return tuple(map(self._shaken, value))
        if not value.is_floating_point() or not value.numel():
            return value
        noise = 2 * torch.rand(value.shape, generator=self._random, dtype=value.dtype) - 1
        return value + self.share * value.nan_to_num(0, 0, 0).abs().max() * noise
