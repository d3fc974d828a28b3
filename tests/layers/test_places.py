"""SpaceToDepth, LocallyConnected, DropConnect, and Crop from the centre."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

import netspec
from netspec.graph import Graph, Phase, Size
from netspec.layers import Layer
from netspec.layers.crop import Crop
from netspec.layers.inner_product import DropConnect
from netspec.layers.locally_connected import LocallyConnected
from netspec.layers.space_to_depth import SpaceToDepth
from netspec.lower.torch import to_source, to_torch
from tests.graphs import H, N
from tests.layers.layer_checks import (
    check_gradients,
    check_numbers,
    held,
    layer_graph,
    refusal,
)
from tests.lower.onnx.checks import OPSETS, checked_model, run
from tests.lower.torch.checks import checked_source

Sizes = tuple[Size, ...]
IMAGE: Sizes = (N, 3, 6, 4)


def blocks(x: Tensor) -> Tensor:
    """ONNX's definition, by plain indexing."""
    return torch.cat([x[:, :, y::2, z::2] for y in (0, 1) for z in (0, 1)], 1)


def test_space_to_depth() -> None:
    check_numbers(SpaceToDepth(block_size=2), [IMAGE], blocks)
    layer = SpaceToDepth(block_size=2, order="CRD")
    check_numbers(layer, [IMAGE], lambda x: F.pixel_unshuffle(x, 2))
    check_gradients(layer, IMAGE)
    assert "nn.PixelUnshuffle(2)" in to_source(layer_graph(layer, IMAGE))


def local(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """A window of 3 by 2 at strides 2 and 1, with one row of margin, place by place."""
    x = F.pad(x, (0, 0, 1, 1))
    places = [(2 * row, column) for row in range(3) for column in range(3)]
    outputs = []
    for place, (y, z) in enumerate(places):
        window = x[:, :, y : y + 3, z : z + 2].flatten(1)
        outputs.append(window @ weight[:, :, place].T + bias[:, place])
    return torch.stack(outputs, 2).reshape(len(x), -1, 3, 3)


LOCAL = LocallyConnected(num_output=5, kernel_size=(3, 2), stride=(2, 1), pad=(1, 0))


def test_locally_connected() -> None:
    assert held(LOCAL, IMAGE) == {"weight": (5, 18, 9), "bias": (5, 9)}
    check_numbers(LOCAL, [IMAGE], local)
    check_gradients(LOCAL, IMAGE)
    node = layer_graph(LOCAL, IMAGE).phase(Phase.TEST).nodes[0]
    assert (node.macs, node.flops) == (5 * 9 * 18, 2 * 5 * 9 * 18 + 45)


def test_drop_connect_drops_weights_in_training() -> None:
    graph = layer_graph(DropConnect(num_output=4, drop_ratio=0.25, bias_term=False), (N, 1000))
    assert "DropConnect(1000, 4, bias=False, p=0.25)" in to_source(graph)
    model = to_torch(graph)
    with torch.no_grad():
        model.get_parameter("here.weight").fill_(1.0)
        x = torch.eye(1000)
        dropped = model.train()(x)
        assert sorted(set(dropped.flatten().tolist())) == [0.0, torch.tensor(1 / 0.75).item()]
        assert abs(dropped.mean().item() - 1) < 0.05
        assert (model.eval()(x) == 1).all()
    check_numbers(
        DropConnect(num_output=4),
        [(N, 6)],
        lambda x, weight, bias: x @ weight.T + bias,
    )


@pytest.mark.parametrize(
    ("other", "cut"),
    [
        ((N, 2, 6, 6), lambda x: x[:, :, 1:7, 1:7]),
        ((N, 2, 9, 1), lambda x: x[:, :, :, 3:4]),
    ],
)
def test_crop_from_the_centre(other: Sizes, cut: Callable[[Tensor], Tensor]) -> None:
    """Of an odd margin the larger part is behind."""
    check_numbers(Crop(center=True), [(N, 2, 9, 8), other], lambda x, _: cut(x))


def test_crop_from_the_centre_of_any_size() -> None:
    graph: Graph = netspec.loads("""
netspec: 1
name: Net
inputs: {data: [N, 2, H, W]}
layers:
  - {name: wide, type: Pad, pad: [1, 2, 0, 3]}
  - {name: middle, type: Crop, bottom: [wide, data], center: true}
""")
    assert "center_crop(" in checked_source(graph)
    x = np.random.default_rng(0).standard_normal((2, 2, 5, 6), np.float32)
    expected = F.pad(torch.from_numpy(x), (0, 3, 1, 2))[:, :, 1:6, 1:7]
    assert torch.equal(to_torch(graph)(torch.from_numpy(x)), expected)
    for opset in OPSETS:
        (found,) = run(checked_model(graph, opset=opset), x)
        np.testing.assert_array_equal(found, expected.numpy())


@pytest.mark.parametrize(
    ("layer", "shapes", "code", "message"),
    [
        (
            SpaceToDepth(block_size=3),
            [(N, 3, 6, 4)],
            "shape-mismatch",
            "SpaceToDepth's `block_size` 3 must divide height and width, but one is 4",
        ),
        (
            SpaceToDepth(block_size=2),
            [(N, 3, H, 4)],
            "shape-mismatch",
            "SpaceToDepth's `block_size` 2 must divide height and width; H isn't known to be a "
            "multiple, but doesn't where H is 3",
        ),
        (
            LocallyConnected(num_output=1, kernel_size=(1, 1)),
            [(N, 3, H, 4)],
            "unknown-size",
            "LocallyConnected needs to know the image's height, which is H here",
        ),
        (
            Crop(center=True, offset=[1]),
            [IMAGE, IMAGE],
            "field-conflict",
            "`offset` has no meaning with `center: true`",
        ),
    ],
)
def test_refusals(layer: Layer, shapes: list[Sizes], code: str, message: str) -> None:
    error = refusal(layer, *shapes)
    assert (error.code, error.message) == (code, message)


def test_a_fresh_local_filter_is_small() -> None:
    weight = to_torch(layer_graph(LOCAL, IMAGE)).get_parameter("here.weight")
    assert 0 < np.abs(weight.detach().numpy()).max() < 0.1
