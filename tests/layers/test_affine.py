"""Scale and Bias, with learned blobs and with two bottoms."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from netspec.graph import Size
from netspec.graph.fillers import Filler
from netspec.layers.affine import Bias, Scale
from netspec.lower.torch import to_source, to_torch
from tests.graphs import H, N, W
from tests.layers.layer_checks import (
    Reference,
    Sizes,
    check_gradients,
    check_numbers,
    flops,
    held,
    layer_graph,
    refusal,
)
from tests.lower.onnx.checks import NEWEST
from tests.lower.torch.checks import checked_source

IMAGE: Sizes = (N, 3, H, W)
LEARNED: dict[str, tuple[Scale | Bias, Sizes, str, Reference]] = {
    "scale": (
        Scale(),
        IMAGE,
        "LearnedScale((3,))",
        lambda x, weight: x * weight[:, None, None],
    ),
    "scale-and-bias": (
        Scale(bias_term=True),
        IMAGE,
        "LearnedScale((3,), bias=True)",
        lambda x, weight, bias: x * weight[:, None, None] + bias[:, None, None],
    ),
    "scale-of-a-matrix": (
        Scale(bias_term=True),
        (N, 3),
        "LearnedScale((3,), trailing=0, bias=True)",
        lambda x, weight, bias: x * weight + bias,
    ),
    "scale-to-the-end": (
        Scale(axis=2, num_axes=-1),
        (N, H, 4, 5),
        "LearnedScale((4, 5), trailing=0)",
        lambda x, weight: x * weight,
    ),
    "scale-in-the-middle": (
        Scale(axis=-3, num_axes=2, bias_term=True),
        (N, 3, 4, W),
        "LearnedScale((3, 4), trailing=1, bias=True)",
        lambda x, weight, bias: x * weight[..., None] + bias[..., None],
    ),
    "scale-by-a-scalar": (
        Scale(num_axes=0, bias_term=True),
        IMAGE,
        "LearnedScale((), trailing=0, bias=True)",
        lambda x, weight, bias: x * weight + bias,
    ),
    "bias": (Bias(), IMAGE, "LearnedBias((3,))", lambda x, bias: x + bias[:, None, None]),
    "bias-by-a-scalar": (
        Bias(num_axes=0),
        IMAGE,
        "LearnedBias((), trailing=0)",
        lambda x, bias: x + bias,
    ),
}


@pytest.mark.parametrize("case", LEARNED)
def test_learned(case: str) -> None:
    layer, shape, text, reference = LEARNED[case]
    check_numbers(layer, [shape], reference)
    check_gradients(layer, shape)
    assert text in to_source(layer_graph(layer, shape))


SECOND: dict[str, tuple[int, Sizes, str, Reference]] = {
    "channels": (1, (3,), "in0 * in1[..., None, None]", lambda x, s: x * s[:, None, None]),
    "last": (-1, (W,), "in0 * in1", lambda x, s: x * s),
    "per-sample": (
        0,
        (N,),
        "in0 * in1[..., None, None, None]",
        lambda x, s: x * s[:, None, None, None],
    ),
    "excitation": (0, (N, 3), "in0 * in1[..., None, None]", lambda x, s: x * s[..., None, None]),
    "excitation-of-an-image": (1, (N, 3, 1, 1), "in0 * in1", lambda x, s: x * s),
    "attention": (1, (N, 1, H, W), "in0 * in1", lambda x, s: x * s),
    "equal": (1, IMAGE, "in0 * in1", lambda x, s: x * s),
    "ones": (0, (1, 3, 1), "in0 * in1[..., None]", lambda x, s: x * s[..., None]),
    "scalar": (1, (), "in0 * in1", lambda x, s: x * s),
}


@pytest.mark.parametrize("case", SECOND)
def test_second_bottom(case: str) -> None:
    axis, second, text, reference = SECOND[case]
    check_numbers(Scale(axis=axis), [IMAGE, second], reference)
    check_gradients(Scale(axis=axis), IMAGE, second)
    assert text in to_source(layer_graph(Scale(axis=axis), IMAGE, second))
    sums: Reference = lambda x, s: x + reference(torch.ones_like(x), s)  # noqa: E731
    check_numbers(Bias(axis=axis), [IMAGE, second], sums, opsets=[13, NEWEST])


def test_second_bottom_and_a_bias() -> None:
    def reference(x: Tensor, s: Tensor, bias: Tensor) -> Tensor:
        return x * s[:, None, None] + bias[:, None, None]

    check_numbers(Scale(bias_term=True), [IMAGE, (3,)], reference)
    check_gradients(Scale(bias_term=True), IMAGE, (3,))
    check_numbers(
        Scale(bias_term=True), [(2, 3, 4), (1, 3, 1)], lambda x, s, bias: x * s + bias, opsets=[13]
    )
    assert "BiasedProduct((3,))" in to_source(layer_graph(Scale(bias_term=True), IMAGE, (3,)))


AXES = given(st.data())


def check_axes(data: st.DataObject) -> None:
    """A loop over the axes agrees on which of them the second bottom covers."""
    whole = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    rank = data.draw(st.integers(0, len(whole)))
    axis = data.draw(st.integers(0, len(whole) - rank)) if rank < len(whole) else 0
    covered = whole[axis : axis + rank]
    second = [data.draw(st.sampled_from([1, size])) for size in covered]
    opset = data.draw(st.sampled_from([13, 18, NEWEST]))

    def reference(x: Tensor, s: Tensor) -> Tensor:
        shape = [1] * axis + second + [1] * (len(whole) - axis - rank)
        return x * s.reshape(shape)

    at = min(axis, len(whole) - 1)
    check_numbers(
        Scale(axis=at), [tuple(whole), tuple(second)], reference, opsets=[opset], source=False
    )


@settings(max_examples=20, deadline=None)
@AXES
def test_any_axes(data: st.DataObject) -> None:
    check_axes(data)


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@AXES
def test_many_axes(data: st.DataObject) -> None:
    check_axes(data)


def test_weights() -> None:
    assert held(Scale(bias_term=True), IMAGE) == {"weight": (3,), "bias": (3,)}
    assert held(Scale(num_axes=0), IMAGE) == {"weight": ()}
    assert held(Scale(axis=1, num_axes=-1), (N, 3, 4)) == {"weight": (3, 4)}
    assert held(Scale(), IMAGE, (3,)) == {}
    assert held(Scale(bias_term=True), IMAGE, (3,)) == {"bias": (3,)}
    assert held(Bias(), IMAGE) == {"bias": (3,)}
    assert held(Bias(), IMAGE, (3,)) == {}


def test_fillers() -> None:
    layer = Scale(
        filler=Filler(value=2), bias_term=True, bias_filler=Filler(type="uniform", min=3, max=3)
    )
    model = to_torch(layer_graph(layer, IMAGE))
    assert model.get_parameter("here.weight").tolist() == [2, 2, 2]
    assert model.get_parameter("here.bias").tolist() == [3, 3, 3]
    check_numbers(layer, [IMAGE], LEARNED["scale-and-bias"][3], opsets=[])
    scalar = to_torch(layer_graph(Bias(num_axes=0, filler=Filler(type="msra")), IMAGE))
    assert scalar.get_parameter("here.bias").shape == ()


def test_flops() -> None:
    assert flops(Scale(), (N, 3, 4, 5)) == 60
    assert flops(Scale(bias_term=True), (N, 3, 4, 5)) == 120
    assert flops(Bias(), (N, 3, H, W)) == 3 * H * W
    assert flops(Scale(), (N, 3, 4, 5), (N, 3, 1, 1)) == 60


REFUSED: list[tuple[Scale | Bias, list[tuple[Size, ...]], str, str | None]] = [
    (Scale(axis=0), [IMAGE], "Scale needs to know the size of axis 0, which is N here", None),
    (Scale(axis=4), [IMAGE], "Scale's `axis` is 4, but its bottom N×3×H×W has 4 axes", "axis"),
    (
        Bias(axis=3, num_axes=2),
        [IMAGE],
        "Bias covers 2 axes from axis 3 on, but its bottom N×3×H×W has 4 axes",
        "num_axes",
    ),
    (
        Scale(),
        [IMAGE, (4,)],
        "Scale can't stretch {1}, 4, over {0}, N×3×H×W, from axis 1 on",
        None,
    ),
    (
        Bias(axis=3),
        [IMAGE, (W, 1)],
        "Bias can't stretch {1}, W×1, over {0}, N×3×H×W, from axis 3 on",
        None,
    ),
    (
        Scale(num_axes=2),
        [IMAGE, (3,)],
        "`num_axes` has no meaning with two bottoms: the second is what is stretched",
        "num_axes",
    ),
    (
        Bias(filler=Filler(value=1)),
        [IMAGE, (3,)],
        "`filler` has no meaning with two bottoms: the second is what is stretched",
        "filler",
    ),
    (
        Scale(axis=0, bias_term=True),
        [IMAGE, (N, 3)],
        "Scale needs to know the size of axis 0, which is N here",
        None,
    ),
    (
        Scale(bias_term=True, bias_filler=Filler(type="bilinear")),
        [IMAGE],
        "a bilinear filler fills square kernels, but this tensor has 1 axis, not four",
        "bias_filler",
    ),
]


@pytest.mark.parametrize(("layer", "shapes", "message", "field"), REFUSED)
def test_refusals(
    layer: Scale | Bias, shapes: list[tuple[Size, ...]], message: str, field: str | None
) -> None:
    error = refusal(layer, *shapes)
    assert error.message == message
    assert error.field == field


def test_a_drawn_bias_is_drawn_without_a_question() -> None:
    graph = layer_graph(Bias(filler=Filler(type="uniform", min=3, max=3)), IMAGE)
    source = checked_source(graph)
    assert "is not None" not in source
    assert to_torch(graph).get_parameter("here.bias").tolist() == [3, 3, 3]
