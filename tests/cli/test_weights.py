"""Weights as people have them, on the command line."""

from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
import torch

import netspec
from tests.cli.conftest import Run
from tests.cli.test_verbs import SPEC


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """What a script saves that trains in parallel."""
    state = netspec.loads(SPEC).to_torch().state_dict()
    path = tmp_path / "last.pth.tar"
    torch.save({"state_dict": {f"module.{name}": each for name, each in state.items()}}, path)
    return path


def test_a_prefix_is_named_taken_off_and_found(run: Run, tmp_path: Path, checkpoint: Path) -> None:
    made = tmp_path / "w.safetensors"
    command = ["compile", "-", "-o", str(made), "--weights", str(checkpoint)]
    refused = run(*command, stdin=SPEC)
    assert refused.status == 1
    assert refused.err == (
        "error[weights-prefix]: every name in the weights begins with `module.`, which the network "
        "doesn't have\n"
        "  = help: take it off with `--weights-prefix module.` or `--weights-prefix auto`\n"
    )
    assert not made.exists()
    taken = run(*command, "--weights-prefix", "module.", stdin=SPEC)
    assert (taken.status, taken.out, taken.err) == (0, "", "")
    held = safetensors.numpy.load_file(made)
    saved = torch.load(checkpoint)["state_dict"]
    for name, values in held.items():
        np.testing.assert_array_equal(values, saved[f"module.{name}"].numpy())
    found = run(*command, "--weights-prefix", "auto", stdin=SPEC)
    assert found.status == 0
    assert found.err == (
        "warning[weights-renamed]: took `module.` off the names of 4 entries of the weights\n"
    )


def test_what_is_fresh_is_told_once(run: Run, tmp_path: Path, checkpoint: Path) -> None:
    outputs = [str(tmp_path / name) for name in ("a.onnx", "b.onnx", "w.safetensors")]
    options = ["--weights", str(checkpoint), "--weights-prefix", "module.", "--fresh", "fc.*"]
    command = ["compile", "-", *(f"-o{path}" for path in outputs), "--set", "classes=5", *options]
    done = run(*command, "--seed", "3", stdin=SPEC)
    assert done.status == 0
    assert done.err == (
        "warning[weights-filled]: filled `fc.weight` (5×72, the weights' is 4×72), `fc.bias` "
        "(5, the weights' is 4) from the fillers\n"
    )
    run("compile", "-", "-o", str(tmp_path / "drawn"), "--to", "safetensors", "--seed", "3",
        "--set", "classes=5", stdin=SPEC)  # fmt: skip
    drawn = safetensors.numpy.load_file(tmp_path / "drawn")
    held = safetensors.numpy.load_file(tmp_path / "w.safetensors")
    np.testing.assert_array_equal(held["fc.weight"], drawn["fc.weight"])
    assert (held["conv.weight"] != drawn["conv.weight"]).any()


def test_verify_takes_the_same(run: Run, checkpoint: Path) -> None:
    options = ["--weights", str(checkpoint), "--weights-prefix", "auto", "--fresh", "fc.*"]
    done = run("verify", "-", *options, "--set", "classes=5", stdin=SPEC)
    assert done.status == 0, done.out
    assert done.err.count("warning[") == 2
    assert run("verify", "-", "--weights", str(checkpoint), stdin=SPEC).status == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--fresh fc.*", "--fresh: it has no use without `--weights`"),
        ("--weights-prefix auto", "--weights-prefix: it has no use without `--weights`"),
    ],
)
@pytest.mark.parametrize("verb", ["compile - -o x.onnx", "verify -"])
def test_options_without_weights(run: Run, verb: str, options: str, message: str) -> None:
    done = run(*verb.split(), *options.split(), stdin=SPEC)
    assert message in " ".join(done.err.split())
    assert done.status == 2


def test_source_takes_no_weights(run: Run, tmp_path: Path, checkpoint: Path) -> None:
    options = ["--weights-prefix", "auto", "--weights", str(checkpoint)]
    done = run("compile", "-", "-o", str(tmp_path / "x.py"), *options, stdin=SPEC)
    assert done.status == 2
    assert "it is for ONNX files and files of weights, and none is asked for" in " ".join(
        done.err.split()
    )
