"""Element types, skeletons, scopes, and options that exclude each other."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx.reference import ReferenceEvaluator

import netspec
from netspec.diagnostics import SpecError
from netspec.graph import Graph
from netspec.layers import Layer
from netspec.layers.activation import ELU, ReLU
from netspec.layers.arithmetic import Eltwise
from netspec.layers.convolution import Convolution
from netspec.layers.functions import Power
from netspec.layers.inner_product import InnerProduct
from netspec.layers.lrn import LRN
from netspec.layers.normalization import BatchNorm
from netspec.layers.pooling import Pooling
from netspec.layers.reduction import Reduction
from netspec.layers.regularization import Dropout
from netspec.layers.shape import Pad
from netspec.lower.onnx.model import save, to_model
from netspec.lower.onnx.opsets import OLDEST_OPSET
from netspec.lower.onnx.options import Options
from netspec.lower.weights import fresh
from tests.graphs import Builder, H, N, W, chain
from tests.lower.onnx.checks import (
    NEWEST,
    NEWEST_WRITTEN,
    assert_close,
    checked_model,
    image,
    run,
    shapes,
)

TYPES = {
    "float32": onnx.TensorProto.FLOAT,
    "float16": onnx.TensorProto.FLOAT16,
    "bfloat16": onnx.TensorProto.BFLOAT16,
}


def network() -> Graph:
    return chain(
        (N, 3, H, W),
        Convolution(num_output=4, kernel_size=(3, 3), stride=(2, 2)),
        BatchNorm(affine=False),
        ReLU(),
        LRN(),
        Dropout(),
        Pooling(pool="AVE", global_pooling=True),
        InnerProduct(num_output=10),
    )


def assert_of_type(model: onnx.ModelProto, dtype: str) -> None:
    """Every floating-point value and weight is of the type."""
    graph = model.graph
    values = {each.type.tensor_type.elem_type for each in (*graph.input, *graph.value_info)}
    values |= {each.type.tensor_type.elem_type for each in graph.output}
    values |= {each.data_type for each in graph.initializer}
    assert values - {onnx.TensorProto.INT64} == {TYPES[dtype]}


@pytest.mark.parametrize("opset", [OLDEST_OPSET, 17, NEWEST])
def test_float16(opset: int) -> None:
    graph = network()
    model = checked_model(graph, options=Options(opset=opset, dtype="float16"))
    assert_of_type(model, "float16")
    x = image(2, 3, 9, 9).astype(np.float16)
    (half,) = run(model, x)
    assert half.dtype == np.float16
    (single,) = run(checked_model(graph), x.astype(np.float32))
    np.testing.assert_allclose(half, single, rtol=1e-2, atol=1e-2)


@pytest.mark.parametrize("opset", [None, 22, NEWEST_WRITTEN])
def test_bfloat16(opset: int | None) -> None:
    model = checked_model(network(), options=Options(opset=opset, dtype="bfloat16"))
    assert_of_type(model, "bfloat16")
    assert model.opset_import[0].version == (opset or 22)


def test_bfloat16_in_the_reference_evaluator() -> None:
    # Of the layers that its bfloat16 covers; ONNX Runtime's CPU has no convolution of it.
    graph = chain((N, 6), InnerProduct(num_output=5), ReLU(), InnerProduct(num_output=3))
    model = checked_model(graph, options=Options(dtype="bfloat16"))
    import ml_dtypes

    x = image(2, 6).astype(ml_dtypes.bfloat16)
    (found,) = ReferenceEvaluator(model).run(None, {"data": x})
    (expected,) = run(checked_model(graph), x.astype(np.float32))
    np.testing.assert_allclose(np.asarray(found, np.float32), expected, rtol=0.05, atol=0.05)


@pytest.mark.parametrize(("dtype", "value"), [("float16", 7e4), ("bfloat16", 3.4028234e38)])
def test_weights_too_large_for_the_type(dtype: str, value: float) -> None:
    graph = chain((N, 2), InnerProduct(num_output=1, bias_term=False))
    weights = {"l0.weight": np.array([[1.0, value]], np.float32)}
    with pytest.raises(SpecError, match=rf"`l0\.weight` holds values too large for {dtype}"):
        to_model(graph, Options(weights, dtype=dtype))
    to_model(graph, Options({"l0.weight": np.array([[1.0, np.inf]])}, dtype=dtype))


@pytest.mark.parametrize(
    ("layer", "dtype", "message"),
    [
        (Power(scale=1e5), "float16", "Power computes with 100000 here, too large for float16"),
        (Power(shift=-7e4), "float16", "Power computes with -70000 here, too large for float16"),
        (Pad(pad=[1, 1, 1, 1], value=1e6), "float16", "Pad computes with 1e+06 here, too large"),
        (Reduction(coeff=1e300), "float32", "Reduction computes with 1e+300 here, too large for"),
        (Power(scale=3.39e38), "bfloat16", None),
        (Power(scale=3.4028e38), "bfloat16", "Power computes with 3.4028e+38 here, too large for"),
        (ELU(alpha=1e39), "float16", "ELU computes with 1e+39 here, too large for float32"),
        (ELU(alpha=1e38), "float16", None),
        (Pooling(kernel_size=(2, 2), pad=(1, 1)), "float16", None),
    ],
)
def test_constants_too_large_for_the_type(layer: Layer, dtype: str, message: str | None) -> None:
    graph, options = chain((N, 3, 4, 4), layer), Options(dtype=dtype)
    if message is None:
        to_model(graph, options)
        return
    with pytest.raises(SpecError) as caught:
        to_model(graph, options)
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.code, diagnostic.path) == ("not-lowerable", "l0")
    assert diagnostic.message.startswith(message)


def test_a_coefficient_too_large_for_the_type() -> None:
    builder = Builder()
    data = builder.input("data", N, 3)
    graph = builder.graph(builder.layer("sum", Eltwise(coeff=[1, 1e5]), data, data))
    with pytest.raises(SpecError, match="Eltwise computes with 100000 here, too large for float16"):
        to_model(graph, Options(dtype="float16"))
    to_model(graph)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"opset": 12}, "opset 12 is not between 13 and 28"),
        ({"opset": 29}, "opset 29 is not between 13 and 28"),
        ({"dtype": "float64"}, "float64 is none of float32, float16, bfloat16"),
        ({"no_weights": True, "weights": {}}, "a model without weights takes none"),
        ({"no_weights": True, "reference_weights": True}, "a model without weights refers to none"),
        ({"reference_weights": True}, "only the weights of a .safetensors file"),
        ({"reference_weights": True, "weights": "w.npz"}, "only the weights of a .safetensors"),
    ],
)
def test_options_that_do_not_go_together(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Options(**options)


def test_a_skeleton_takes_its_weights_as_inputs() -> None:
    graph = network()
    model = checked_model(graph, options=Options(no_weights=True))
    names = [value.name for value in model.graph.input]
    held = ["l0.weight", "l0.bias", "l1.running_mean", "l1.running_var", "l6.weight", "l6.bias"]
    assert names == ["data", *held]
    assert shapes(model)["l0.weight"] == [4, 3, 3, 3]
    weights, x = fresh(graph), image(2, 3, 9, 9)
    (found,) = run(model, x, *(weights[name] for name in held))
    assert_close(found, run(checked_model(graph, weights), x)[0])


SCOPED = """
netspec: 1
name: Scoped
inputs: {data: [N, 3, 8, 8]}
blocks:
  basic:
    layers:
      - {name: conv, type: Convolution, num_output: 3, kernel_size: 3, pad: 1}
      - {name: fc, type: InnerProduct, num_output: 3, axis: -1}
layers:
  - {name: stage, type: basic, repeat: 2}
  - {name: relu, type: ReLU}
"""


def test_scopes_are_namespaces() -> None:
    model = to_model(netspec.loads(SCOPED))
    found = {
        node.name: {each.key: each.value for each in node.metadata_props}
        for node in model.graph.node
    }
    for number in (0, 1):
        for layer in ("conv", "fc", "fc/transposed", "fc/product"):
            scope = {"namespace": f"stage/{number}: basic"}
            assert found[f"stage.{number}.{layer}"] == scope
    assert found["relu"] == {}


def test_outputs_leave_out_what_they_do_not_need(tmp_path: Path) -> None:
    net = netspec.loads(SCOPED, outputs=["stage.0"])
    net.to_onnx(tmp_path / "x.onnx")
    model = onnx.load(tmp_path / "x.onnx")
    assert {node.name.split("/")[0] for node in model.graph.node} == {
        "stage.0.conv",
        "stage.0.fc",
    }
    assert [each.name for each in model.graph.output] == ["stage.0"]


def test_a_saved_file_is_the_model(tmp_path: Path) -> None:
    save(network(), tmp_path / "x.onnx")
    assert onnx.load(tmp_path / "x.onnx") == to_model(network())
    assert [path.name for path in tmp_path.iterdir()] == ["x.onnx"]


@pytest.mark.parametrize("held", ["Parameter, shape: [8]", "Constant, value: [1, 2, 3]"])
def test_a_parameter_that_is_asked_for_by_its_layers_name(held: str) -> None:
    """Its top has another; the file gives the initializer itself."""
    text = (
        "netspec: 1\nname: Net\ninputs: {data: [N, 4]}\n"
        f"layers: [{{name: here, type: {held}, top: a}}, {{name: same, type: ReLU, bottom: data}}]"
        "\n"
        "outputs: [a, same]\n"
    )
    network = netspec.loads(text, outputs=["here", "same"])
    model = to_model(network, Options())
    onnx.checker.check_model(model, full_check=True)
    assert [each.name for each in model.graph.output] == ["here", "same"]
    assert [node.op_type for node in model.graph.node] == ["Relu"]
