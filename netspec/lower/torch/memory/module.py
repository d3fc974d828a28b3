"""The network as a module in memory: the emitted source, run."""

import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING

from netspec.analysis.memory.tensors import weight_bytes
from netspec.extras import require
from netspec.graph import Graph
from netspec.lower.options import TorchOptions as Options
from netspec.lower.torch.memory.compiled import compiled
from netspec.lower.torch.source import PLAIN, to_source
from netspec.room import requiring_memory

if TYPE_CHECKING:
    from torch import nn

    from netspec.lower.torch.memory.blueprint import Blueprint
    from netspec.lower.weights import Source, UserWeights, Weights


class _Built:
    """What is kept of a graph for building its module again."""

    def __init__(self, graph: Graph, options: Options) -> None:
        defined = compiled(to_source(graph, options), graph.class_name)
        self.network: Callable[[], nn.Module] = defined[graph.class_name]
        self.for_inference: Callable[[nn.Module], nn.Module] | None = None
        if options.inference:
            self.for_inference = defined["for_inference"]
        self.blueprint: Blueprint | None = None


_BUILT: dict[tuple[int, Options], _Built] = {}


def to_torch(
    graph: Graph,
    *,
    init: bool = True,
    weights: "Weights | UserWeights | Source | None" = None,
    seed: int | None = None,
    options: Options = PLAIN,
) -> "nn.Module":
    """The module that the emitted source defines; on the CPU, in training mode, as PyTorch's are.

    With `init=False` no random numbers are drawn: weights that fillers would draw hold what the
    memory held, to be loaded over; constants and buffers are as they should be. With `weights`
    those are loaded, and what they lack of the TRAIN phase alone is filled; with a `seed` fresh
    ones that depend on it and each parameter's name alone. The form for inference is in evaluation
    mode, and its weights are folded.
    """
    require("torch", "torch")
    built = _built(graph, options)
    with requiring_memory("the module's tensors", weight_bytes(graph)):
        drawn = init and weights is None and seed is None
        model = built.network() if drawn else _undrawn(graph, built)
    if weights is not None or seed is not None:
        _load(graph, model, weights, seed or 0)
    return model if built.for_inference is None else built.for_inference(model)


def _built(graph: Graph, options: Options) -> _Built:
    """The same for the same graph, as long as that lives."""
    key = id(graph), options
    if key not in _BUILT:
        _BUILT[key] = _Built(graph, options)
        weakref.finalize(graph, _BUILT.pop, key, None).atexit = False
    return _BUILT[key]


def _load(
    graph: Graph, model: "nn.Module", weights: "Weights | UserWeights | Source | None", seed: int
) -> None:
    """Copy weights, from wherever they come, into the module's tensors, of both phases."""
    import numpy as np
    import torch

    from netspec.lower.weights import weights_for

    found = weights_for(graph, weights, seed, whole=True)
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            tensor.copy_(torch.from_numpy(np.array(found[name])))


def _undrawn(graph: Graph, built: _Built) -> "nn.Module":
    import torch

    from netspec.lower.torch.memory.blueprint import Blueprint
    from netspec.lower.torch.memory.undrawn import Undrawn

    if not Blueprint.suits(graph):
        with Undrawn():
            return built.network()
    if built.blueprint is None:
        with Undrawn(), torch.device("meta"):
            built.blueprint = Blueprint(built.network(), graph.parameters)
    return built.blueprint.build()
