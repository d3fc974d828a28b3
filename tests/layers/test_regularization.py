"""Dropout and DropPath."""

import pytest
import torch

from netspec.graph import Size
from netspec.layers.regularization import Dropout, DropPath
from netspec.lower.onnx.model import to_model
from netspec.lower.torch import to_source, to_torch
from tests.graphs import H, N, W
from tests.layers.layer_checks import check_gradients, check_numbers, flops, layer_graph, refusal

IMAGE: tuple[Size, ...] = (N, 3, H, W)


@pytest.mark.parametrize("layer", [Dropout(), Dropout(dropout_ratio=0), DropPath(drop_ratio=0.4)])
def test_nothing_happens_in_test(layer: Dropout | DropPath) -> None:
    check_numbers(layer, [IMAGE], lambda x: x)
    check_gradients(layer, IMAGE)
    assert flops(layer, (N, 3, 4, 5)) == 0


@pytest.mark.parametrize("shape", [(N,), (N, 3), IMAGE])
@pytest.mark.parametrize("ratio", [0.0, 0.25, 0.8])
def test_whole_samples_are_dropped(ratio: float, shape: tuple[Size, ...]) -> None:
    graph = layer_graph(DropPath(drop_ratio=ratio), shape)
    rank = "" if len(shape) == 4 else f", rank={len(shape)}"
    assert f"DropPath({ratio!r}{rank})" in to_source(graph)
    torch.manual_seed(0)
    y = to_torch(graph).train()(torch.ones(4000, *(3 for _ in shape[1:]))).reshape(4000, -1)
    assert (y == y[:, :1]).all()
    kept = y[:, 0]
    assert set(kept.unique().tolist()) <= {0.0, torch.tensor(1 / (1 - ratio)).item()}
    assert (kept == 0).float().mean().item() == pytest.approx(ratio, abs=0.03)
    assert kept.mean().item() == pytest.approx(1, abs=0.1)


def test_onnx_keeps_a_node_for_it() -> None:
    model = to_model(layer_graph(DropPath(drop_ratio=0.5), IMAGE))
    assert [node.op_type for node in model.graph.node] == ["Identity"]


def test_refusals() -> None:
    error = refusal(DropPath(drop_ratio=0.5), ())
    assert error.message == "DropPath drops samples of a batch, but its bottom is a scalar"
    with pytest.raises(ValueError, match="drop_ratio"):
        DropPath.model_validate({})
    with pytest.raises(ValueError, match="less than 1"):
        DropPath(drop_ratio=1)
