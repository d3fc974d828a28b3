"""Element types: which operators take them since when, what they can't hold, and their numbers."""

from collections.abc import Iterator

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

import netspec
from netspec.diagnostics import Diagnostic, SpecError
from netspec.graph import Graph
from netspec.layers import CATALOGUE, Layer
from netspec.layers.accuracy import Accuracy
from netspec.layers.arithmetic import Eltwise
from netspec.layers.functions import Clip, Power
from netspec.layers.group_norm import GroupNorm, InstanceNorm, LayerNorm
from netspec.layers.inner_product import InnerProduct
from netspec.layers.lrn import LCN, LRN
from netspec.layers.normalization import MVN, BatchNorm, Normalize
from netspec.layers.pooling import Pooling
from netspec.layers.reduction import ArgMax, Reduction
from netspec.layers.regularization import Dropout
from netspec.layers.roi import ROIAlign, ROIPooling
from netspec.lower.onnx.layers.catalogue import LOWERINGS
from netspec.lower.onnx.model import to_model
from netspec.lower.onnx.opsets import DEFAULT_OPSETS, OLDEST_OPSET
from netspec.lower.onnx.options import Options
from netspec.lower.onnx.schemas import refusal, takes
from tests.graphs import Builder, H, N, W, chain
from tests.layers.recipes.every import RECIPES
from tests.layers.recipes.recipe import Input
from tests.layers.recipes.text import spec_text, values
from tests.layers.test_walk import grid
from tests.lower.onnx.checks import NEWEST, NEWEST_WRITTEN, assert_valid, run, weights_at_random

LOWERED = [name for name, layer in CATALOGUE.items() if layer in LOWERINGS]
EVERY_OPSET = range(OLDEST_OPSET, NEWEST_WRITTEN + 1)


def uses(name: str) -> Iterator[tuple[Graph, dict[str, Input]]]:
    """The networks of a layer's grid, and their inputs."""
    recipe = RECIPES[name]
    for use in grid(recipe, whole=False):
        text, inputs = spec_text(name, recipe.on, use)
        yield netspec.loads(text), inputs


def refused(graph: Graph, opset: int | None, dtype: str) -> Diagnostic | None:
    """Why there is no file; None where there is one, which is valid then."""
    try:
        model = to_model(graph, Options(opset=opset, dtype=dtype))
    except SpecError as error:
        first = error.diagnostics[0]
    else:
        onnx.checker.check_model(model, full_check=True)
        return None
    assert first.code == "not-lowerable"
    return first


TAKEN = "write the layer with operators that take every element type"


def check_every_opset(graph: Graph) -> None:
    """A file is valid, or its operators came later than it and no other is refused."""
    for dtype in DEFAULT_OPSETS:
        for opset in EVERY_OPSET:
            reason = refused(graph, opset, dtype)
            assert reason is None or dtype == "bfloat16"
            if reason is not None:
                assert reason.message.endswith(f" on; this is opset {opset}"), TAKEN
        assert refused(graph, None, dtype) is None, TAKEN


@pytest.mark.parametrize("name", LOWERED)
def test_valid_or_refused(name: str) -> None:
    graph, _ = next(uses(name))
    check_every_opset(graph)


@pytest.mark.slow
@pytest.mark.parametrize("name", LOWERED)
def test_valid_or_refused_with_every_field(name: str) -> None:
    for graph, _ in uses(name):
        check_every_opset(graph)


@pytest.mark.parametrize("name", LOWERED)
def test_shapes_in_other_element_types(name: str) -> None:
    graph, _ = next(uses(name))
    for dtype, opset in (
        ("float16", OLDEST_OPSET),
        ("bfloat16", None),
        ("bfloat16", NEWEST_WRITTEN),
    ):
        assert_valid(to_model(graph, Options(dtype=dtype, opset=opset)))


@pytest.mark.parametrize("opset", [OLDEST_OPSET, 20, NEWEST])
@pytest.mark.parametrize("name", LOWERED)
def test_float16_is_near_float32(name: str, opset: int) -> None:
    """On random, constant and zero inputs, and no number is missing."""
    for graph, inputs in uses(name):
        weights = weights_at_random(graph)
        single = to_model(graph, Options(weights, opset=opset))
        half = to_model(graph, Options(weights, opset=opset, dtype="float16"))
        for fill in (None, 0.7, 0.0):
            given = [filled(each.name, inputs[each.name], fill) for each in single.graph.input]
            expected = run(single, *(each.astype(wide(each)) for each in given))
            for ours, theirs in zip(run(half, *given), expected, strict=True):
                scale = float(np.abs(theirs[np.isfinite(theirs)]).max(initial=0))
                np.testing.assert_allclose(ours, theirs, rtol=1e-2, atol=1e-2 * scale)


def filled(name: str, each: Input, fill: float | None) -> NDArray[np.generic]:
    """An input's values in float16, all the same where that makes sense."""
    made = values(name, each)
    if made.dtype != np.float32:
        return made
    if fill is not None and (each.kind == "real" or (each.kind == "positive" and fill)):
        made = np.full_like(made, fill)
    return made.astype(np.float16)


def wide(given: NDArray[np.generic]) -> "np.dtype[np.generic]":
    return np.dtype(np.float32) if given.dtype == np.float16 else given.dtype


NORMALIZATIONS: list[Layer] = [
    MVN(),
    MVN(across_channels=True),
    Normalize(),
    Normalize(across_spatial=True),
    LayerNorm(axis=[1, 2, 3], eps=1e-8),
    LayerNorm(axis=[1], eps=1e-8),
    GroupNorm(group=1, eps=1e-8),
    InstanceNorm(eps=1e-8),
    BatchNorm(use_global_stats=False, eps=1e-8),
    LCN(),
    LRN(norm_region="WITHIN_CHANNEL"),
    LRN(alpha=1e-8),
]


@pytest.mark.parametrize("opset", [OLDEST_OPSET, 20, NEWEST])
@pytest.mark.parametrize("layer", NORMALIZATIONS, ids=lambda layer: layer.type_name)
def test_small_constants_of_normalizations_are_kept(layer: Layer, opset: int) -> None:
    """Of a constant channel, a zero vector, and values whose squares float16 doesn't hold."""
    graph = chain((2, 3, 6, 6), layer)
    single = to_model(graph, Options(opset=opset))
    half = to_model(graph, Options(opset=opset, dtype="float16"))
    random = np.random.default_rng(0).standard_normal((2, 3, 6, 6)).astype(np.float16)
    for x in (0 * random, 0 * random + np.float16(0.7), random, 400 * random, random / 400):
        (ours,), (theirs,) = run(half, x), run(single, x.astype(np.float32))
        scale = float(np.abs(theirs).max())
        np.testing.assert_allclose(ours, theirs, rtol=1e-2, atol=1e-2 * scale)


@pytest.mark.parametrize(
    ("layer", "dtype", "message"),
    [
        (Power(shift=1e-8), "float16", "Power computes with 1e-08 here, too small for float16"),
        (Power(scale=1e-8), "float16", "Power computes with 1e-08 here, too small for float16"),
        (Power(scale=1e-6), "float16", "Power computes with 1e-06 here, too small for float16"),
        (Power(scale=1e-5), "float16", None),
        (Power(scale=1e-8), "bfloat16", None),
        (Power(scale=2e-45), "float32", "Power computes with 2e-45 here, too small for float32"),
        (Clip(min=1e-8, max=1), "float16", "Clip computes with 1e-08 here, too small for float16"),
        (Reduction(coeff=1e-8), "float16", "Reduction computes with 1e-08 here, too small for"),
        (LRN(alpha=1e-50), "float32", "LRN computes with 1e-50 here, too small for float32"),
        (Dropout(dropout_ratio=1e-9), "float16", None),
        (LCN(std=0.1), "float16", None),  # the far ends of its window vanish beside the middle
    ],
    ids=str,
)
def test_constants_too_small_for_the_type(layer: Layer, dtype: str, message: str | None) -> None:
    reason = refused(chain((N, 3, 9, 9), layer), None, dtype)
    assert (reason is None) == (message is None)
    if reason is not None and message is not None:
        assert reason.path == "l0"
        assert reason.message.startswith(message)


def test_a_coefficient_too_small_for_the_type() -> None:
    builder = Builder()
    data = builder.input("data", N, 3)
    graph = builder.graph(builder.layer("sum", Eltwise(coeff=[1, 1e-8]), data, data))
    reason = refused(graph, None, "float16")
    assert reason is not None
    assert reason.message == "Eltwise computes with 1e-08 here, too small for float16"


@pytest.mark.parametrize("opset", EVERY_OPSET)
@pytest.mark.parametrize(
    "layer", [ArgMax(top_k=2), ArgMax(top_k=2, axis=1), ArgMax(top_k=2, axis=1, out_max_val=True)]
)
def test_top_k_of_bfloat16(layer: ArgMax, opset: int) -> None:
    """TopK takes it from opset 24 on; until then the values are cast, which changes none."""
    model = to_model(chain((N, 7), layer), Options(opset=opset, dtype="bfloat16"))
    assert_valid(model)
    casts = any(node.op_type == "Cast" for node in model.graph.node)
    assert casts == (opset < 24)


@pytest.mark.parametrize(
    "layer", [ROIAlign(pooled_h=1, pooled_w=2), ROIPooling(pooled_h=2, pooled_w=1)]
)
@pytest.mark.parametrize("height", [7, H])
def test_regions(layer: Layer, height: int) -> None:
    builder = Builder()
    image, regions = builder.input("data", N, 3, height, 9), builder.input("regions", N, 5)
    graph = builder.graph(builder.layer("roi", layer, image, regions))
    for opset in EVERY_OPSET:
        assert refused(graph, opset, "float16") is None
        reason = refused(graph, opset, "bfloat16")
        assert (reason is None) == (opset >= 22)


def test_places_in_a_large_image_are_exact() -> None:
    """Column 2049 is no number of float16; the region there is found by its corner at 2050."""
    builder = Builder()
    image, regions = builder.input("data", 1, 1, 2, 2052), builder.input("regions", 1, 5)
    layer = ROIAlign(pooled_h=1, pooled_w=2, sampling_ratio=1)
    graph = builder.graph(builder.layer("roi", layer, image, regions))
    ramp = np.tile(np.arange(2052) % 7, (1, 1, 2, 1)).astype(np.float16)
    box = np.array([[0, 2048, 0, 2050, 1]], np.float16)
    (found,) = run(to_model(graph, Options(opset=22, dtype="float16")), ramp, box)
    (expected,) = run(to_model(graph), ramp.astype(np.float32), box.astype(np.float32))
    np.testing.assert_array_equal(found, expected)


def test_the_least_opset_is_told() -> None:
    graph = chain((N, 3, H, W), Pooling(kernel_size=(2, 2)), BatchNorm())
    with pytest.raises(SpecError) as caught:
        to_model(graph, Options(opset=13, dtype="bfloat16"))
    assert [(each.path, each.message) for each in caught.value.diagnostics] == [
        ("l0", "ONNX's MaxPool takes bfloat16 from opset 22 on; this is opset 13"),
        ("l1", "ONNX's BatchNormalization takes bfloat16 from opset 14 on; this is opset 13"),
    ]


def test_operators_of_an_old_opset_may_take_the_type() -> None:
    model = to_model(chain((N, 6), InnerProduct(num_output=5)), Options(opset=13, dtype="bfloat16"))
    assert_valid(model)
    assert model.opset_import[0].version == 13


@pytest.mark.parametrize(
    ("operator", "opset", "inputs", "outputs", "reason"),
    [
        ("Gelu", 19, ["float32"], ["float32"], None),
        ("Gelu", 20, ["float32"], ["float32"], None),
        ("And", 20, ["bool", "float16"], ["bool"], "ONNX's And takes no float16"),
        ("Concat", 13, ["float16"] * 5, ["float16"], None),
        ("Cast", 13, ["bfloat16"], ["bool"], None),
        ("TopK", 22, [None, "int64"], ["bfloat16", "int64"], "ONNX's TopK takes bfloat16 from"),
        ("Pow", 13, [None, "bfloat16"], [], "ONNX's Pow takes bfloat16 from opset 15 on; this is"),
    ],
)
def test_what_operators_take(
    operator: str,
    opset: int,
    inputs: list[str | None],
    outputs: list[str | None],
    reason: str | None,
) -> None:
    found = refusal(operator, opset, inputs, outputs)
    assert found is None if reason is None else str(found).startswith(reason)
    assert takes(operator, NEWEST_WRITTEN, "float32") or operator == "And"


def labelled(classes: int, dtype: str) -> Graph:
    builder = Builder()
    scores, label = builder.input("data", N, classes), builder.input("label", N, dtype=dtype)
    return builder.graph(builder.layer("accuracy", Accuracy(), scores, label))


def test_whole_numbers_that_the_type_does_not_hold() -> None:
    pairs = ArgMax(out_max_val=True)
    reason = refused(chain((N, 1000), pairs), None, "bfloat16")
    assert reason is not None
    assert reason.message == (
        "ArgMax's indices would stand in bfloat16, which holds whole numbers up to 256, but there "
        "are 1000 of them"
    )
    assert refused(chain((N, 1000), pairs), None, "float16") is None
    assert refused(chain((N, 3, H, W), pairs), None, "float16") is not None
    assert refused(chain((N, 3, H, W), pairs), None, "float32") is None
    reason = refused(labelled(1000, "float32"), None, "bfloat16")
    assert reason is not None
    assert reason.message.startswith("Accuracy's labels would stand in bfloat16, which holds")
    assert refused(labelled(1000, "int64"), None, "bfloat16") is None


def test_a_share_of_many_positions() -> None:
    """There are more positions than float16 counts."""
    model = to_model(labelled(2, "int64"), Options(dtype="float16"))
    scores = np.zeros((70_000, 2), np.float16)
    scores[:, 0] = 1
    label = (np.arange(70_000) % 4 == 0).astype(np.int64)
    (share,) = run(model, scores, label)
    assert share == np.float16(0.75)
