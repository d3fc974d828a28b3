"""Slice."""

import numpy as np
import pytest
import torch

import netspec
from netspec.graph import Shape, Size
from netspec.layers import Layer, LayerError
from netspec.layers.slice import Slice
from netspec.lower.flat import to_flat
from netspec.lower.torch import to_torch
from tests.graphs import Builder, H, N, W
from tests.layers.layer_checks import refusal, types, values_for
from tests.lower.onnx.checks import OPSETS, checked_model, run
from tests.lower.torch.checks import checked_source

IMAGE: tuple[Size, ...] = (N, 3, H, W)

SLICES: dict[str, tuple[Slice, tuple[Size, ...], int, list[int]]] = {
    "halves": (Slice(), (N, 6, H, W), 2, [3, 3]),
    "thirds": (Slice(axis=-1), (N, 2, H, 9), 3, [3, 3, 3]),
    "alone": (Slice(), IMAGE, 1, [3]),
    "points": (Slice(slice_point=[1, 2]), (N, 6, H, W), 3, [1, 1, 4]),
    "points-of-unknown": (Slice(axis=2, slice_point=[1, 3]), IMAGE, 3, [1, 2, 2]),
    "batches": (Slice(axis=0, slice_point=[1]), (N, 3), 2, [1, 1]),
    "doubled": (Slice(axis=2), (N, 3, 2 * H, W), 2, [5, 5]),
}


@pytest.mark.parametrize("name", SLICES)
def test_parts(name: str) -> None:
    layer, shape, count, sizes = SLICES[name]
    builder = Builder()
    tops = builder.layers(
        [f"p{n}" for n in range(count)], "here", layer, builder.input("x", *shape)
    )
    graph = builder.graph(*tops)
    axis = layer.axis % len(shape)
    x = values_for(tuple(10 if size == 2 * H else size for size in shape))
    assert [top.shape[axis] for top in tops if isinstance(top.shape[axis], int)] == [
        size for size, top in zip(sizes, tops, strict=True) if isinstance(top.shape[axis], int)
    ]
    expected = torch.from_numpy(x).split(sizes, axis)
    given = to_torch(graph).eval()(torch.from_numpy(x))
    found = [given] if count == 1 else [given[top.name] for top in tops]
    for part, wanted in zip(found, expected, strict=True):
        torch.testing.assert_close(part, wanted)
    for opset in OPSETS:
        actual = run(checked_model(graph, opset=opset), x)
        for part, wanted in zip(actual, expected, strict=True):
            np.testing.assert_array_equal(part, wanted.numpy())
    assert graph.flops == 0


@pytest.mark.parametrize(
    ("layer", "count", "text"),
    [
        (Slice(), 2, "p0, p1 = x.chunk(2, 1)"),
        (Slice(axis=-1, slice_point=[2, 3]), 3, "p0, p1, p2 = x.tensor_split((2, 3), -1)"),
    ],
)
def test_emitted_parts(layer: Slice, count: int, text: str) -> None:
    builder = Builder()
    data = builder.input("x", N, 6, 8, 8)
    tops = builder.layers([f"p{n}" for n in range(count)], "here", layer, data)
    assert text in checked_source(builder.graph(*tops))


def test_as_many_parts_as_the_text_names() -> None:
    network = netspec.loads("""
netspec: 1
name: Net
inputs: {data: [N, 6, 4, 4]}
layers:
  - {name: halves, type: Slice, top: [left, right]}
  - {name: points, type: Slice, slice_point: 1, bottom: left}
  - {name: sum, type: Eltwise, operation: SUM, bottom: [left, right]}
outputs: [points, sum]
""")
    assert {node.path: node.top for node in network.nodes} == {
        "halves": (Shape((N, 3, 4, 4)),) * 2,
        "points": (Shape((N, 1, 4, 4)), Shape((N, 2, 4, 4))),
        "sum": (Shape((N, 3, 4, 4)),),
    }
    assert netspec.loads(to_flat(network)).nodes == network.nodes
    checked_source(network)
    checked_model(network)


@pytest.mark.parametrize(
    ("layer", "shapes", "code", "message"),
    [
        (
            Slice(slice_point=[2, 2]),
            [IMAGE],
            "bad-value",
            "`slice_point` must increase from part to part, not [2, 2]",
        ),
        (
            Slice(slice_point=[1, 3]),
            [IMAGE],
            "bad-value",
            "`slice_point` 3 leaves nothing of the 3 elements for the last part",
        ),
        (Slice(), [IMAGE], "top-count", "Slice needs to know how many parts to give"),
    ],
)
def test_refusals(layer: Layer, shapes: list[tuple[Size, ...]], code: str, message: str) -> None:
    error = refusal(layer, *shapes)
    assert (error.code, error.message) == (code, message)


@pytest.mark.parametrize(
    ("size", "code", "message"),
    [
        (5, "shape-mismatch", "Slice can't cut 5 elements into 2 equal parts"),
        (
            H,
            "unknown-size",
            "Slice needs to know that 2 divides the axis's size, which is H here; it doesn't "
            "where H is 3",
        ),
    ],
)
def test_unequal_parts(size: Size, code: str, message: str) -> None:
    with pytest.raises(LayerError) as caught:
        Slice().outputs_for(types((N, size)), 2)
    assert (caught.value.code, caught.value.message) == (code, message)
    assert (caught.value.help or "").startswith("say where to cut: `slice_point`")
