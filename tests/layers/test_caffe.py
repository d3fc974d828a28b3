"""Caffe's layers give Caffe's numbers, in PyTorch and in ONNX Runtime."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import pytest
import torch

import netspec
from netspec.graph import Node, Phase
from netspec.layers.normalization import BatchNorm
from netspec.lower.onnx.model import to_model
from netspec.lower.onnx.options import Options
from netspec.lower.torch import instrumented

Array = npt.NDArray[Any]

FOLDER = Path(__file__).parent / "caffe"
FACTS = np.load(FOLDER / "outputs.npz")
NETWORKS = sorted(path.stem for path in FOLDER.glob("*.yaml"))
TOLERANCE = 1e-5

LEFT_OUT = {
    "conv_axis2": "the channels are axis 1",
    "conv_two_bottoms": "one bottom; `reuse` applies a layer to another",
    "dummy": "a data layer: inputs are the network's",
    "im2col": "not in the catalogue",
    "lstm": "its gates are in another order: test_caffe_recurrent.py",
    "rnn": "it is three layers here: test_caffe_recurrent.py",
    "pool_AVE_k2s3": "an empty window beyond the input isn't made (Pooling's page)",
    "pool_MAX_k2s3": "an empty window beyond the input isn't made (Pooling's page)",
    "pool_AVE_k_lt_s_empty_window": "an empty window beyond the input isn't made (Pooling's page)",
}
"""Networks that have no spec, and why."""


def facts(network: str, kind: str) -> dict[str, Array]:
    """What the file holds of a network: `in` and `out` by blob, `w` by layer and number."""
    prefix = f"{network}/{kind}/"
    return {key.removeprefix(prefix): FACTS[key] for key in FACTS if key.startswith(prefix)}


def test_every_network_has_a_spec_or_a_reason() -> None:
    every = {key.partition("/")[0].partition("@")[0] for key in FACTS}
    assert set(NETWORKS) | set(LEFT_OUT) == every
    assert not set(NETWORKS) & set(LEFT_OUT)


def load(network: str) -> netspec.Graph:
    return netspec.loads((FOLDER / f"{network}.yaml").read_text())


def weights_of(graph: netspec.Graph, network: str) -> dict[str, Array]:
    """Caffe's blobs under the names of the parameters."""
    blobs = facts(network, "w")
    found: dict[str, Array] = {}
    for node in graph.nodes:
        own = [blobs[key] for key in sorted(blobs) if key.startswith(f"{node.path}/")]
        found |= dict(_weights(node, own))
    return found


def _weights(node: Node, blobs: list[Array]) -> Iterator[tuple[str, Array]]:
    if isinstance(node.layer, BatchNorm):
        if node.layer.use_global_stats is False:
            return  # Caffe keeps statistics that it doesn't use; here there are none.
        # Caffe keeps sums, and in a third blob the factor to divide them by.
        mean, variance, factor = blobs
        yield f"{node.path}.running_mean", mean / factor
        yield f"{node.path}.running_var", variance / factor
        return
    own = [parameter for parameter in node.parameters if not parameter.buffer]
    for parameter, blob in zip(own, blobs, strict=True):
        yield parameter.name, blob.reshape(parameter.shape)


def inputs_of(graph: netspec.Graph, network: str) -> dict[str, Array]:
    given = facts(network, "in")
    return {b.name: given[b.name].astype(b.type.dtype) for b in graph.inputs}


def assert_equal(found: Array, expected: Array) -> None:
    assert found.size == expected.size
    np.testing.assert_allclose(
        found.astype(np.float64).reshape(expected.shape), expected, rtol=TOLERANCE, atol=TOLERANCE
    )


@pytest.mark.parametrize("network", NETWORKS)
def test_pytorch(network: str) -> None:
    graph = load(network)
    emitted = instrumented(graph)
    weights = {name: torch.from_numpy(value) for name, value in weights_of(graph, network).items()}
    missing, unexpected = emitted.model.load_state_dict(weights, strict=False)
    assert not unexpected
    assert all(name.endswith("num_batches_tracked") for name in missing)
    train = any(node.phase is Phase.TRAIN for node in graph.nodes)
    emitted.model.train(train)
    with torch.no_grad():
        emitted.model(**{k: torch.from_numpy(v) for k, v in inputs_of(graph, network).items()})
    for name, expected in facts(network, "out").items():
        assert_equal(emitted.blobs[name].numpy(), expected)


@pytest.mark.parametrize("network", NETWORKS)
def test_onnx_runtime(network: str) -> None:
    graph = load(network)
    if any(node.phase is Phase.TRAIN for node in graph.nodes):
        pytest.skip("ONNX holds the TEST phase")
    model = to_model(graph, Options(weights_of(graph, network)))
    session = onnxruntime.InferenceSession(model.SerializeToString())
    names = [each.name for each in session.get_outputs()]
    given: Mapping[str, Array] = inputs_of(graph, network)
    results = dict(zip(names, session.run(names, dict(given)), strict=True))
    for name, expected in facts(network, "out").items():
        assert_equal(results[name], expected)
