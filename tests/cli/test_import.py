"""`netspec import`: a prototxt becomes a spec."""

from pathlib import Path

import pytest

import netspec
from tests.cli.conftest import Run

TEXT = """\
name: "Tiny Net"
input: "data" input_shape { dim: 1 dim: 3 dim: 8 dim: 8 }
layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1"
  convolution_param { num_output: 4 kernel_size: 3 } }
layer { name: "relu1" type: "ReLU" bottom: "conv1" top: "conv1" }
"""

SPEC = """\
# Made by `netspec import` from net.prototxt.
# Caffe calls the network `Tiny Net`.
# Caffe's tools read images as blue, green, red: so are the channels of `data`.
netspec: 1
name: Tiny_Net
inputs:
  data: [N, 3, 8, 8]
layers:
  - {name: conv1, type: Convolution, num_output: 4, kernel_size: 3}
  - {name: relu1, type: ReLU}
"""


@pytest.fixture
def prototxt(tmp_path: Path) -> Path:
    path = tmp_path / "net.prototxt"
    path.write_text(TEXT)
    return path


def test_a_spec_is_written(run: Run, prototxt: Path) -> None:
    path = prototxt.with_suffix(".yaml")
    assert run("import", str(prototxt), "-o", str(path)).status == 0
    assert path.read_text() == SPEC
    assert netspec.load(path).params == 112
    assert run("check", str(path)).status == 0


def test_standard_output(run: Run, prototxt: Path) -> None:
    assert run("import", str(prototxt), "-o", "-").out == SPEC


def test_options(run: Run, prototxt: Path) -> None:
    given = run("import", str(prototxt), "-o", "-", "--input", "data=Nx3xHxW", "--flat")
    assert "  data: [N, 3, H, W]\n" in given.out
    assert run("import", str(prototxt), "-o", "-", "--phase", "test").out == SPEC
    wrong = run("import", str(prototxt), "-o", "-", "--phase", "all")
    assert wrong.status == 2
    assert "'all' is no phase; it is TRAIN or TEST" in wrong.err


def test_a_mistake_is_told_at_its_place_and_nothing_is_written(run: Run, prototxt: Path) -> None:
    prototxt.write_text(TEXT.replace('"ReLU"', '"Lifting"'))
    path = prototxt.with_suffix(".yaml")
    told = run("import", str(prototxt), "-o", str(path))
    assert told.status == 1
    assert f"--> {prototxt}:5:29\n" in told.err
    assert not path.exists()
    told = run("import", str(prototxt), "-o", str(path), "--partial")
    assert told.status == 0
    assert told.err.startswith("warning[left-out]: netspec has no layer `Lifting`\n")
    assert path.exists()


def test_a_file_that_is_not_there(run: Run, tmp_path: Path) -> None:
    told = run("import", str(tmp_path / "no.prototxt"), "-o", "-")
    assert told.status == 1
    assert told.err.startswith("error[cannot-read]: can't read")
