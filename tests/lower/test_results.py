"""Results that are inputs, or go by another name than their blob's: every target gives the same."""

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

import netspec
from netspec.lower.onnx.model import to_model
from netspec.lower.onnx.options import Options
from netspec.lower.values import Array
from netspec.lower.weights import fresh
from netspec.network import Network
from tests.promises import check_flat

HEAD = """netspec: 1
name: Net
inputs: {data: [N, 3, 8, 8]}
allow: [unused-layer]
blocks:
  b:
    args: {on: false}
    layers:
      - {name: conv, type: Convolution, num_output: 3, kernel_size: 1, when: $on}
      - {name: relu, type: ReLU, when: $on}
layers:
"""

LAYERS = [
    ("{name: b, type: ReLU, when: false}, {name: a, type: ReLU}", "[a, b]"),
    ("{name: a, type: ReLU}", "[a, data]"),
    ("{name: a, type: ReLU}", "[input, a]"),
    ("{name: a, type: ReLU}", "data"),
    ("{name: a, type: ReLU, repeat: 0}", "a"),
    ("{name: x, type: b}", "[x]"),
    ("{name: x, type: b}, {name: a, type: ReLU}", "[a, x]"),
    ("{name: x, type: b}, {name: y, type: b, on: true}, {name: z, type: b}", "[x, z]"),
    ("{name: g, layers: [{type: TanH, when: false}]}, {name: a, type: ReLU6}", "[g, a]"),
    (
        "{name: c, type: Convolution, num_output: 3, kernel_size: 1}, {name: a, type: ReLU}",
        "[a, c]",
    ),
    ("{name: d, type: Dropout}, {name: a, type: ReLU}", "[d, a, data]"),
    ("{name: d, type: Flatten}, {name: a, type: ReLU}", "[d, a, data]"),
    ("{name: s, type: Slice, slice_point: 1}, {name: a, type: ReLU, bottom: s.1}", "[s, a]"),
    (
        "{name: p, type: Parameter, shape: [3]}, {name: off, type: ReLU, when: false},"
        " {name: a, type: ReLU}",
        "[off, a]",
    ),
    (
        "{name: s, type: Slice, slice_point: 1}, {name: off, type: ReLU, when: false},"
        " {name: a, type: ReLU, bottom: off}",
        "[off, a, s.1]",
    ),
]


@pytest.mark.parametrize(("layers", "outputs"), LAYERS)
def test_every_target_gives_the_same(layers: str, outputs: str) -> None:
    network = netspec.loads(f"{HEAD}  [{layers}]\noutputs: {outputs}\n")
    check_flat(network)
    data = np.random.default_rng(0).standard_normal((2, 3, 8, 8), np.float32)
    expected = run_torch(network, data)
    assert list(expected) == list(network.outputs)
    found = run_onnx(network, data)
    assert list(found) == list(network.outputs)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-5, atol=1e-5)


def run_torch(network: Network, data: Array) -> dict[str, Array]:
    """The results by name; what the module was given is as it was."""
    model = network.to_torch(weights=fresh(network)).eval()
    given = torch.from_numpy(data.copy())
    with torch.no_grad():
        made = model(given)
    assert torch.equal(given, torch.from_numpy(data))
    if not isinstance(made, dict):
        made = {next(iter(network.outputs)): made}
    return {name: each.detach().numpy() for name, each in made.items()}


def run_onnx(network: Network, data: Array) -> dict[str, Array]:
    """The results by name, of a file that the checker accepts."""
    model = to_model(network, Options(fresh(network)))
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    names = [each.name for each in session.get_outputs()]
    return dict(zip(names, session.run(None, {"data": data}), strict=True))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_a_result_that_is_an_input_of_another_type(dtype: str) -> None:
    network = netspec.loads(f"{HEAD}  [{LAYERS[0][0]}]\noutputs: [a, b]\n")
    model = to_model(network, Options(dtype=dtype))
    onnx.checker.check_model(model, full_check=True)
    types = {each.type.tensor_type.elem_type for each in (*model.graph.input, *model.graph.output)}
    assert types == {onnx.TensorProto.DataType.Value(dtype.upper())}


@pytest.mark.parametrize("dtype", ["float64", "int32", "int64", "bool"])
def test_inputs_of_every_type(dtype: str) -> None:
    text = f"""netspec: 1
name: Net
inputs: {{data: {{shape: [N, 3, 4], dtype: {dtype}}}}}
layers: [{{name: a, type: Flatten}}]
"""
    model = to_model(netspec.loads(text))
    onnx.checker.check_model(model, full_check=True)
