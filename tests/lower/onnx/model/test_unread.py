"""Bottoms of which a layer wants the size alone, and knows it."""

import onnx
import pytest

from netspec.graph import Graph, Size
from netspec.layers import Layer
from netspec.layers.convolution import Convolution
from netspec.layers.crop import Crop
from netspec.layers.resize import Upsample
from netspec.lower.onnx.model import to_model
from netspec.lower.onnx.options import Options
from netspec.lower.weights import fresh
from tests.graphs import Builder, H, N
from tests.lower.onnx.checks import OPSETS, assert_close, checked_model, image, run

SIZED: list[tuple[Layer, int]] = [
    (Crop(axis=2, offset=[1]), 4),
    (Upsample(), 16),  # by a whole factor
    (Upsample(), 12),
    (Upsample(mode="BILINEAR"), 12),
]


def read(model: onnx.ModelProto) -> set[str]:
    return {name for node in model.graph.node for name in node.input}


@pytest.mark.parametrize(("layer", "wanted"), SIZED, ids=str)
def test_every_input_is_read(layer: Layer, wanted: int) -> None:
    """By what gives the same as the constants would."""

    def graph(size: Size) -> Graph:
        builder = Builder()
        data, like = builder.input("data", N, 3, 8, 8), builder.input("like", N, 1, size, size)
        first = builder.layer("first", layer, data, like)
        return builder.graph(builder.layer("second", layer, data, like), first)

    given = image(2, 3, 8, 8), image(2, 1, wanted, wanted)
    for opset in OPSETS:
        model = checked_model(graph(wanted), opset=opset)
        assert {each.name for each in model.graph.input} <= read(model)
        found = run(model, *given)
        for ours, theirs in zip(found, run(checked_model(graph(H)), *given), strict=True):
            assert_close(ours, theirs)


@pytest.mark.parametrize(("layer", "wanted"), SIZED, ids=str)
def test_an_input_is_read_through_layers(layer: Layer, wanted: int) -> None:
    builder = Builder()
    data, other = builder.input("data", N, 3, 8, 8), builder.input("other", N, 3, wanted, wanted)
    like = builder.layer("like", Convolution(num_output=2, kernel_size=(1, 1)), other)
    model = checked_model(builder.graph(builder.layer("same", layer, data, like)))
    assert {"data", "other", "like.weight"} <= read(model)


@pytest.mark.parametrize(("layer", "wanted"), SIZED, ids=str)
def test_layers_that_give_a_known_size_are_left_out(layer: Layer, wanted: int) -> None:
    builder = Builder()
    data, other = builder.input("data", N, 3, 8, 8), builder.input("other", N, 3, wanted, wanted)
    like = builder.layer("like", Convolution(num_output=2, kernel_size=(1, 1)), other)
    same = builder.layer("same", layer, data, like)
    graph = builder.graph(same, other)
    model = checked_model(graph)
    assert "like" not in {node.name for node in model.graph.node}
    assert not any(each.name.startswith("like") for each in model.graph.initializer)
    skeleton = to_model(graph, Options(no_weights=True))
    assert [each.name for each in skeleton.graph.input] == ["data", "other"]
    assert fresh(graph)["like.weight"].shape == (2, 3, 1, 1)
