"""Flatten, Permute, Concat, Slice, Tile, Pad and Crop."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from netspec.graph import Size
from netspec.layers import Layer
from netspec.layers.crop import Crop
from netspec.layers.shape import Concat, Flatten, Pad, Permute, Tile
from netspec.lower.torch import to_source, to_torch
from tests.graphs import Builder, H, N, W
from tests.layers.layer_checks import (
    Reference,
    check_gradients,
    check_numbers,
    flops,
    layer_graph,
    refusal,
    values_for,
)
from tests.lower.onnx.checks import OPSETS, checked_model, run
from tests.lower.torch.checks import checked_source

IMAGE: tuple[Size, ...] = (N, 3, H, W)
VOLUME: tuple[Size, ...] = (N, 3, 2, H, W)
LARGE: tuple[Size, ...] = (N, 3, 9, 11)
Shapes = list[tuple[Size, ...]]

CASES: dict[str, tuple[Layer, Shapes, Reference]] = {
    "flatten": (Flatten(), [IMAGE], lambda x: x.flatten(1)),
    "flatten-some": (Flatten(axis=-3, end_axis=2), [IMAGE], lambda x: x.flatten(1, 2)),
    "flatten-one": (Flatten(axis=2, end_axis=2), [IMAGE], lambda x: x),
    "permute": (Permute(order=[0, 2, 3, 1]), [IMAGE], lambda x: x.permute(0, 2, 3, 1)),
    "permute-batch": (Permute(order=[1, 0]), [(N, 3)], lambda x: x.T),
    "permute-nothing": (Permute(order=[0, 1, 2, 3]), [IMAGE], lambda x: x),
    "concat": (Concat(axis=-3), [IMAGE, (N, 1, H, W)], lambda a, b: torch.cat([a, b], 1)),
    "concat-same": (Concat(axis=0), [IMAGE] * 2, lambda a, b: torch.cat([a, b], 0)),
    "tile": (Tile(tiles=3), [IMAGE], lambda x: torch.cat([x] * 3, 1)),
    "tile-width": (Tile(axis=-1, tiles=2), [IMAGE], lambda x: torch.cat([x, x], 3)),
    "tile-batch": (Tile(axis=0, tiles=2), [(N, 3)], lambda x: torch.cat([x, x], 0)),
    "tile-once": (Tile(tiles=1), [(N, 3)], lambda x: x),
    "pad-image": (Pad(pad=[1, 2, 0, 3]), [IMAGE], lambda x: F.pad(x, (0, 3, 1, 2))),
    "pad-all": (Pad(pad=1), [VOLUME], lambda x: F.pad(x, (1,) * 6)),
    "pad-row": (Pad(pad=[[1, 2]]), [(N, 3, W)], lambda x: F.pad(x, (1, 2))),
    "pad-volume": (
        Pad(pad=[[0, 1], [2, 0], [0, 3]], value=0.5),
        [VOLUME],
        lambda x: F.pad(x, (0, 3, 2, 0, 0, 1), value=0.5),
    ),
    "pad-value": (
        Pad(axis=1, before=1, value=-2.0),
        [(N, 3)],
        lambda x: F.pad(x, (1, 0), value=-2.0),
    ),
    "pad-nothing": (Pad(axis=0), [(N, 3)], lambda x: x),
    "crop": (Crop(), [LARGE, (N, 1, 4, 5)], lambda x, y: x[:, :, :4, :5]),
    "crop-offset": (Crop(offset=[2]), [LARGE, (N, 1, 4, 5)], lambda x, y: x[:, :, 2:6, 2:7]),
    "crop-offsets": (
        Crop(offset=[0, 6]),
        [LARGE, (N, 7, H, W - 1)],
        lambda x, y: x[:, :, :5, 6:11],
    ),
    "crop-unknown": (
        Crop(offset=[1, 2]),
        [(N, 3, H + 5, W + 5), IMAGE],
        lambda x, y: x[:, :, 1:6, 2:8],
    ),
    "crop-channels": (
        Crop(axis=1, offset=[1, 0, 3]),
        [LARGE, (N, 2, H, 7)],
        lambda x, y: x[:, 1:, :5, 3:10],
    ),
    "crop-width": (Crop(axis=-1, offset=[4]), [LARGE, (N, 1, 2, W)], lambda x, y: x[..., 4:10]),
    "crop-batch": (Crop(axis=0), [(4, 3), (1, 2)], lambda x, y: x[:1, :2]),
}


@pytest.mark.parametrize("name", CASES)
def test_numbers(name: str) -> None:
    layer, shapes, reference = CASES[name]
    known = all(isinstance(s, int) or s in (N, H, W) for shape in shapes for s in shape)
    if known:
        check_numbers(layer, shapes, reference, source=name != "crop-batch")
        return
    # A formula stands for one of its values.
    values = {N: 2, H: 5, W: 6, H + 5: 10, W + 5: 11, W - 1: 5}
    sizes = [tuple(values.get(s, s) for s in shape) for shape in shapes]
    inputs = [values_for(size, number) for number, size in enumerate(sizes)]
    expected = reference(*map(torch.from_numpy, inputs))
    graph = layer_graph(layer, *shapes)
    given = to_torch(graph).eval()(*map(torch.from_numpy, inputs))
    torch.testing.assert_close(given, expected)
    for opset in OPSETS:
        (actual,) = run(checked_model(graph, opset=opset), *inputs)
        np.testing.assert_array_equal(actual, expected.numpy())


@pytest.mark.parametrize("name", [name for name in CASES if not name.startswith("crop")])
def test_gradients(name: str) -> None:
    layer, shapes, _ = CASES[name]
    check_gradients(layer, *shapes)
    assert flops(layer, *shapes) == 0


def test_a_cropped_bottom_gets_gradients() -> None:
    model = to_torch(layer_graph(Crop(offset=[1]), LARGE, (N, 1, 4, 5)))
    x = torch.randn(2, 3, 9, 11, requires_grad=True)
    model(x, torch.randn(2, 1, 4, 5)).sum().backward()
    assert x.grad is not None
    assert x.grad.sum() == 2 * 3 * 4 * 5


@pytest.mark.parametrize(
    ("layer", "shapes", "text"),
    [
        (Permute(order=[0, 2, 3, 1]), [IMAGE], "return in0.permute(0, 2, 3, 1)"),
        (Tile(axis=-1, tiles=2), [IMAGE], "return in0.repeat(1, 1, 1, 2)"),
        (Pad(pad=2), [VOLUME], "nn.ZeroPad3d(2)"),
        (Pad(pad=[[0, 2]]), [(N, 3, W)], "nn.ZeroPad1d((0, 2))"),
        (
            Crop(offset=[2, 0]),
            [LARGE, (N, 1, 4, 5)],
            "return in0[:, :, 2 : 2 + in1.shape[2], : in1.shape[3]]",
        ),
    ],
)
def test_emitted(layer: Layer, shapes: Shapes, text: str) -> None:
    assert text in to_source(layer_graph(layer, *shapes))


def test_a_long_crop_breaks() -> None:
    builder = Builder()
    data = builder.input("an_input_with_a_rather_long_name", N, 3, 9, 11)
    small = builder.input("another_input_with_a_long_name", N, 3, 4, 5)
    wide = builder.layer("it", Crop(offset=[1, 2]), data, small)
    deep = builder.layer("that", Crop(axis=1, offset=[0, 1, 2]), data, small)
    checked_source(builder.graph(wide, deep))


@pytest.mark.parametrize(
    ("layer", "shapes", "code", "message"),
    [
        (
            Permute(order=[0, 1, 1]),
            [(N, 3)],
            "bad-value",
            "`order` needs each axis from 0 to 2 once, not [0, 1, 1]",
        ),
        (
            Permute(order=[0, 2, 1]),
            [IMAGE],
            "bad-axis",
            "Permute's `order` lists 3 axes, but its bottom N×3×H×W has 4",
        ),
        (
            Pad(pad=[1, 1, 1, 1], before=2),
            [IMAGE],
            "field-conflict",
            "`before` has no meaning with `pad`",
        ),
        (Pad(), [IMAGE], "missing-field", "Pad takes `pad` or `axis`, but has neither"),
        (
            Pad(pad=[1, 1]),
            [IMAGE],
            "bad-value",
            "`pad` is a number, [before, after] for each spatial axis, or [top, bottom, left, "
            "right], not [1, 1]",
        ),
        (
            Pad(pad=[[1, 1], [1]]),
            [IMAGE],
            "bad-value",
            "`pad` is a number, [before, after] for each spatial axis, or [top, bottom, left, "
            "right], not [[1, 1], [1]]",
        ),
        (
            Pad(pad=[1, 1, 2, 2]),
            [VOLUME],
            "shape-mismatch",
            "`pad` has margins of 2 spatial axes, but {0}, N×3×2×H×W, has 3",
        ),
        (
            Pad(pad=[[1, 1]]),
            [IMAGE],
            "shape-mismatch",
            "`pad` has margins of 1 spatial axis, but {0}, N×3×H×W, has 2",
        ),
        (
            Crop(offset=[1, 2, 3]),
            [LARGE, LARGE],
            "bad-value",
            "`offset` needs one number, or one for each of the 2 axes cut, not 3",
        ),
        (
            Crop(),
            [LARGE, (N, 3)],
            "shape-mismatch",
            "Crop needs bottoms with equally many axes, got N×3×9×11 and N×3",
        ),
        (
            Crop(offset=[6]),
            [LARGE, (N, 3, 4, 5)],
            "shape-mismatch",
            "Crop can't take 4 elements from 6 on of the 9 along axis 2",
        ),
        (
            Crop(offset=[1]),
            [IMAGE, IMAGE],
            "shape-mismatch",
            "Crop can't take H elements from 1 on of the H along axis 2",
        ),
    ],
)
def test_refusals(layer: Layer, shapes: Shapes, code: str, message: str) -> None:
    error = refusal(layer, *shapes)
    assert (error.code, error.message) == (code, message)


@settings(deadline=None, max_examples=20)
@given(order=st.permutations(range(4)))
def test_any_order(order: list[int]) -> None:
    layer = Permute(order=order)
    check_numbers(layer, [(2, 3, 4, 5)], lambda x: x.permute(order), opsets=[13], source=False)


@settings(deadline=None, max_examples=25)
@given(data=st.data(), axis=st.integers(-4, 3))
def test_any_crop(data: st.DataObject, axis: int) -> None:
    whole = (4, 5, 6, 7)
    kept, offsets = list(whole), []
    for number in range(axis % 4, 4):
        kept[number] = data.draw(st.integers(1, whole[number]))
        offsets.append(data.draw(st.integers(0, whole[number] - kept[number])))
    index = [slice(None)] * (axis % 4)
    index += [slice(o, o + k) for o, k in zip(offsets, kept[axis % 4 :], strict=True)]
    layer = Crop(axis=axis, offset=[*offsets])
    shapes: Shapes = [whole, tuple(kept)]
    check_numbers(layer, shapes, lambda x, y: x[tuple(index)], opsets=[13], source=False)
