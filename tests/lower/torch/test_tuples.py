"""Several results as a tuple, and no layer in place: for tools that trace and those that hook."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import netspec
from netspec.lower.torch import Options, to_source, to_torch
from tests.lower.torch.checks import check_text
from tests.lower.torch.specs import INCEPTION, RESIDUAL

TWO = """
netspec: 1
name: Two
inputs: {data: [N, 3, 8, 8]}
layers:
  - {name: conv, type: Convolution, num_output: 4, kernel_size: 1}
  - {name: relu, type: ReLU}
  - {name: b, type: Sigmoid, bottom: conv}
outputs: [relu, b, conv]
"""
OPTIONAL = """
netspec: 1
name: Classifier
inputs:
  data: [N, 3, 8, 8]
  label: {shape: [N], dtype: int64, phase: TRAIN}
layers:
  - {name: conv, type: Convolution, num_output: 4, kernel_size: 3}
  - {name: fc, type: InnerProduct, num_output: 5}
  - {name: aux, type: ReLU, bottom: conv, phase: TRAIN}
  - {name: loss, type: SoftmaxWithLoss, bottom: [fc, label], phase: TRAIN}
outputs: OUTPUTS
"""


def test_results_come_in_the_order_of_the_outputs() -> None:
    graph = netspec.loads(TWO)
    source = graph.to_source(tuple_outputs=True)
    check_text(source)
    assert "def forward(self, data: Tensor) -> tuple[Tensor, Tensor, Tensor]:" in source
    assert "return relu, b, conv" in source
    named = graph.to_torch()
    model = graph.to_torch(weights=named, tuple_outputs=True)
    data = torch.randn(2, 3, 8, 8)
    expected = named(data)
    assert [*expected] == ["relu", "b", "conv"]
    for found, each in zip(model(data), expected.values(), strict=True):
        assert torch.equal(found, each)


@pytest.mark.filterwarnings("ignore:`torch.jit")
def test_they_can_be_traced() -> None:
    graph = netspec.loads(TWO)
    model = graph.to_torch(tuple_outputs=True).eval()
    data = torch.randn(2, 3, 8, 8)
    with pytest.raises(RuntimeError, match="Encountering a dict at the output of the tracer"):
        torch.jit.trace(graph.to_torch().eval(), data)
    traced: Any = torch.jit.trace(model, data)
    for found, each in zip(traced(data), model(data), strict=True):
        assert torch.equal(found, each)


@pytest.mark.parametrize("outputs", ["[fc]", "[aux, fc]", "[aux]"])
def test_what_hangs_on_an_optional_input_comes_behind(outputs: str) -> None:
    text = OPTIONAL.replace("OUTPUTS", outputs).replace("layers:", "allow: [unused-layer]\nlayers:")
    graph = netspec.loads(text.replace("{name: aux", "{allow: [unused-layer], name: aux"))
    check_text(to_source(graph, Options(tuple_outputs=True)))
    named = to_torch(graph)
    model = to_torch(graph, weights=named, options=Options(tuple_outputs=True))
    data, label = torch.randn(4, 3, 8, 8), torch.tensor([0, 4, 2, 2])
    for training in (True, False):
        for arguments in ((data,), (data, label)):
            expected = named.train(training)(*arguments)
            found = model.train(training)(*arguments)
            assert isinstance(found, tuple) == isinstance(expected, dict)
            assert isinstance(found, Tensor) == isinstance(expected, Tensor)
            if isinstance(expected, dict):
                expected, found = tuple(expected.values()), tuple(found)
            torch.testing.assert_close(found, expected)


def test_one_result_is_a_tensor_still() -> None:
    graph = netspec.loads(RESIDUAL)
    assert graph.to_source(tuple_outputs=True) == graph.to_source()


def test_long_tuples_are_laid_out() -> None:
    names = [f"a_rather_long_name_of_a_layer_{number}" for number in range(6)]
    layers = [f"  - {{name: {name}, type: ReLU, bottom: data}}" for name in names]
    text = "netspec: 1\nname: Net\ninputs: {data: [N, 3]}\nlayers:\n" + "\n".join(layers)
    graph = netspec.loads(f"{text}\noutputs: [{', '.join(names)}]\n")
    check_text(graph.to_source(tuple_outputs=True))


@pytest.mark.parametrize("spec", [TWO, RESIDUAL, INCEPTION], ids=["two", "residual", "inception"])
def test_no_layer_writes_over_what_another_gave(spec: str) -> None:
    """A hook that keeps what it's given finds it unchanged in the end, in training too."""
    graph = netspec.loads(spec)
    source = graph.to_source(inplace=False)
    check_text(source)
    assert "inplace=True" not in source
    assert " += " not in source
    plain = graph.to_torch()
    model = graph.to_torch(weights=plain, inplace=False)
    kept: list[tuple[Tensor, Tensor]] = []

    def keep(module: nn.Module, inputs: Any, output: Any) -> None:
        if isinstance(output, Tensor):
            kept.append((output, output.detach().clone()))

    for module in model.modules():
        module.register_forward_hook(keep)
    data = torch.randn(2, *graph.inputs[0].shape[1:])
    found, expected = model(data), plain(data)
    assert all(torch.equal(output, copy) for output, copy in kept)
    if isinstance(found, Tensor):
        found, expected = {"": found}, {"": expected}
    for name, each in expected.items():
        assert torch.equal(found[name], each)


def test_the_command_line(tmp_path: Path) -> None:
    spec, file = tmp_path / "two.yaml", tmp_path / "two.py"
    spec.write_text(TWO)
    command = ["compile", str(spec), "--tuple-outputs", "--no-inplace", "-o", str(file)]
    subprocess.run([sys.executable, "-m", "netspec", *command], check=True)
    source = file.read_text(encoding="utf-8")
    assert source == netspec.load(spec).to_source(tuple_outputs=True, inplace=False)
    done = subprocess.run([sys.executable, str(file)], capture_output=True, text=True, check=True)
    assert done.stdout == "torch.Size([1, 4, 8, 8])\n" * 3
