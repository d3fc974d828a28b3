"""A small network and its PyTorch twin, for weights of every kind."""

from typing import Any

import numpy as np
import torch
from torch import nn

from netspec.graph import Graph, Phase
from netspec.layers.inner_product import InnerProduct
from netspec.layers.normalization import BatchNorm
from netspec.lower.weights import fresh, user_weights, weights_for
from tests.graphs import Builder, N


def network(outputs: int = 4) -> Graph:
    """Two layers and a head of the TRAIN phase."""
    builder = Builder()
    fc = builder.layer("fc", InnerProduct(num_output=outputs), builder.input("data", N, 3))
    bn = builder.layer("bn", BatchNorm(), fc)
    aux = builder.layer("aux", InnerProduct(num_output=2), fc, phase=Phase.TRAIN)
    return builder.graph(aux, bn)


class Twin(nn.Module):
    """The same with PyTorch's layers."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(3, 4)
        self.bn = nn.BatchNorm1d(4)
        self.aux = nn.Linear(4, 2)

    def forward(self, data: torch.Tensor) -> torch.Tensor:
        """Never run: only its weights are asked for."""
        raise NotImplementedError


def arrays(graph: Graph | None = None) -> dict[str, Any]:
    """Weights of the network."""
    values = fresh(network() if graph is None else graph, seed=1)
    return {name: np.array(each) for name, each in values.items()}


def tensors() -> dict[str, torch.Tensor]:
    """The same as tensors."""
    return {name: torch.from_numpy(each) for name, each in arrays().items()}


def below(prefix: str, values: dict[str, Any] | None = None) -> dict[str, Any]:
    """Weights by names with a prefix."""
    return {f"{prefix}{name}": each for name, each in (values or arrays()).items()}


def assert_taken(source: Any, prefix: str | None = None, expected: Any = None) -> None:
    """The source's weights are those of `arrays`."""
    found = weights_for(network(), user_weights(source, prefix))
    for name, values in (expected or arrays()).items():
        np.testing.assert_array_equal(found[name], values, strict=True)
