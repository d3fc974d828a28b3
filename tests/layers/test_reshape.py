"""Reshape."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from netspec.graph import Shape, Size, TensorType
from netspec.layers import Layer, LayerError
from netspec.layers.activation import ReLU
from netspec.layers.convolution import Convolution
from netspec.layers.reshape import Reshape
from netspec.lower.torch import to_source
from tests.graphs import Builder, H, N, W, chain
from tests.layers.layer_checks import (
    KNOWN,
    check_gradients,
    check_numbers,
    flops,
    layer_graph,
    refusal,
)
from tests.lower.torch.checks import checked_source

IMAGE: tuple[Size, ...] = (N, 12, H, W)

CASES: dict[str, tuple[Layer, tuple[Size, ...], tuple[Size, ...]]] = {
    "copies": (Reshape(shape=[0, 4, -1, 5]), (N, 4, 3, 5), (N, 4, 3, 5)),
    "rest": (Reshape(shape=[0, 4, -1]), (N, 12, 3, 5), (N, 4, 45)),
    "rest-of-unknown": (Reshape(shape=[0, 4, -1]), IMAGE, (N, 4, 3 * H * W)),
    "batch-is-the-rest": (Reshape(shape=[-1, 4]), (N, 12, 5), (15 * N, 4)),
    "all-in-one": (Reshape(shape=[-1]), IMAGE, (12 * N * H * W,)),
    "channels-split": (Reshape(shape=[3, 4], axis=1, num_axes=1), IMAGE, (N, 3, 4, H, W)),
    "channels-split-with-rest": (
        Reshape(shape=[3, -1], axis=1, num_axes=1),
        IMAGE,
        (N, 3, 4, H, W),
    ),
    "last-split-behind-copies": (Reshape(shape=[0, 0, -1, 3]), (N, 4, 6), (N, 4, 2, 3)),
    "batch-split": (Reshape(shape=[-1, 2], num_axes=1), (6, 5), (3, 2, 5)),
    "image-flattened": (Reshape(shape=[-1], axis=2), IMAGE, (N, 12, H * W)),
    "height-joins-channels": (
        Reshape(shape=[-1], axis=1, num_axes=2),
        IMAGE,
        (N, 12 * H, W),
    ),
    "axis-added": (Reshape(shape=[1], axis=-1, num_axes=0), IMAGE, (*IMAGE, 1)),
    "axis-added-in-front": (Reshape(shape=[1], num_axes=0), IMAGE, (1, *IMAGE)),
    "axes-dropped": (Reshape(shape=[], axis=2), (N, 12, 1, 1), (N, 12)),
    "copy-beyond": (Reshape(shape=[0, 0, 4, -1]), (N, 4, 2, 2), (N, 4, 4, 1)),
    "copy-of-unknown": (Reshape(shape=[0, 4, 0, -1]), IMAGE, (N, 4, H, 3 * W)),
    "copy-and-moved": (
        Reshape(shape=[6, 0, -1], axis=1, num_axes=2),
        (N, 12, H, W),
        (N, 6, H, 2, W),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_numbers(name: str) -> None:
    layer, shape, expected = CASES[name]
    (top,) = layer.outputs([TensorType(Shape(shape))])
    assert top.shape == Shape(expected)
    values: dict[str, Size] = {str(symbol): size for symbol, size in KNOWN.items()}
    sizes = [size for size in top.shape.substitute(values) if isinstance(size, int)]
    check_numbers(layer, [shape], lambda x: x.reshape(sizes))
    check_gradients(layer, shape)
    assert flops(layer, shape) == 0


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rest", "return in0.reshape(in0.shape[0], 4, -1)"),
        ("all-in-one", "return in0.reshape(-1)"),
        ("channels-split", "return in0.unflatten(1, (3, 4))"),
        ("channels-split-with-rest", "return in0.unflatten(1, (3, -1))"),
        ("last-split-behind-copies", "return in0.unflatten(2, (-1, 3))"),
        ("batch-split", "return in0.unflatten(0, (-1, 2))"),
        ("height-joins-channels", "return in0.reshape(in0.shape[0], -1, in0.shape[3])"),
        ("copy-of-unknown", "return in0.reshape(in0.shape[0], 4, in0.shape[2], -1)"),
    ],
)
def test_emitted(name: str, text: str) -> None:
    layer, shape, _ = CASES[name]
    assert text in to_source(layer_graph(layer, shape))


def test_what_is_named_twice_is_a_variable() -> None:
    builder = Builder()
    data = builder.input("data", N, 3, H, W)
    blob = builder.layer("conv", Convolution(num_output=4, kernel_size=(1, 1)), data)
    blob = builder.layer("relu", ReLU(), blob)
    blob = builder.layer("it", Reshape(shape=[0, 2, -1, 0]), blob)
    source = checked_source(builder.graph(blob))
    assert "x = self.relu(self.conv(data))\n" in source
    assert "return x.reshape(x.shape[0], 2, -1, x.shape[3])" in source


def test_a_chain_keeps_its_lines() -> None:
    layers = Reshape(shape=[0, 2, 6, 0, 0]), Reshape(shape=[0, 12, 16]), ReLU()
    graph = chain((N, 2, 6, 4, 4), *layers)
    source = checked_source(graph)
    assert "self.l2(data.reshape(-1, 2, 6, 4, 4).reshape(-1, 12, 16))" in source


@pytest.mark.parametrize(
    ("layer", "shape", "code", "message"),
    [
        (
            Reshape(shape=[-1, -1]),
            IMAGE,
            "bad-value",
            "`shape` may leave one size open with −1, not 2",
        ),
        (
            Reshape(shape=[0, 5, -1]),
            (N, 12, 3),
            "shape-mismatch",
            "Reshape needs a multiple of 5*N elements for this `shape`, but N×12×3 has 36*N",
        ),
        (
            Reshape(shape=[0, 35]),
            (N, 12, 3),
            "shape-mismatch",
            "Reshape needs 35*N elements for this `shape`, but N×12×3 has 36*N",
        ),
        (
            Reshape(shape=[2, 36]),
            (N, 12, 3),
            "shape-mismatch",
            "Reshape needs 72 elements for this `shape`, but N×12×3 has 36*N, which differ "
            "where N is 1",
        ),
        (
            Reshape(shape=[0, 12, 3, 0]),
            (N, 12, 3),
            "bad-axis",
            "`shape` copies axis 3 with its 0, but the bottom N×12×3 has 3 axes",
        ),
        (
            Reshape(shape=[1], axis=4),
            (N, 12, 3),
            "bad-axis",
            "Reshape's `axis` is 4, but its bottom has 3 axes",
        ),
        (
            Reshape(shape=[1], axis=2, num_axes=2),
            (N, 12, 3),
            "bad-axis",
            "Reshape can't replace 2 axes from axis 2 on: its bottom has 3",
        ),
    ],
)
def test_refusals(layer: Layer, shape: tuple[Size, ...], code: str, message: str) -> None:
    error = refusal(layer, shape)
    assert (error.code, error.message) == (code, message)


def caffe(layer: Reshape, bottom: list[int]) -> list[int]:
    """Caffe's reshape_layer.cpp, step by step."""
    start = layer.axis if layer.axis >= 0 else len(bottom) + layer.axis + 1
    end = len(bottom) if layer.num_axes == -1 else start + layer.num_axes
    if not 0 <= start <= end <= len(bottom):
        raise IndexError
    top = bottom[:start] + layer.shape + bottom[end:]
    for number, size in enumerate(layer.shape):
        if size == 0:
            top[start + number] = bottom[start + number]
    if -1 in layer.shape:
        place = start + layer.shape.index(-1)
        explicit = -int(np.prod(top))
        if int(np.prod(bottom)) % explicit:
            raise ValueError
        top[place] = int(np.prod(bottom)) // explicit
    if np.prod(top) != np.prod(bottom):
        raise ValueError
    return top


@settings(deadline=None, max_examples=80)
@given(
    bottom=st.lists(st.sampled_from([1, 2, 3, 4, 6]), min_size=1, max_size=4),
    shape=st.lists(st.sampled_from([-1, 0, 1, 2, 3, 4, 6]), max_size=4),
    axis=st.integers(-5, 4),
    num_axes=st.integers(-1, 4),
)
def test_shapes_are_caffes(bottom: list[int], shape: list[int], axis: int, num_axes: int) -> None:
    assume(shape.count(-1) < 2)
    layer = Reshape(shape=shape, axis=axis, num_axes=num_axes)
    kinds = [TensorType(Shape(tuple(bottom)))]
    try:
        expected = caffe(layer, bottom)
    except (ValueError, IndexError):
        with pytest.raises(LayerError):
            layer.outputs(kinds)
        return
    (top,) = layer.outputs(kinds)
    assert list(top.shape) == expected
    x = torch.arange(int(np.prod(bottom)), dtype=torch.float32).reshape(bottom)
    sizes = tuple(expected)
    if sizes:
        check_numbers(
            layer,
            [tuple(x.shape)],
            lambda y: y.reshape(sizes),
            opsets=[13],
            source=False,
        )
