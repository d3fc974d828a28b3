"""The network as a module in memory: the emitted source, run."""

import hashlib
import linecache
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from netspec.extras import require
from netspec.graph import Graph
from netspec.lower.torch.source import to_source

if TYPE_CHECKING:
    from torch import nn


def to_torch(graph: Graph, *, init: bool = True) -> "nn.Module":
    """The module that the emitted source defines; on the CPU, in training mode, as PyTorch's are.

    With `init=False` no random numbers are drawn: weights that fillers would draw hold what the
    memory held, to be loaded over; constants and buffers are as they should be.
    """
    require("torch", "torch")
    network = run(to_source(graph), graph.class_name)
    if init:
        return network()
    from netspec.lower.torch.undrawn import Undrawn

    with Undrawn():
        return network()


def run(source: str, class_name: str, **names: Any) -> "Callable[[], nn.Module]":
    """Execute a source and give its class; tracebacks through it show its lines."""
    digest = hashlib.sha256(source.encode()).hexdigest()[:12]
    file = f"<netspec {class_name} {digest}>"
    # No modification time: the entry never goes stale.
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    namespace: dict[str, Any] = {"__name__": f"netspec.compiled.{class_name}_{digest}", **names}
    exec(compile(source, file, "exec"), namespace)
    network: Callable[[], nn.Module] = namespace[class_name]
    return network
