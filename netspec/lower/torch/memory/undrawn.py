"""Building a module without drawing its weights, which are loaded afterwards."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

DRAWS: frozenset[Callable[..., Any]] = frozenset(
    {
        torch.Tensor.normal_,
        torch.Tensor.uniform_,
        torch.nn.init.kaiming_uniform_,
        torch.nn.init.normal_,
        torch.nn.init.uniform_,
    }
)
"""What random initializers come down to; those of `nn.init` are intercepted whole."""


class Undrawn(TorchFunctionMode):
    """Within this context random draws do nothing; constants are still filled.

    Building on the meta device would leave buffers to be filled and shared weights to be tied
    again; this keeps both, and is as fast.
    """

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        if func in DRAWS:
            return args[0] if args else (kwargs or {})["tensor"]
        return func(*args, **(kwargs or {}))
