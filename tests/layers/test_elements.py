"""Which element types each layer reads: what is accepted runs and agrees in both back ends, what
isn't is told at the bottom at fault.
"""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray
from onnx.reference import ReferenceEvaluator
from onnxruntime.capi.onnxruntime_pybind11_state import NotImplemented as Lacking

from netspec import SpecError, loads
from netspec.diagnostics import Diagnostic
from netspec.graph import Graph, Phase, Shape, TensorType
from netspec.graph.sizes import substitute
from netspec.layers import CATALOGUE, Layer, LayerError
from netspec.layers.bottoms import require_elements
from netspec.layers.elements import ANYTHING, NUMBERS, REALS
from netspec.lower.onnx.model import to_model
from netspec.lower.onnx.options import Options
from netspec.lower.torch import instrumented
from netspec.lower.weights import Weights
from tests.agreement import gap, weights_at_random, with_rows
from tests.checking import check
from tests.layers.recipes.every import RECIPES
from tests.layers.recipes.recipe import VALUES, Input, Use
from tests.layers.recipes.text import spec_text, values
from tests.layers.test_walk import grid

Array = NDArray[Any]
TYPES = sorted(ANYTHING)
TOLERANCES = {"float16": 2e-2, "float32": 1e-5, "float64": 1e-5}

MOVED = {
    "Concat", "Slice", "Flatten", "Reshape", "Permute", "Crop", "Pad", "Tile", "ChannelShuffle",
    "Unpooling", "Identity", "Expand", "Roll", "Gather",
}  # fmt: skip
"""Layers whose first bottom may hold anything."""
NUMERIC = {"Eltwise", "ArgMax"}
"""Those whose first bottom may hold any number."""


@pytest.mark.parametrize("name", CATALOGUE)
def test_each_bottom_takes_what_runs(name: str) -> None:
    """Every element type in every bottom, and in all of them at once."""
    recipe = RECIPES[name]
    if recipe.source or recipe.pooled:  # Unpooling, for which see below
        return
    uses = list(grid(recipe, whole=False))
    count = 1 + len(recipe.further)
    places = [{number} for number in range(count)] + ([set(range(count))] if count > 1 else [])
    for changed in places:
        for dtype in TYPES:
            for use in uses if dtype == "int64" else uses[:1]:
                check_elements(name, use, changed, dtype)


def check_elements(name: str, use: Use, changed: set[int], dtype: str) -> None:
    """A use with that element type in those bottoms runs, or is refused at one of them."""
    text, inputs = typed(name, use, changed, dtype)
    arrays = {
        key: filled(key, each, dtype if number in changed else None)
        for number, (key, each) in enumerate(inputs.items())
    }
    try:
        network = loads(text)
    except SpecError as error:
        (found,) = error.diagnostics
        assert dtype in found.message, text
        if found.code != "bad-value":  # a field's
            assert found.code == "wrong-type", text
            assert word(text, found) in inputs, text
        return
    try:
        check_runs(network, arrays)
    except Exception as error:
        error.add_note(text)
        raise


def word(text: str, found: Diagnostic) -> str:
    """What stands at the place of a diagnostic."""
    assert found.span is not None
    line = text.splitlines()[found.span.line - 1]
    return line[found.span.column - 1 : found.span.end_column - 1]


def typed(name: str, use: Use, changed: set[int], dtype: str) -> tuple[str, dict[str, Input]]:
    """The use as a spec, with the element type in those of its inputs."""
    text, inputs = spec_text(name, RECIPES[name].on, use)
    # What stands beside a loss, to be an output, takes anything here.
    text = text.replace("name: same, type: Power", "name: same, type: Tile, tiles: 1")
    before, _, rest = text.partition("inputs: ")
    _, _, rest = rest.partition("\n")
    said: dict[str, Any] = {}
    for number, (key, each) in enumerate(inputs.items()):
        sizes = [size if isinstance(size, int) else str(size) for size in each.shape]
        own = {"labels": "int64", "mask": "bool"}.get(each.kind, "float32")
        said[key] = {"shape": sizes, "dtype": dtype if number in changed else own}
        if number and "loss_weight" in CATALOGUE[name].model_fields:
            said[key]["phase"] = "TRAIN"
    return f"{before}inputs: {json.dumps(said)}\n{rest}", inputs


def filled(key: str, each: Input, dtype: str | None) -> Array:
    """What an input is run on; small whole numbers of both signs where it holds integers."""
    found = values(key, each)
    if dtype is None or each.kind in ("labels", "targets", "regions"):
        return found.astype(dtype) if dtype else found
    if dtype == "bool":
        return np.asarray(found > 0)
    return (np.rint(3 * found) if dtype.startswith("int") else found).astype(dtype)


def check_runs(network: Graph, arrays: Mapping[str, Array]) -> None:
    """PyTorch gives the promised shapes and types in each phase; ONNX gives the same in TEST."""
    weights = weights_at_random(network)
    recorded = instrumented(network)
    recorded.model.load_state_dict({n: torch.from_numpy(np.array(weights[n])) for n in weights})
    trains = any(node.phase is Phase.TRAIN for node in network.nodes)
    for phase in (Phase.TEST, Phase.TRAIN)[: 1 + trains]:
        view = network.phase(phase)
        recorded.model.train(phase is Phase.TRAIN)
        with torch.no_grad():
            recorded.model(**{b.name: torch.from_numpy(arrays[b.name].copy()) for b in view.inputs})
        for blob in (top for node in view for top in node.tops):
            given = recorded.blobs[blob.name]
            assert str(given.dtype) == f"torch.{blob.type.dtype}"
            sizes = with_rows(VALUES, blob.shape, tuple(given.shape))
            assert tuple(given.shape) == tuple(substitute(size, sizes) for size in blob.shape)
        if phase is Phase.TEST:
            expected = {name: each.numpy() for name, each in recorded.blobs.items()}
    view = network.phase(Phase.TEST)
    found = run_onnx(network, weights, arrays)
    for blob in view.results:
        result = found[view.result_name(blob)]
        assert str(result.dtype) == blob.type.dtype
        assert gap(result, expected[blob.name]) <= TOLERANCES.get(blob.type.dtype, 0)


def run_onnx(network: Graph, weights: Weights, arrays: Mapping[str, Array]) -> dict[str, Array]:
    """The results; onnx's own evaluator stands in where ONNX Runtime's CPU lacks an operator in
    double precision.
    """
    model = to_model(network, Options(weights))
    onnx.checker.check_model(model, full_check=True)
    names = [each.name for each in model.graph.output]
    read = {each.name: arrays[each.name] for each in model.graph.input}
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
    except Lacking:
        is_double = any(each.dtype == np.float64 for each in arrays.values())
        found = ReferenceEvaluator(model).run(None, read) if is_double else []
    else:
        found = session.run(names, read)
    return dict(zip(names, found, strict=True))


@pytest.mark.parametrize("dtype", TYPES)
def test_anything_is_put_back(dtype: str) -> None:
    network = loads(
        "netspec: 1\nname: Net\n"
        f"inputs: {{data: [N, 4, 6, 6], more: {{shape: [N, 4, 3, 3], dtype: {dtype}}}}}\nlayers:\n"
        "  - {name: pool, top: [pool, mask], type: Pooling, bottom: data, kernel_size: 2, "
        "stride: 2}\n  - {name: here, type: Unpooling, bottom: [more, mask]}\n"
        "outputs: [pool, here]\n"
    )
    shapes = {blob.name: Input(blob.shape.sizes) for blob in network.inputs}
    arrays = {name: filled(name, each, None) for name, each in shapes.items()}
    check_runs(network, arrays | {"more": filled("more", shapes["more"], dtype)})


@pytest.mark.parametrize("name", CATALOGUE)
def test_who_takes_integers(name: str) -> None:
    first = CATALOGUE[name].elements[0]
    if name in MOVED:
        assert first == ANYTHING
    elif name in NUMERIC:
        assert first == NUMBERS
    elif RECIPES[name].looks_up:
        assert first == {"int32", "int64"}
    else:
        assert first <= REALS


INTEGERS = "netspec: 1\nname: Net\ninputs: {data: {shape: [N, 3, 8, 8], dtype: int64}}\nlayers:\n"


@pytest.mark.parametrize(
    "layer",
    [
        "type: Convolution, num_output: 2, kernel_size: 3",
        "type: Deconvolution, num_output: 2, kernel_size: 3",
        "type: InnerProduct, num_output: 2",
        "type: Pooling, kernel_size: 2",
        "type: Pooling, kernel_size: 3, pad: 1",
        "type: Pooling, pool: AVE, global_pooling: true",
        "type: Upsample, scale: 2",
        "type: Eltwise, coeff: [1, -1]",
    ],
)
def test_integers_where_real_numbers_are_wanted(layer: str) -> None:
    name = layer.partition(", ")[0].removeprefix("type: ")
    reads = "[«data, data]" if name == "Eltwise" else "«data"
    check(
        f"{INTEGERS}  - {{name: here, bottom: {reads}, {layer}}}\n",
        (
            "wrong-type",
            f"{name} computes with real numbers, but data holds int64",
            "an input holds float32 unless its `dtype` says otherwise; only `Embed` makes real "
            "numbers of integers",
        ),
    )


IMAGE = "netspec: 1\nname: Net\ninputs: {data: [N, 3, 8, 8]}\nlayers:\n"


def test_indices_into_a_pooling() -> None:
    check(
        IMAGE + "  - {name: best, type: ArgMax, axis: 1}\n"
        "  - {name: pool, type: «Pooling, kernel_size: 2}\n",
        ("wrong-type", "Pooling computes with real numbers, but best holds int64"),
    )


@pytest.mark.parametrize("layer", ["ReLU", "Softmax", "InnerProduct, num_output: 2", "Dropout"])
def test_a_mask_as_real_numbers(layer: str) -> None:
    check(
        IMAGE + "  - {name: pool, top: [pool, mask], type: Pooling, kernel_size: 2}\n"
        f"  - {{name: here, type: {layer}, bottom: «mask}}\noutputs: [pool, here]\n",
        ("wrong-type", "computes with real numbers, but mask holds int64"),
    )


def test_a_sum_of_masks_is_no_mask() -> None:
    check(
        IMAGE + "  - {name: pool, top: [pool, mask], type: Pooling, kernel_size: 2, stride: 2}\n"
        "  - {name: twice, type: Eltwise, bottom: [mask, mask]}\n"
        "  - {name: here, type: Unpooling, bottom: [pool, «twice]}\n",
        ("shape-mismatch", "must be the mask of a Pooling, but `twice` is none"),
    )


@pytest.mark.parametrize("layer", ["Eltwise", "Concat", "Scale", "Bias"])
def test_mixed_types(layer: str) -> None:
    inputs = "inputs: {a: [N, 3], b: {shape: [N, 3], dtype: float64}}"
    check(
        f"netspec: 1\nname: Net\n{inputs}\nlayers:\n"
        f"  - {{name: here, type: {layer}, bottom: [a, «b]}}\n",
        (
            "wrong-type",
            f"{layer} needs elements of one type, but a holds float32 and b float64",
        ),
    )


@pytest.mark.parametrize(
    ("dtype", "value"), [("int64", "0.5"), ("int32", "3e9"), ("bool", "2"), ("bool", "-1")]
)
def test_a_margin_that_the_type_cannot_hold(dtype: str, value: str) -> None:
    check(
        f"netspec: 1\nname: Net\ninputs: {{data: {{shape: [N, 3], dtype: {dtype}}}}}\nlayers:\n"
        f"  - {{name: here, type: Pad, axis: 1, after: 1, value: «{value}}}\n",
        (
            "bad-value",
            f"Pad's `value` is {float(value):g}, which data, of {dtype}, can't hold",
        ),
    )


def test_a_layer_that_says_nothing_takes_real_numbers() -> None:
    class Own(Layer):
        """A custom layer."""

    require_elements(Own(), [TensorType(Shape((2, 3)), "float64")])
    with pytest.raises(LayerError, match="Own computes with real numbers"):
        require_elements(Own(), [TensorType(Shape((2, 3)), "int64")])
