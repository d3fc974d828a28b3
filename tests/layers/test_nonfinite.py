"""NaN and infinities in every layer: PyTorch and ONNX Runtime agree, or the layer says how not."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray

from netspec import Graph, SpecError, loads
from netspec.graph import Phase
from netspec.layers import CATALOGUE
from netspec.lower.onnx.model import to_model
from netspec.lower.onnx.options import Options
from netspec.lower.torch import to_torch
from netspec.lower.weights import Weights
from tests.agreement import weights_at_random
from tests.layers.recipes.every import RECIPES
from tests.layers.recipes.text import spec_text, values
from tests.layers.test_walk import grid

Array = NDArray[Any]

BY_MACHINE = {"GELU"}
"""Layers that differ with some builds and processors only."""

SIGN_OF_ZERO = {"GELU", "GroupNorm", "LayerNorm", "MVN", "Power", "ReLU", "Reduction", "SELU"}
"""Layers of which one target may give 0.0 and the other −0.0, which are equal."""

FEW = 4
"""So many uses of a layer are tried in a quick run."""


def planted(array: Array) -> Iterator[Array]:
    """The values with some that aren't finite among them, and nothing but such."""
    some = np.random.default_rng(1).choice(array.size, max(1, array.size // 9), replace=False)
    for value in (np.nan, np.inf, -np.inf):
        made = array.copy()
        made.reshape(-1)[some] = value
        yield made
        yield np.full_like(array, value)


def zeros(array: Array) -> Iterator[Array]:
    made = array.copy()
    made.reshape(-1)[:: 1 + array.size // 9] = -0.0
    yield made
    yield np.full_like(array, -0.0)


def networks(name: str, count: int | None) -> Iterator[tuple[Graph, dict[str, Array], list[str]]]:
    """Uses of a layer that both targets know, with inputs and the names of those to plant in."""
    for use in islice(grid(RECIPES[name], whole=False), count):
        text, inputs = spec_text(name, RECIPES[name].on, use)
        try:
            graph = loads(text)
            to_model(graph)
        except SpecError:
            continue
        if all(node.phase is None for node in graph.nodes):
            real = [key for key, each in inputs.items() if each.kind in ("real", "positive")]
            yield graph, {key: values(key, each) for key, each in inputs.items()}, real


class Pair:
    """A network in both targets, with the same weights."""

    def __init__(self, graph: Graph) -> None:
        weights: Weights = weights_at_random(graph)
        self.names = [blob.name for blob in graph.phase(Phase.TEST).inputs]
        self.model = to_torch(graph, weights=weights).eval()
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            to_model(graph, Options(weights)).SerializeToString(),
            options,
            providers=["CPUExecutionProvider"],
        )

    def run(self, inputs: Mapping[str, Array]) -> Iterator[tuple[Array, Array]]:
        with torch.no_grad():
            given = self.model(*(torch.from_numpy(inputs[name].copy()) for name in self.names))
        tops = given.values() if isinstance(given, dict) else [given]
        read = {each.name: inputs[each.name] for each in self.session.get_inputs()}
        for top, other in zip(tops, self.session.run(None, read), strict=True):
            yield top.detach().numpy(), other


def alike(one: Array, other: Array) -> bool:
    """Equal where they aren't finite, and near each other where they are."""
    return bool(np.allclose(one, other, rtol=1e-3, atol=1e-3, equal_nan=True))


def same_zeros(one: Array, other: Array) -> bool:
    signs = np.signbit(one) == np.signbit(other)
    return bool((signs | (one != 0) | (other != 0)).all())


def differs(name: str, count: int | None) -> bool:
    """Whether some use of a layer gives other values in the other target."""
    for graph, inputs, real in networks(name, count):
        pair = Pair(graph)
        for key in real:
            for made in planted(inputs[key]):
                if not all(alike(*tops) for tops in pair.run({**inputs, key: made})):
                    return True
    return False


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_layer_says_where_targets_differ(name: str) -> None:
    found, said = differs(name, FEW), CATALOGUE[name].nonfinite is not None
    assert not found or said, f"NaN or ±∞ come out otherwise in ONNX: {name}.nonfinite is to say so"
    assert not said or found or name in BY_MACHINE


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, layer in CATALOGUE.items() if not layer.nonfinite])
def test_no_use_of_the_others_differs(name: str) -> None:
    assert not differs(name, None)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(CATALOGUE.keys() - SIGN_OF_ZERO))
def test_the_sign_of_zero(name: str) -> None:
    for graph, inputs, real in networks(name, None):
        pair = Pair(graph)
        for key in real:
            for made in zeros(inputs[key]):
                tops = pair.run({**inputs, key: made})
                assert all(same_zeros(*each) for each in tops if each[0].dtype.kind == "f")
