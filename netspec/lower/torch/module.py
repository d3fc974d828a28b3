"""The network as a module in memory: the emitted source, run."""

import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING

from netspec.extras import require
from netspec.graph import Graph
from netspec.lower.torch.compiled import compiled
from netspec.lower.torch.options import Options
from netspec.lower.torch.source import PLAIN, to_source

if TYPE_CHECKING:
    import torch
    from torch import nn

    from netspec.lower.torch.blueprint import Blueprint
    from netspec.lower.weights import Source


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
    weights: "Source | None" = None,
    options: Options = PLAIN,
) -> "nn.Module":
    """The module that the emitted source defines; on the CPU, in training mode, as PyTorch's are.

    With `init=False` no random numbers are drawn: weights that fillers would draw hold what the
    memory held, to be loaded over; constants and buffers are as they should be. With `weights`
    those are loaded. The form for inference is in evaluation mode, and its weights are folded.
    """
    require("torch", "torch")
    built = _built(graph, options)
    model = built.network() if init and weights is None else _undrawn(graph, built)
    if weights is not None:
        model.load_state_dict(_tensors(graph, weights))
    return model if built.for_inference is None else built.for_inference(model)


def _built(graph: Graph, options: Options) -> _Built:
    """The same for the same graph, as long as that lives."""
    key = id(graph), options
    if key not in _BUILT:
        _BUILT[key] = _Built(graph, options)
        weakref.finalize(graph, _BUILT.pop, key, None).atexit = False
    return _BUILT[key]


def _tensors(graph: Graph, weights: "Source") -> "dict[str, torch.Tensor]":
    """Weights from wherever they come, as tensors: all that the module has, of both phases."""
    import numpy as np
    import torch

    from netspec.lower.weights import weights_for

    found = weights_for(graph, weights, part=graph)
    return {name: torch.from_numpy(np.array(found[name])) for name in found}


def _undrawn(graph: Graph, built: _Built) -> "nn.Module":
    import torch

    from netspec.lower.torch.blueprint import Blueprint
    from netspec.lower.torch.undrawn import Undrawn

    if not Blueprint.suits(graph):
        with Undrawn():
            return built.network()
    if built.blueprint is None:
        with Undrawn(), torch.device("meta"):
            built.blueprint = Blueprint(built.network(), graph.parameters)
    return built.blueprint.build()
