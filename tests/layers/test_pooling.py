"""Pooling: all its methods, margins of any width, the mask, and what it says of itself."""

from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

import netspec
from netspec.graph import Graph, Shape, TensorType
from netspec.layers.pooling import Pooling, PoolingMethod
from netspec.lower.torch import to_source, to_torch
from tests.graphs import Builder, H, N, W
from tests.layers.layer_checks import (
    Sizes,
    check_gradients,
    check_numbers,
    flops,
    layer_graph,
    refusal,
    values_for,
)
from tests.layers.pooling_reference import both, pooled
from tests.lower.onnx.checks import checked_model, run

METHODS: tuple[PoolingMethod, ...] = ("MAX", "AVE", "L2", "STOCHASTIC")
SOME = (13, 17, 18, 20, 22, 26)
"""Opsets between which the operators used have changed."""


def masked(layer: Pooling, *shape: Any) -> Graph:
    """The layer with both of its tops."""
    builder = Builder()
    bottom = builder.input("data", *shape)
    return builder.graph(*builder.layers(["top", "mask"], "here", layer, bottom))


CASES: dict[str, tuple[Pooling, Sizes]] = {
    "l2": (Pooling(pool="L2", kernel_size=(3, 2), stride=(2, 2)), (N, 3, H, W)),
    "l2-padded": (
        Pooling(pool="L2", kernel_size=(3, 2), stride=(2, 1), pad=(1, 1)),
        (N, 3, H, W),
    ),
    "l2-ceil": (
        Pooling(pool="L2", kernel_size=(3, 3), stride=(2, 2), round_mode="CEIL"),
        (N, 3, 6, 8),
    ),
    "l2-global": (Pooling(pool="L2", global_pooling=True), (N, 3, H, W)),
    "stochastic": (Pooling(pool="STOCHASTIC", kernel_size=(2, 3), stride=(2, 1)), (N, 3, H, W)),
    "stochastic-ceil": (
        Pooling(
            pool="STOCHASTIC", kernel_size=(3, 3), stride=(2, 2), pad=(0, 1), round_mode="CEIL"
        ),
        (N, 3, 6, 8),
    ),
    "stochastic-global": (Pooling(pool="STOCHASTIC", global_pooling=True), (N, 3, H, W)),
}


@pytest.mark.parametrize("name", CASES)
def test_sums(name: str) -> None:
    layer, shape = CASES[name]
    check_numbers(layer, [shape], partial(pooled, layer), opsets=SOME)
    check_numbers(layer, [shape], partial(pooled, layer), positive=True, opsets=[20], source=False)


def test_l2_is_pytorchs() -> None:
    layer = Pooling(pool="L2", kernel_size=(3, 2), stride=(2, 1))
    x = torch.from_numpy(values_for((2, 3, 7, 8)))
    torch.testing.assert_close(pooled(layer, x), F.lp_pool2d(x.double(), 2, (3, 2), (2, 1)))


WIDE: dict[str, dict[str, Any]] = {
    "beyond-half": {"kernel_size": (3, 3), "stride": (2, 2), "pad": (2, 2)},
    "whole": {"kernel_size": (2, 2), "stride": (1, 2), "pad": (2, 3)},
    "ceil": {"kernel_size": (3, 4), "stride": (2, 3), "pad": (2, 3), "round_mode": "CEIL"},
    "whole-ceil": {"kernel_size": (2, 1), "stride": (2, 3), "pad": (3, 2), "round_mode": "CEIL"},
    "steps-over": {"kernel_size": (3, 3), "stride": (5, 4), "pad": (2, 2), "round_mode": "CEIL"},
}


@pytest.mark.parametrize("shape", [(N, 2, 5, 6), (N, 2, H, W)], ids=["known", "symbolic"])
@pytest.mark.parametrize("include", [True, False], ids=["with-pad", "without-pad"])
@pytest.mark.parametrize("pool", METHODS)
@pytest.mark.parametrize("name", WIDE)
def test_wide_margins(name: str, pool: PoolingMethod, include: bool, shape: Sizes) -> None:
    if pool != "AVE" and not include:
        pytest.skip("averages alone count")
    layer = Pooling(pool=pool, **WIDE[name], count_include_pad=include)
    check_numbers(layer, [shape], partial(pooled, layer), opsets=[13, 20])


@st.composite
def poolings(draw: st.DrawFn) -> tuple[Pooling, Sizes]:
    axes = draw(st.integers(1, 3))
    sizes = st.tuples(*[st.integers(1, 4)] * axes)
    layer = Pooling(
        pool=draw(st.sampled_from(METHODS if axes == 2 else METHODS[:3])),
        kernel_size=draw(sizes),
        stride=draw(sizes),
        pad=draw(st.tuples(*[st.integers(0, 3)] * axes)),
        round_mode=draw(st.sampled_from(["FLOOR", "CEIL"])),
        count_include_pad=draw(st.booleans()),
    )
    return layer, (2, 2, *draw(st.tuples(*[st.integers(1, 8 if axes < 3 else 5)] * axes)))


def check_windows(case: tuple[Pooling, Sizes], known: bool) -> None:
    """Predicted windows and both back ends' numbers, whatever the settings."""
    layer, shape = case
    sizes = [size for size in shape[2:] if isinstance(size, int)]
    kernels, _, pads = layer.along(len(sizes))
    for size, kernel, pad in zip(sizes, kernels, pads, strict=True):
        assume(size + 2 * pad >= kernel)
    builder = Builder()
    free = (N, 2, H, W, *shape[4:])[: len(shape)]
    graph = builder.graph(
        builder.layer("here", layer, builder.input("data", *(shape if known else free)))
    )
    values = values_for(shape)
    if layer.pool == "STOCHASTIC":
        # Probabilities come of activations; a sum over both signs may be anything near zero.
        values = np.abs(values)
    expected = pooled(layer, torch.from_numpy(values)).numpy()
    assert layer.outputs([TensorType(Shape(shape))])[0].shape.sizes == expected.shape
    (onnx,) = run(checked_model(graph), values)
    np.testing.assert_allclose(onnx, expected, rtol=1e-5, atol=2e-6)
    found = to_torch(graph).eval()(torch.from_numpy(values).double())
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-7, atol=1e-8)


@settings(max_examples=60, deadline=None)
@given(poolings(), st.booleans())
def test_any_windows(case: tuple[Pooling, Sizes], known: bool) -> None:
    check_windows(case, known)


@pytest.mark.slow
@settings(max_examples=2000, deadline=None)
@given(poolings(), st.booleans())
def test_any_windows_at_length(case: tuple[Pooling, Sizes], known: bool) -> None:
    check_windows(case, known)


ADAPTIVE: dict[str, Pooling] = {
    "one": Pooling(pool="AVE", output_size=1),
    "regular": Pooling(pool="AVE", output_size=2),
    "irregular": Pooling(pool="AVE", output_size=3),
    "maxima": Pooling(output_size=3),
    "global": Pooling(global_pooling=True),
    "norm": Pooling(pool="L2", global_pooling=True),
}


@pytest.mark.parametrize("shape", [(2, 3, 8), (2, 3, 4, 5, 8)], ids=["signal", "volume"])
@pytest.mark.parametrize("name", ADAPTIVE)
def test_so_many_windows_in_other_axes(name: str, shape: Sizes) -> None:
    layer = ADAPTIVE[name]
    check_numbers(layer, [(N, *shape[1:])], partial(pooled, layer), opsets=SOME)


@pytest.mark.parametrize("shape", [(2, 3, 9), (2, 3, 6, 5, 7)], ids=["signal", "volume"])
@pytest.mark.parametrize(
    "layer",
    [
        Pooling(kernel_size=2, stride=2),
        Pooling(kernel_size=3, stride=2, pad=1, round_mode="CEIL"),
        Pooling(kernel_size=3, stride=2, pad=2),
        Pooling(global_pooling=True),
        Pooling(output_size=3),
        Pooling(output_size=4),
    ],
    ids=["plain", "ceil", "wide", "global", "adaptive-regular", "adaptive"],
)
def test_masks_in_other_axes(layer: Pooling, shape: Sizes) -> None:
    graph = masked(layer, N, *shape[1:])
    values = values_for(shape)
    tops, mask = both(layer, torch.from_numpy(values))
    results = to_torch(graph)(torch.from_numpy(values).double())
    torch.testing.assert_close(results["top"], tops)
    assert results["mask"].equal(mask)
    for opset in SOME:
        found, places = run(checked_model(graph, opset=opset), values)
        np.testing.assert_allclose(found, tops.numpy(), rtol=1e-6)
        np.testing.assert_array_equal(places, mask.numpy())


@pytest.mark.parametrize("include", [True, False], ids=["with-pad", "without-pad"])
@pytest.mark.parametrize("shape", [(N, 2, 2, 5, 6), (N, 2, H, W, 6)], ids=["known", "symbolic"])
def test_averages_of_windows_larger_than_the_volume(shape: Sizes, include: bool) -> None:
    """PyTorch's own refuses them, padded or not."""
    layer = Pooling(pool="AVE", kernel_size=3, stride=2, pad=1, count_include_pad=include)
    check_numbers(layer, [shape], partial(pooled, layer), opsets=[13, 20])
    small = torch.from_numpy(values_for((1, 2, 2, 2, 6)))
    found = to_torch(layer_graph(layer, (N, 2, H, W, 6)))(small.double())
    torch.testing.assert_close(found, pooled(layer, small))


def test_windows_of_chance_are_of_images() -> None:
    mistake = refusal(Pooling(pool="STOCHASTIC", kernel_size=2), (N, 3, 8))
    assert (mistake.code, mistake.field, mistake.message) == (
        "shape-mismatch",
        "pool",
        "STOCHASTIC needs a bottom of two spatial axes, N×C×H×W, but reads N×3×8",
    )


MASKS: dict[str, Pooling] = {
    "plain": Pooling(kernel_size=(2, 2), stride=(2, 2)),
    "padded": Pooling(kernel_size=(3, 2), stride=(2, 1), pad=(1, 1)),
    "ceil": Pooling(kernel_size=(3, 3), stride=(2, 2), round_mode="CEIL"),
    "wide": Pooling(kernel_size=(3, 4), stride=(2, 1), pad=(2, 3)),
    "wide-ceil": Pooling(kernel_size=(3, 4), stride=(2, 3), pad=(2, 3), round_mode="CEIL"),
    "global": Pooling(global_pooling=True),
    "adaptive-one": Pooling(output_size=(1, 1)),
    "adaptive-regular": Pooling(output_size=(5, 3)),
    "adaptive": Pooling(output_size=(3, 4)),
    "adaptive-more": Pooling(output_size=(7, 1)),
}


@pytest.mark.parametrize("known", [True, False], ids=["known", "symbolic"])
@pytest.mark.parametrize("name", MASKS)
def test_mask(name: str, known: bool) -> None:
    layer = MASKS[name]
    graph = masked(layer, *((2, 3, 5, 6) if known else (N, 3, H, W)))
    values = values_for((2, 3, 5, 6))
    tops, mask = both(layer, torch.from_numpy(values))
    results = to_torch(graph)(torch.from_numpy(values).double())
    torch.testing.assert_close(results["top"], tops)
    assert results["mask"].equal(mask)
    if not known and name in ("adaptive-regular", "adaptive", "adaptive-more"):
        return  # ONNX has no adaptive pooling: its windows must be known
    for opset in SOME:
        found, places = run(checked_model(graph, opset=opset), values)
        np.testing.assert_allclose(found, tops.numpy(), rtol=1e-6)
        np.testing.assert_array_equal(places, mask.numpy())
        assert places.dtype == np.int64


def test_of_equal_elements_the_mask_names_the_first() -> None:
    graph = masked(Pooling(kernel_size=(2, 2), pad=(1, 1)), 1, 1, 3, 3)
    values = np.zeros((1, 1, 3, 3), np.float32)
    expected = [[0, 0, 1, 2], [0, 0, 1, 2], [3, 3, 4, 5], [6, 6, 7, 8]]
    assert to_torch(graph)(torch.from_numpy(values))["mask"].tolist() == [[expected]]
    assert run(checked_model(graph), values)[1].tolist() == [[expected]]


def network(fields: str, shape: str = "[N, 3, 8, 9]") -> Graph:
    layers = f"  - {{name: here, type: Pooling, {fields}}}"
    text = f"netspec: 1\nname: Net\ninputs: {{data: {shape}}}\nlayers:\n{layers}\n"
    graph: Graph = netspec.loads(text)
    return graph


def test_a_second_top_asks_for_the_mask() -> None:
    graph = network("top: [pooled, mask], kernel_size: 2, stride: 2")
    assert [(blob.name, str(blob.type)) for blob in graph.nodes[0].tops] == [
        ("pooled", "N×3×4×4"),
        ("mask", "N×3×4×4 int64"),
    ]
    source = to_source(graph)
    assert "self.here = nn.MaxPool2d(2, return_indices=True)" in source
    assert "pooled, mask = self.here(data)" in source


@pytest.mark.parametrize("pool", ["AVE", "L2", "STOCHASTIC"])
def test_maxima_alone_have_a_mask(pool: str) -> None:
    with pytest.raises(netspec.SpecError) as caught:
        network(f"pool: {pool}, top: [pooled, mask], kernel_size: 2")
    (mistake,) = caught.value.diagnostics
    assert (mistake.code, mistake.message) == (
        "top-count",
        "`top` names 2 blobs, but the layer gives 1",
    )


def test_windows_wholly_in_padding_have_no_place() -> None:
    with pytest.raises(netspec.SpecError) as caught:
        network("top: [pooled, mask], kernel_size: 2, pad: 2")
    (mistake,) = caught.value.diagnostics
    assert (mistake.code, mistake.message, mistake.help) == (
        "bad-value",
        "windows wholly in padding have no maximum for a mask to name",
        "pad by less than `kernel_size`, or leave the second top out",
    )


@pytest.mark.parametrize("pool", ["L2", "STOCHASTIC"])
def test_adaptive_windows_are_for_maxima_and_averages(pool: PoolingMethod) -> None:
    mistake = refusal(Pooling(pool=pool, output_size=(2, 2)), (N, 3, 8, 8))
    assert (mistake.code, mistake.field) == ("field-conflict", "output_size")
    assert mistake.message == f"`output_size` goes with MAX and AVE, not with {pool}"


def test_a_random_element_in_training() -> None:
    torch.manual_seed(0)
    layer = Pooling(pool="STOCHASTIC", kernel_size=(2, 2), stride=(2, 2))
    builder = Builder()
    graph = builder.graph(builder.layer("here", layer, builder.input("data", N, 1, 2, 2)))
    model = to_torch(graph).train()
    x = torch.tensor([[0.0, 1.0], [2.0, 5.0]]).expand(20000, 1, 2, 2)
    found = model(x).flatten()
    shares = [(found == value).float().mean().item() for value in (0.0, 1.0, 2.0, 5.0)]
    np.testing.assert_allclose(shares, [0, 1 / 8, 2 / 8, 5 / 8], atol=0.015)
    assert model(torch.zeros(1, 1, 2, 2)).item() == 0
    expectation = model.eval()(x[:1]).item()
    assert expectation == pytest.approx((1 + 4 + 25) / 8)
    assert found.mean().item() == pytest.approx(expectation, abs=0.05)


@pytest.mark.parametrize("pool", METHODS)
@pytest.mark.parametrize("pad", [0, 1, 2])
def test_gradients(pool: PoolingMethod, pad: int) -> None:
    layer = Pooling(pool=pool, kernel_size=(3, 3), stride=(2, 2), pad=(pad, pad))
    check_gradients(layer, (2, 3, 7, 7), inputs=[torch.rand(2, 3, 7, 7)])
    check_gradients(
        Pooling(pool=pool, global_pooling=True), (2, 3, 7, 7), inputs=[torch.rand(2, 3, 7, 7)]
    )


@pytest.mark.parametrize("pool", ["L2", "STOCHASTIC"])
def test_gradients_where_all_is_zero(pool: PoolingMethod) -> None:
    layer = Pooling(pool=pool, kernel_size=(2, 2))
    builder = Builder()
    graph = builder.graph(builder.layer("here", layer, builder.input("data", N, 1, 4, 4)))
    for model in (to_torch(graph).train(), to_torch(graph).eval()):
        x = torch.zeros(1, 1, 4, 4, requires_grad=True)
        model(x).sum().backward()
        assert x.grad is not None
        assert x.grad.isfinite().all()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"pool": "MAX"}, 8),
        ({"pool": "AVE"}, 9),
        ({"pool": "L2"}, 9 + 8 + 1),
        ({"pool": "STOCHASTIC"}, 9 + 2 * 8 + 1),
    ],
)
def test_flops(fields: dict[str, Any], expected: int) -> None:
    windows = 3 * 4 * 5  # of 3 channels
    assert flops(Pooling(kernel_size=(3, 3), stride=(2, 2), **fields), (N, 3, 9, 11)) == (
        windows * expected
    )
    assert flops(Pooling(global_pooling=True, **fields), (N, 3, 3, 3)) == 3 * expected


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        (
            "kernel_size: 3, pad: 2",
            'self.here(F.pad(data, (2, 2, 2, 2), value=float("-inf")))',
        ),
        ("pool: AVE, kernel_size: 3, pad: 2", "self.here(F.pad(data, (2, 2, 2, 2)))"),
        ("pool: L2, kernel_size: 2, stride: 2", "nn.LPPool2d(2, 2)"),
        ("pool: L2, global_pooling: true", "torch.linalg.vector_norm(data, dim=(2, 3), keepdim=T"),
        ("pool: STOCHASTIC, kernel_size: 2, stride: 2", "StochasticPool2d((2, 2), stride=(2, 2))"),
        ("pool: STOCHASTIC, global_pooling: true", "self.here = StochasticPool2d()"),
    ],
)
def test_source(fields: str, text: str) -> None:
    assert text in to_source(network(fields))


def test_volumes_in_source() -> None:
    known, free = "[N, 3, 4, 8, 8]", "[N, 3, D, H, W]"
    fields = "pool: AVE, kernel_size: 3, stride: 2, pad: 1"
    assert "nn.AvgPool3d(3, stride=2, padding=1)" in to_source(network(fields, known))
    source = to_source(network(fields, free))
    assert "self.here(F.pad(data, (1, 1, 1, 1, 1, 1)))" in source
