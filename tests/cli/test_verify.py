"""`netspec verify` on the command line."""

import json
from pathlib import Path

import numpy as np
import pytest

import netspec
from tests.cli.conftest import Run
from tests.cli.test_verbs import SPEC
from tests.lower.onnx.checks import NEWEST


def test_verify(run: Run) -> None:
    result = run("verify", "-", "--layers", stdin=SPEC)
    assert result.status == 0
    assert result.out.startswith("Tiny: verified\n  ok  2 predicted shapes")


def test_verify_json(run: Run) -> None:
    made = json.loads(run("verify", "-", "--format", "json", stdin=SPEC).out)
    assert made["ok"] is True
    assert made["outputs"][0]["shape"] == [2, 4]
    assert made["outputs"][0]["relative"] <= 1e-5


def test_verify_fails_beyond_its_tolerance(run: Run) -> None:
    result = run("verify", "alexnet", "--set", "size=67", "--tolerance", "0")
    assert result.status == 1
    assert "alexnet: FAILED" in result.out


def test_verify_says_which_layer_differs_most(run: Run) -> None:
    out = run("verify", "-", "--layers", stdin=SPEC).out
    assert "\n  ok  2 layers agree one by one; " in out
    assert " differs most, by " in out


def test_verify_names_the_first_layer_that_differs(run: Run) -> None:
    result = run("verify", "alexnet", "--set", "size=67", "--tolerance", "0", "--layers")
    assert "\nfirst layer that differs: " in result.out
    assert result.status == 1


def test_verify_accepts_small_differences(run: Run) -> None:
    options = ["--tolerance", "0", "--absolute-tolerance", "1"]
    assert run("verify", "-", *options, stdin=SPEC).status == 0


@pytest.mark.parametrize(
    "options",
    [["--opset", "13"], ["--dtype", "float16"], ["--fold-batchnorm"], ["--opset", str(NEWEST)]],
    ids="".join,
)
def test_verify_other_files(run: Run, options: list[str]) -> None:
    spec = SPEC + "  - {name: norm, type: BatchNorm}\n"
    made = json.loads(run("verify", "-", "--format", "json", "--layers", *options, stdin=spec).out)
    assert made["ok"] is True
    assert made["onnx_checker"] is None
    assert made["largest_layer_difference"]["relative"] <= made["tolerance"]


def test_verify_given_weights(run: Run, tmp_path: Path) -> None:
    weights = str(tmp_path / "w.safetensors")
    assert run("compile", "-", "-o", weights, "--seed", "3", stdin=SPEC).status == 0
    assert run("verify", "-", "--weights", weights, stdin=SPEC).status == 0
    result = run("verify", "-", "--weights", weights, "--set", "classes=5", stdin=SPEC)
    assert "error[weights-shape]" in result.err
    assert result.status == 1


def test_what_pytorch_refuses_is_said(run: Run) -> None:
    """Statistics of a batch that has one value a channel."""
    spec = """
netspec: 1
name: Net
inputs: {data: [1, 3, 8, 8]}
layers:
  - {name: pool, type: Pooling, pool: AVE, global_pooling: true}
  - {name: bn, type: BatchNorm, use_global_stats: false}
"""
    result = run("verify", "-", stdin=spec)
    assert result.status == 1
    assert result.out.startswith("Net: FAILED\n")
    assert "\n  no  PyTorch can't run it: Expected more than 1 value per channel" in result.out
    assert "Traceback" not in result.err


def test_json_has_no_numbers_that_json_lacks(run: Run, tmp_path: Path) -> None:
    net = netspec.loads(SPEC)
    weights = {p.name: np.full(p.shape, np.nan, np.float32) for p in net.parameters}
    np.savez(tmp_path / "w.npz", **weights)  # type: ignore[arg-type]
    result = run(
        "verify", "-", "--format", "json", "--weights", str(tmp_path / "w.npz"), stdin=SPEC
    )
    assert result.status == 1

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    made = json.loads(result.out, parse_constant=refuse)
    assert made["outputs"][0]["relative"] is None
    assert made["ok"] is False


def test_verify_weights_by_reference_and_other_outputs(run: Run, tmp_path: Path) -> None:
    weights = tmp_path / "w.safetensors"
    assert run("compile", "-", "-o", str(weights), "--seed", "3", stdin=SPEC).status == 0
    options = ["--weights", str(weights), "--reference-weights", "--output", "conv", "--layers"]
    result = run("verify", "-", *options, stdin=SPEC)
    assert result.status == 0
    assert "ok  conv 2×2×6×6: PyTorch and ONNX Runtime differ by" in result.out
    assert list(tmp_path.iterdir()) == [weights]


LABELLED = """
netspec: 1
name: Labelled
inputs: {data: [N, 3, H, W], label: {shape: [N], dtype: int64}}
layers:
  - {name: conv, type: Convolution, num_output: 4, kernel_size: 3, bottom: data}
  - {name: pool, type: Pooling, pool: AVE, global_pooling: true}
  - {name: fc, type: InnerProduct, num_output: 5}
  - {name: accuracy, type: Accuracy, bottom: [fc, label]}
outputs: [fc, accuracy]
"""


@pytest.mark.parametrize("batch", [1, 8])
def test_a_size_fixed_in_one_input_is_fixed_in_all(run: Run, batch: int) -> None:
    shape = f"data={batch}x3x20x20"
    assert run("verify", "-", "--input", shape, stdin=LABELLED).status == 0
    summary = run("summary", "-", "--input", shape, stdin=LABELLED).out
    assert f"data {batch}×3×20×20, label {batch} → fc {batch}×5" in summary


def test_verify_says_what_was_done(run: Run) -> None:
    result = run("verify", "-", "--input", "data=1x3x20x20", stdin=LABELLED)
    assert result.status == 0
    head, *rest = result.out.splitlines()
    assert head == "Labelled: verified"
    assert "  ok  a change of any of 4 parameters and buffers would show" in rest
    assert rest[-1] == "  ok  the same with an input of zeros, an input of ones"


def test_verify_of_a_single_layer(run: Run) -> None:
    spec = """
netspec: 1
name: Single
inputs: {data: [N, 3]}
layers: [{name: bias, type: Bias, num_axes: 0}]
"""
    lines = run("verify", "-", "--layers", stdin=spec).out.splitlines()
    assert lines[1:3] == [
        "  ok  1 predicted shape equals what PyTorch made",
        "  ok  1 parameter or buffer equals PyTorch's state_dict",
    ]
    assert "  ok  1 layer agrees one by one; " in "\n".join(lines)
    assert "  ok  a change of the only parameter would show" in lines


DEAD = """
netspec: 1
name: Dead
inputs: {data: [N, 3, H, W]}
layers:
  - {name: conv, type: Convolution, num_output: 4, kernel_size: 3,
     bias_filler: {type: constant, value: -1000}}
  - {name: relu, type: ReLU}
  - {name: out, type: Convolution, num_output: 2, kernel_size: 1}
"""


def test_verify_is_inconclusive_where_a_fault_would_not_show(run: Run) -> None:
    result = run("verify", "-", stdin=DEAD)
    assert result.status == 1
    assert (
        result.out
        == """\
Dead: INCONCLUSIVE
  ok  3 predicted shapes equal what PyTorch made
  ok  4 parameters and buffers equal PyTorch's state_dict
  ok  the ONNX file passes onnx's checker
  ok  out 2×2×62×94: PyTorch and ONNX Runtime differ by 0.0e+00 (tolerance 1e-05)
  ??  3 of 4 parameters and buffers move nothing compared: conv.weight, conv.bias, out.weight
        a change of them ends at relu, out
  ok  the same with least sizes (N = 1, H = 3, W = 3), odd sizes (N = 3, H = 31, W = 33), \
an input of zeros, an input of ones
  to know more: --layers compares every layer, --weights of a trained network, another --seed
"""
    )
    made = json.loads(run("verify", "-", "--format", "json", stdin=DEAD).out)
    assert made["result"] == "inconclusive"
    assert made["ok"] is False
    assert made["parameters"]["unmoved"] == [
        {"name": "conv.weight", "ends_at": "relu"},
        {"name": "conv.bias", "ends_at": "relu"},
        {"name": "out.weight", "ends_at": "out"},
    ]


def test_verify_says_what_nobody_can_tell(run: Run) -> None:
    chaos = """
netspec: 1
name: Chaos
inputs: {data: [N, 16]}
layers:
  - name: block
    repeat: 40
    layers:
      - name: fc
        type: InnerProduct
        num_output: 64
        weight_filler: {type: gaussian, std: 0.5}
      - {name: tanh, type: TanH}
  - {name: out, type: InnerProduct, num_output: 5}
"""
    result = run("verify", "-", stdin=chaos)
    assert result.status == 1
    assert result.out.startswith("Chaos: INCONCLUSIVE\n")
    assert "\n  ??  out 2×5: PyTorch and ONNX Runtime differ by " in result.out
    assert " off PyTorch's float64; rounding alone may make that\n" in result.out
    last = result.out.splitlines()[-1]
    assert last == (
        "  to know more: --weights of a trained network, another --seed, fillers that keep values "
        "near 1"
    )


def test_verify_shows_what_becomes_of_nan(run: Run) -> None:
    spec = """
netspec: 1
name: Pooled
inputs: {data: [N, 1, 8, 8]}
layers:
  - {name: relu, type: ReLU}
  - {name: pool, type: Pooling, kernel_size: 2, stride: 2}
"""
    result = run("verify", "-", "--nonfinite", stdin=spec)
    where = "nan at pool (Pooling): 1 element in PyTorch not finite, 0 in the ONNX file"
    assert where in result.out
    made = json.loads(run("verify", "-", "--nonfinite", "--format", "json", stdin=spec).out)
    (found,) = made["nonfinite"]
    assert found["layer"] == "pool"
    assert (found["value"], found["torch"], found["onnx"]) == ("nan", 1, 0)
    relu = spec[: spec.index("  - {name: pool")]
    out = run("verify", "-", "--nonfinite", stdin=relu).out
    assert out.splitlines()[-1] == "  ok  NaN and infinities go through both targets alike"


def test_verify_json_keeps_its_keys(run: Run) -> None:
    made = json.loads(run("verify", "-", "--format", "json", stdin=LABELLED).out)
    assert list(made) == [
        "name",
        "ok",
        "result",
        "targets",
        "tolerance",
        "absolute_tolerance",
        "outputs",
        "inner",
        "shapes",
        "parameters",
        "onnx_checker",
        "refused",
        "layers",
        "first_difference",
        "largest_layer_difference",
        "trials",
        "nonfinite",
    ]
    assert made["result"] == "verified"
    assert [each["title"] for each in made["trials"]][1:] == [
        "odd sizes (N = 3, H = 31, W = 33)",
        "an input of zeros",
        "an input of ones",
    ]
    assert all(each["ok"] for each in made["trials"])


def test_verify_says_which_sizes_break_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from netspec.verify import torch_network

    monkeypatch.setattr(
        torch_network,
        "wrong_shapes",
        lambda view, found, sizes: iter(["conv: wrong"] if sizes.get("H") == 31 else []),
    )
    monkeypatch.setattr("netspec.verify.bench.wrong_shapes", torch_network.wrong_shapes)
    result = run("verify", "-", stdin=LABELLED)
    assert result.status == 1
    assert "  no  with odd sizes (N = 3, H = 31, W = 33):\n    conv: wrong\n" in result.out
