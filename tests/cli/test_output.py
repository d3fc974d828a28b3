"""`--output`: one smaller network, in every target and in the summary."""

import json
from pathlib import Path

import pytest
from safetensors.numpy import load_file

from tests.cli.conftest import Run

CHOSEN = ["--output", "conv2", "--output", "pool1"]


def test_every_target_and_the_summary_see_the_same(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    files = [each for name in ("py", "onnx", "yaml", "safetensors") for each in ("-o", f"x.{name}")]
    assert run("compile", "lenet", *CHOSEN, *files).status == 0
    assert run("check", "./x.yaml", "--strict").out == "./x.yaml: no mistakes\n"
    assert "verified" in run("verify", "lenet", *CHOSEN).out
    names = ["conv1.bias", "conv1.weight", "conv2.bias", "conv2.weight"]
    assert sorted(load_file("x.safetensors")) == names
    assert "ip1" not in Path("x.yaml").read_text() + Path("x.py").read_text()
    whole = json.loads(run("summary", "lenet", *CHOSEN, "--format", "json").out)
    flat = json.loads(run("summary", "./x.yaml", "--format", "json").out)
    assert whole == flat
    assert whole["totals"]["params"] == 25_570
    assert whole["outputs"] == {"conv2": ["N", 50, 8, 8], "pool1": ["N", 20, 12, 12]}
    assert [each["name"] for each in whole["layers"]] == ["conv1", "pool1", "conv2"]


def test_a_layer_that_is_none(run: Run) -> None:
    result = run("summary", "lenet", "--output", "conv9")
    assert result.status == 1
    assert "error[unknown-name]: no output `conv9`" in result.err


def test_an_input_alone(run: Run) -> None:
    result = run("verify", "lenet", "--output", "data", "--layers")
    assert result.out.splitlines()[-2:] == [
        "  ok  data 2×1×28×28: PyTorch and ONNX Runtime differ by 0.0e+00 (tolerance 1e-05)",
        "  ok  the same with an input of zeros, an input of ones",
    ]
    assert "layers       0" in run("summary", "lenet", "--output", "data").out


@pytest.mark.parametrize("written", ["net.yaml", "unit.yaml", "link.yaml"])
def test_the_spec_is_spared(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("unit.yaml").write_text("netspec: 1\nblocks: {unit: {layers: [{type: ReLU}]}}\n")
    text = "netspec: 1\nname: Net\ninputs: {data: [N, 4]}\nuse: unit.yaml\nlayers: [{type: unit}]\n"
    Path("net.yaml").write_text(text)
    Path("link.yaml").symlink_to("net.yaml")
    before = Path(written).read_text()
    result = run("compile", "./net.yaml", "-o", "x.yaml", "-o", written)
    assert result.status == 1
    message = f"can't write `{written}`: it is the file that the spec is read from"
    assert result.err == f"error[cannot-write]: {message}\n  = help: name another file\n"
    assert Path(written).read_text() == before
    assert not Path("x.yaml").exists()
    assert run("compile", "./net.yaml", "-o", "x.yaml").status == 0
    assert run("compile", "./net.yaml", "-o", "x.yaml").status == 0
