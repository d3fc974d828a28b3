"""Inputs whose sizes are multiples of symbols: the module refuses others, in every tool."""

import re
from pathlib import Path

import pytest
import torch
from torch.export import Dim, export

from netspec import loads

SPEC = """netspec: 1
name: Net
inputs: {data: [N, 3, 4*H, 8*W]}
layers:
  - {name: down, type: Convolution, num_output: 3, kernel_size: 3, pad: 1, stride: 2}
  - {name: up, type: Upsample, scale: 2}
  - {name: both, type: Concat, bottom: [data, up]}
"""
REFUSAL = r"data should have a multiple of 8 elements along axis 3, not 20"


def test_the_module_refuses_other_sizes() -> None:
    model = loads(SPEC).to_torch().eval()
    assert model(torch.zeros(1, 3, 12, 24)).shape == (1, 6, 12, 24)
    with pytest.raises(ValueError, match=f"^{REFUSAL}$"):
        model(torch.zeros(1, 3, 12, 20))
    with pytest.raises(ValueError, match="a multiple of 4 elements along axis 2, not 10"):
        model(torch.zeros(1, 3, 10, 24))


def test_the_check_is_one_line() -> None:
    source = loads(SPEC).to_source("torch")
    assert 'check_multiples("data", data, {2: 4, 3: 8})' in source
    assert source.count("@torch.fx.wrap\ndef check_multiples(") == 1
    fixed = loads(SPEC, inputs={"data": [1, 3, 12, 24]}).to_source("torch")
    assert "check_multiples" not in fixed


def test_the_main_guard_runs_on_a_multiple() -> None:
    source = loads(SPEC.replace("8*W", "48*W")).to_source("torch")
    assert "model(torch.randn(1, 3, 224, 240))" in source


def test_a_chain_has_a_forward_that_checks() -> None:
    chain = SPEC.split("layers:", 1)[0] + "layers: [{type: ReLU}, {type: Sigmoid}]\n"
    model = loads(chain).to_torch()
    with pytest.raises(ValueError, match=REFUSAL):
        model(torch.zeros(1, 3, 12, 20))


def test_an_input_that_may_be_missing_is_checked_where_it_is_given() -> None:
    text = """netspec: 1
name: Net
inputs:
  data: [N, 3, 4*H, W]
  target: {shape: [N, 3, 4*H, W], phase: TRAIN}
layers:
  - {name: relu, type: ReLU}
  - {name: loss, type: EuclideanLoss, bottom: [relu, target], phase: TRAIN}
outputs: [relu]
"""
    model = loads(text).to_torch()
    x = torch.zeros(1, 3, 8, 8)
    model.eval()(x)
    model.train()(x, target=x)
    with pytest.raises(ValueError, match="target should have a multiple of 4 elements along"):
        model(x, target=x[:, :, :6])


def test_a_var_that_the_check_reads_keeps_its_value() -> None:
    text = SPEC.replace("inputs: {data: [N, 3, 4*H", "vars: {n: 4}\ninputs: {data: [N, 3, $n*H")
    source = loads(text).to_source("torch")
    assert "def __init__(self) -> None:" in source
    assert "{2: 4, 3: 8}" in source


def test_the_tools_of_pytorch_keep_the_check() -> None:
    model = loads(SPEC).to_torch().eval()
    x, wrong = torch.randn(2, 3, 12, 24), torch.zeros(1, 3, 12, 20)
    for made in (
        torch.fx.symbolic_trace(model),
        torch.compile(model, backend="eager", dynamic=True),
    ):
        assert torch.equal(made(x), model(x))
        with pytest.raises(Exception, match=REFUSAL):
            made(wrong)


def test_an_exported_program_has_such_sizes() -> None:
    model = loads(SPEC).to_torch().eval()
    x = torch.randn(2, 3, 12, 24)
    sizes = ({2: 4 * Dim("h", max=100), 3: 8 * Dim("w", max=100)},)
    made = export(model, (x,), dynamic_shapes=sizes).module()
    larger = torch.randn(2, 3, 20, 40)
    assert torch.equal(made(larger), model(larger))
    with pytest.raises(AssertionError, match=re.escape("% 8 == 0")):
        made(torch.zeros(2, 3, 12, 20))


def test_an_onnx_file_declares_the_multiples(tmp_path: Path) -> None:
    import onnx
    import onnxruntime

    path = tmp_path / "net.onnx"
    loads(SPEC).to_onnx(path)
    (data,) = onnx.load(path).graph.input
    sizes = [each.dim_param or each.dim_value for each in data.type.tensor_type.shape.dim]
    assert sizes == ["N", 3, "4*H", "8*W"]
    session = onnxruntime.InferenceSession(path)
    for height, width in ((4, 8), (12, 24), (20, 8)):
        (made,) = session.run(None, {"data": torch.zeros(1, 3, height, width).numpy()})
        assert made.shape == (1, 6, height, width)
