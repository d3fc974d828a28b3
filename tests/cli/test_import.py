"""`netspec import`: a prototxt becomes a spec, or a recipe; weights and means go along."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

import netspec
from tests.cli.conftest import Run
from tests.importers.caffe.caffemodels import blob, net

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


def blobs(path: Path, name: str = "conv1") -> None:
    """A caffemodel for the network."""
    weight, bias = np.ones((4, 3, 3, 3), np.float32), np.arange(4, dtype=np.float32)
    path.write_bytes(net(**{name: [blob(weight), blob(bias)]}))


def test_weights(run: Run, prototxt: Path) -> None:
    model, spec = prototxt.with_suffix(".caffemodel"), prototxt.with_suffix(".yaml")
    weights = prototxt.with_suffix(".safetensors")
    blobs(model)
    options = ("--weights", str(model), "-o", str(spec), "-o", str(weights))
    told = run("import", str(prototxt), *options)
    assert (told.status, told.err) == (0, "")
    assert spec.read_text() == SPEC
    held = load_file(weights)
    assert held["conv1.bias"].tolist() == [0, 1, 2, 3]
    assert run("verify", str(spec), "--weights", str(weights)).status == 0


def test_weights_that_do_not_fit_leave_nothing(run: Run, prototxt: Path) -> None:
    model, spec = prototxt.with_suffix(".caffemodel"), prototxt.with_suffix(".yaml")
    weights = prototxt.with_suffix(".safetensors")
    blobs(model, "other")
    options = ("--weights", str(model), "-o", str(spec), "-o", str(weights))
    told = run("import", str(prototxt), *options)
    assert told.status == 1
    assert told.err.startswith("error[weights-missing]: the weights are of other layers: `other`")
    model.write_bytes(b"rubbish")
    assert run("import", str(prototxt), *options).status == 1
    assert not spec.exists()
    assert not weights.exists()


def test_weights_by_wrong_usage(run: Run, prototxt: Path) -> None:
    model = prototxt.with_suffix(".caffemodel")
    blobs(model)
    told = run("import", str(prototxt), "-o", "x.safetensors")
    assert told.status == 2
    assert "'x.safetensors' needs weights: `--weights net.caffemodel`" in told.err
    told = run("import", str(prototxt), "-o", "x.yaml", "--weights", str(model))
    assert told.status == 2
    assert "`--weights` needs a file for them: `-o net.safetensors`" in told.err
    told = run("import", str(prototxt), "-o", str(prototxt))
    assert told.status == 1
    assert "it is the file that this is read from" in told.err


SOLVER = 'net: "net.prototxt"\nbase_lr: 0.1\nlr_policy: "fixed"\nmax_iter: 10\n'

RECIPE = """\
# Made by `netspec import` from solver.prototxt.
recipe: 1
net: net.prototxt
base_lr: 0.1
lr_policy: fixed
max_iter: 10
"""


def test_a_solver(run: Run, tmp_path: Path) -> None:
    solver = tmp_path / "solver.prototxt"
    solver.write_text(SOLVER)
    recipe = tmp_path / "recipe.yaml"
    assert run("import", str(solver), "-o", str(recipe), "-o", "-").out == RECIPE
    assert recipe.read_text() == RECIPE
    told = run("import", str(solver), "-o", "-", "--flat")
    assert told.status == 2
    assert "`--flat` is for networks, and this is a solver" in told.err
    solver.write_text(SOLVER.replace("fixed", "step"))
    told = run("import", str(solver), "-o", "-")
    assert told.status == 1
    assert f"--> {solver}:3:12\n" in told.err


def test_a_mean(run: Run, tmp_path: Path) -> None:
    mean, made = tmp_path / "mean.binaryproto", tmp_path / "mean.npz"
    image = np.arange(12, dtype=np.float32).reshape(1, 3, 2, 2)
    mean.write_bytes(blob(image).SerializeToString())
    assert run("import", str(mean), "-o", str(made)).status == 0
    first = made.read_bytes()
    np.testing.assert_array_equal(np.load(made)["mean"], image)
    assert run("import", str(mean), "-o", str(made)).status == 0
    assert made.read_bytes() == first
    told = run("import", str(mean), "-o", "mean.yaml")
    assert told.status == 2
    assert "a mean becomes a file `.npz`, not 'mean.yaml'" in told.err
    mean.write_bytes(b"rubbish")
    assert run("import", str(mean), "-o", str(made)).status == 1
    assert made.read_bytes() == first
