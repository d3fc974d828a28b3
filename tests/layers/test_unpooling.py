"""Unpooling: the way back from a maximum pooling."""

from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

import netspec
from netspec.graph import Graph, Shape, TensorType
from netspec.graph.reach import Along, Part, Step
from netspec.layers.pooling import Pooling
from netspec.layers.unpooling import Unpooling
from netspec.lower.torch import to_source, to_torch
from tests.graphs import Builder, H, N, W
from tests.layers.layer_checks import refusal, values_for
from tests.lower.onnx.checks import OPSETS, checked_model, run


def there_and_back(layer: Pooling, *shape: Any) -> Graph:
    builder = Builder()
    top, mask = builder.layers(["top", "mask"], "pool", layer, builder.input("data", *shape))
    return builder.graph(builder.layer("here", Unpooling(), top, mask))


@pytest.mark.parametrize("opset", OPSETS)
def test_pytorchs_own(opset: int) -> None:
    graph = there_and_back(Pooling(kernel_size=(2, 3), stride=(2, 3)), N, 3, 5, 7)
    x = torch.from_numpy(values_for((2, 3, 5, 7)))
    top, mask = F.max_pool2d(x, (2, 3), return_indices=True)
    expected = F.max_unpool2d(top, mask, [2, 3], output_size=[5, 7])
    assert str(graph.results[0].type) == "N×3×5×7"
    assert to_torch(graph)(x).equal(expected)
    (found,) = run(checked_model(graph, opset=opset), x.numpy())
    np.testing.assert_array_equal(found, expected.numpy())


@pytest.mark.parametrize("axes", [1, 3])
def test_signals_and_volumes(axes: int) -> None:
    shape = (2, 3, *(5, 7, 4)[:axes])
    graph = there_and_back(Pooling(kernel_size=2, stride=2), N, *shape[1:])
    pool, unpool = getattr(F, f"max_pool{axes}d"), getattr(F, f"max_unpool{axes}d")
    x = torch.from_numpy(values_for(shape))
    top, mask = pool(x, 2, return_indices=True)
    expected = unpool(top, mask, 2, output_size=shape[2:])
    assert to_torch(graph)(x).equal(expected)
    for opset in (13, 18, 22):
        (found,) = run(checked_model(graph, opset=opset), x.numpy())
        np.testing.assert_array_equal(found, expected.numpy())


@pytest.mark.parametrize(
    "layer",
    [
        Pooling(kernel_size=(3, 3), stride=(2, 2), pad=(1, 1), round_mode="CEIL"),
        Pooling(kernel_size=(3, 4), stride=(1, 2), pad=(2, 3)),
        Pooling(global_pooling=True),
        Pooling(output_size=(3, 4)),
    ],
)
def test_the_image_of_any_pooling(layer: Pooling) -> None:
    """Maxima go back where they were, those of overlapping windows too: they are equal."""
    graph = there_and_back(layer, N, 2, 8, 9)
    x = values_for((2, 2, 8, 9))
    found = to_torch(graph)(torch.from_numpy(x)).numpy()
    (onnx,) = run(checked_model(graph), x)
    np.testing.assert_array_equal(onnx, found)
    kept = found != 0
    np.testing.assert_array_equal(found[kept], x[kept])
    assert kept.any(axis=(2, 3)).all()


def test_of_two_for_one_place_the_last_stays() -> None:
    builder = Builder()
    data, other = builder.input("data", 1, 1, 1, 3), builder.input("other", 1, 1, 1, 2)
    _, mask = builder.layers(["top", "mask"], "pool", Pooling(kernel_size=(1, 2)), data)
    graph = builder.graph(builder.layer("here", Unpooling(), other, mask))
    x = np.array([[[[0, 9, 0]]]], np.float32)
    y = np.array([[[[3, 5]]]], np.float32)
    expected = [[[[0, 5, 0]]]]
    assert to_torch(graph)(torch.from_numpy(x), torch.from_numpy(y)).tolist() == expected
    assert run(checked_model(graph), x, y)[0].tolist() == expected


def test_gradients() -> None:
    graph = there_and_back(Pooling(kernel_size=(2, 2), stride=(2, 2)), N, 3, 6, 6)
    x = torch.randn(2, 3, 6, 6, requires_grad=True)
    to_torch(graph)(x).square().sum().backward()
    assert x.grad is not None
    assert x.grad.isfinite().all()


def test_in_a_spec() -> None:
    graph = netspec.loads(
        """
netspec: 1
name: Net
inputs: {data: [N, 3, 9, 8]}
layers:
  - {name: pool, top: [pooled, mask], type: Pooling, kernel_size: 2, stride: 2}
  - {name: relu, type: ReLU, bottom: pooled}
  - {name: unpool, type: Unpooling, bottom: [relu, mask]}
"""
    )
    assert {name: str(shape) for name, shape in graph.outputs.items()} == {"unpool": "N×3×9×8"}
    assert graph.nodes[-1].flops == 0
    source = to_source(graph)
    assert "pooled, mask = self.pool(data)" in source
    assert "mask, (9, 8))" in source


def mistake(*bottoms: TensorType) -> tuple[str, int | None, str]:
    with pytest.raises(netspec.layers.LayerError) as caught:
        Unpooling().outputs(bottoms)
    return caught.value.code, caught.value.bottom, caught.value.message


def mask_of(layer: Pooling, *shape: Any) -> TensorType:
    return layer.outputs_for([TensorType(Shape(shape))], 2)[1]


def test_a_mask_that_is_none() -> None:
    error = refusal(Unpooling(), (N, 3, 4, 4), (N, 3, 4, 4))
    assert (error.code, error.bottom) == ("shape-mismatch", 1)
    assert error.message == (
        "Unpooling's second bottom must be the mask of a Pooling, but `{1}` is none"
    )
    assert error.help == (
        "name two tops of the Pooling, `top: [pooled, mask]`, and read the second"
    )


def test_another_shape() -> None:
    mask = mask_of(Pooling(kernel_size=(2, 2), stride=(2, 2)), N, 3, 8, 8)
    assert mistake(TensorType(Shape((N, 4, 4, 4))), mask) == (
        "shape-mismatch",
        1,
        "Unpooling needs a mask of its blob's shape, but reads N×4×4×4 and N×3×4×4",
    )


def test_an_image_of_unknown_size() -> None:
    mask = mask_of(Pooling(kernel_size=(2, 2), stride=(2, 2)), N, 3, H, W)
    assert mistake(TensorType(mask.shape), mask) == (
        "unknown-size",
        1,
        "Unpooling needs to know the height that the mask's Pooling read, which is H here",
    )


@pytest.mark.parametrize(
    "layer",
    [
        Pooling(kernel_size=(2, 3), stride=(2, 1)),
        Pooling(kernel_size=(3, 3), stride=(2, 2), pad=(1, 0), round_mode="CEIL"),
        Pooling(kernel_size=(2, 1), stride=(3, 4)),
        Pooling(kernel_size=(5, 4), stride=(2, 3), pad=(2, 1)),
        Pooling(output_size=(3, 8)),
        Pooling(global_pooling=True),
    ],
)
def test_a_place_sees_the_windows_that_cover_it(layer: Pooling) -> None:
    """What comes to a place from one image or another is all that it sees, and no more."""
    builder = Builder()
    tops = builder.layers(["top", "mask"], "pool", layer, builder.input("data", N, 1, 9, 12))
    image = torch.rand(4000, 1, 9, 12, generator=torch.Generator().manual_seed(0))
    mask = to_torch(builder.graph(*tops))(image)["mask"]
    shape = mask.shape[2:]
    mask = mask.flatten(1)
    (top,) = Unpooling().outputs([blob.type for blob in tops])
    reach, other = (
        Unpooling().reach(bottom, 0, [blob.type for blob in tops], [top]) for bottom in (0, 1)
    )
    assert reach == other
    assert isinstance(reach, tuple)
    for place in range(9 * 12):
        found = {number for number, at in enumerate(mask.unbind(1)) if (at == place).any()}
        assert found == {
            number
            for number, (row, column) in enumerate(np.ndindex(*shape))
            if sees(reach[2], place // 12, row) and sees(reach[3], place % 12, column)
        }


def sees(step: Step, top: int, place: int) -> bool:
    assert isinstance(step, Along | Part)
    first, last = (step.first, step.last) if isinstance(step, Part) else step.windows.at(top)
    return first <= place <= last


@pytest.mark.parametrize(("kernel", "stride", "pad"), [(2, 2, 0), (3, 2, 1), (3, 1, 1), (2, 3, 0)])
def test_there_and_back_sees_what_filters_do(kernel: int, stride: int, pad: int) -> None:
    """Twice over, with convolutions between."""
    windows = f"kernel_size: {kernel}, stride: {stride}, pad: {pad}"
    conv = "type: Convolution, num_output: 2, kernel_size: 3, pad: 1"
    ways = {
        "pooled": (
            f"type: Pooling, {windows}, round_mode: FLOOR, top: [{{0}}, mask{{0}}]",
            "type: Unpooling, bottom: [{1}, mask{0}]",
        ),
        "filtered": (
            f"type: Convolution, num_output: 2, {windows}",
            f"type: Deconvolution, num_output: 2, {windows}, bottom: {{1}}",
        ),
    }
    fields = []
    for down, up in ways.values():
        layers = [
            f"name: a, {conv}",
            f"name: one, {down.format('one')}",
            f"name: b, {conv}, bottom: one",
            f"name: two, {down.format('two')}",
            f"name: c, {conv}, bottom: two",
            f"name: d, {up.format('two', 'c')}",
            f"name: e, {conv}",
            f"name: f, {up.format('one', 'e')}",
            f"name: g, {conv}",
        ]
        text = "".join(f"  - {{{each}}}\n" for each in layers)
        size = 73 if pad or stride != 2 else 64
        spec = f"netspec: 1\nname: Net\ninputs: {{data: [N, 3, {size}, {size}]}}\nlayers:\n{text}"
        net = netspec.loads(spec)
        fields.append([net.receptive_field(name) for name in "defg"])
    assert fields[0] == fields[1]
    assert not any(field is None or field.is_all for field in fields[0])


def test_masks_of_equal_sizes_saw_different_windows() -> None:
    """A block that reads one isn't a copy of one that reads another."""
    text = """netspec: 1
name: Net
inputs: {data: [N, 3, 64, 64]}
blocks:
  back:
    inputs: [blob, mask]
    layers:
      - {name: same, type: Identity, bottom: mask}
      - {name: up, type: Unpooling, bottom: [blob, same]}
layers:
  - {name: a, type: Pooling, kernel_size: 2, stride: 2, top: [pa, ma]}
  - {name: b, type: Pooling, kernel_size: 6, stride: 2, pad: 2, top: [pb, mb], bottom: data}
  - {name: one, type: back, bottom: [pa, ma]}
  - {name: two, type: back, bottom: [pb, mb]}
  - {name: three, type: back, bottom: [pb, mb]}
outputs: [one, two, three]
"""
    nodes = {node.path: node for node in netspec.loads(text)}
    sizes = []
    for name in ("one.up", "two.up", "three.up"):
        reach = nodes[name].layer.reach(0, 0, [blob.type for blob in nodes[name].bottoms], ())
        assert isinstance(reach, tuple)
        assert isinstance(reach[2], Along)
        sizes.append(reach[2].windows.size)
    assert sizes == [1, 3, 3]


def test_a_decoder_sees_a_part_of_the_image() -> None:
    field = netspec.load("segnet").receptive_field("conv1_1_D")
    assert field is not None
    assert field.size == (404, 404)
