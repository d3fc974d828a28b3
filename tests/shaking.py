"""How well a network is conditioned: what rounding in every layer does to what follows."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from netspec.graph import Graph, Phase
from netspec.lower.torch import to_source
from netspec.lower.torch.memory.compiled import run
from netspec.lower.torch.memory.instrument import Instrumented, Recorder
from netspec.lower.weights import Weights

SHARE = 2.0**-23
"""How much every value is moved at most, of the largest in its blob: float32's precision."""


class Shaker(Recorder):
    """Records what layers give and hands it on a little changed."""

    def __init__(self) -> None:
        super().__init__()
        self._random = torch.Generator().manual_seed(0)

    def probe(self, module: nn.Module, name: str, value: Any) -> Any:
        return self._shaken(super().probe(module, name, value))

    def hook(self, module: nn.Module, given: Any, value: Any) -> Any:
        # What a hook gives takes the place of the layer's own result.
        super().hook(module, given, value)
        return self._shaken(value)

    def _shaken(self, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(self._shaken, value))
        if not isinstance(value, Tensor) or not value.is_floating_point() or not value.numel():
            return value
        noise = 2 * torch.rand(value.shape, generator=self._random, dtype=value.dtype) - 1
        return value + SHARE * value.detach().nan_to_num(0, 0, 0).abs().max() * noise


def run_shaken(
    graph: Graph, weights: Weights, inputs: Mapping[str, NDArray[Any]]
) -> dict[str, NDArray[Any]]:
    """Every blob of the TEST phase in float64, with float32's rounding behind every layer."""
    shaker = Shaker()
    source = to_source(graph, probe=True)
    model = run(source, graph.class_name, probe=shaker.probe)[graph.class_name]()
    shaker.watch(model, graph.nodes)
    network = Instrumented(graph, model, shaker)
    model.load_state_dict({name: torch.from_numpy(np.array(weights[name])) for name in weights})
    tensors = {name: torch.from_numpy(each) for name, each in inputs.items()}
    view = graph.phase(Phase.TEST)
    given = {blob.name: tensors[blob.name] for blob in view.inputs}
    with torch.no_grad():
        model.double().eval()(
            **{n: t.double() if t.is_floating_point() else t for n, t in given.items()}
        )
    return {name: each.numpy() for name, each in network.blobs.items()}
