"""`netspec test` and `netspec predict`: on the folder of a run, and on a spec with weights."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

import netspec
from tests.cli.conftest import Run

SPEC = """\
netspec: 1
name: Net
inputs: {x: [N, 4]}
layers:
  - {name: one, type: InnerProduct, num_output: 8}
  - {name: bn, type: BatchNorm}
  - {name: two, type: InnerProduct, num_output: 3}
"""
RECIPE = """\
recipe: 1
data: {format: npz, train: train.npz, test: test.npz}
batch_size: 7
loss: {two: {}}
base_lr: 0.1
lr_policy: fixed
max_iter: 5
seed: 5
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of a run, as `netspec train` leaves it."""
    monkeypatch.chdir(tmp_path)
    drawn = np.random.default_rng(0)
    for name, count in (("train.npz", 17), ("test.npz", 9)):
        x, label = drawn.normal(size=(count, 4)), drawn.integers(0, 3, count)
        np.savez(name, x=x, label=label)
    folder = Path("run")
    folder.mkdir()
    (folder / "spec.yaml").write_text(SPEC)
    (folder / "recipe.yaml").write_text(RECIPE)
    model = netspec.loads(SPEC).to_torch(seed=3)
    model(torch.randn(32, 4))
    state = {"model": model.state_dict(), "optimizer": {}, "step": 4}
    torch.save(state, folder / "checkpoint.pt")


def scores(weights: str = "run/checkpoint.pt") -> torch.Tensor:
    """What PyTorch makes of the tests."""
    model = netspec.loads(SPEC).to_torch(init=False)
    model.load_state_dict(torch.load(weights, weights_only=True)["model"])
    with torch.inference_mode():
        found: torch.Tensor = model.eval()(torch.tensor(np.load("test.npz")["x"]).float())
    return found


def test_the_figures_of_a_run(run: Run) -> None:
    result = run("test", "run", "--format", "json")
    assert (result.status, result.err) == (0, "")
    told = json.loads(result.out)
    labels = torch.tensor(np.load("test.npz")["label"])
    loss = torch.nn.functional.cross_entropy(scores(), labels).item()
    assert told == {
        "items": 9,
        "loss": pytest.approx(loss, rel=1e-5),
        "accuracy": pytest.approx((scores().argmax(1) == labels).float().mean().item()),
    }
    assert run("test", "run").out == (
        f"loss {told['loss']:.6g}, accuracy {told['accuracy']:.6g} (9 items)\n"
    )
    Path("spec.yaml").write_text(SPEC)
    more = ("--recipe", "run/recipe.yaml", "--weights", "run/checkpoint.pt")
    assert json.loads(run("test", "spec.yaml", *more, "--format", "json").out) == told
    Path("elsewhere").mkdir()
    Path("test.npz").rename("elsewhere/test.npz")
    assert json.loads(run("test", "run", "--data", "elsewhere", "--format", "json").out) == told


def test_the_newest_weights_are_tested(run: Run) -> None:
    """Those of the end are older than a checkpoint of a run that went on."""
    whole = run("compile", "run/spec.yaml", "--seed", "1", "-o", "run/weights.safetensors")
    assert whole.status == 0
    at_its_end = run("test", "run").out
    saved = torch.load("run/checkpoint.pt", weights_only=True)
    torch.save(saved, "run/checkpoint.pt")
    assert run("test", "run").out != at_its_end


def test_the_classes_of_a_run(run: Run) -> None:
    shares = torch.softmax(scores(), 1)
    result = run("predict", "run", "test.npz", "--top", "2", "--format", "json", "-o", "out.npz")
    assert (result.status, result.err) == (0, "")
    told = json.loads(result.out)["two"]
    best = shares.topk(2)
    for row, classes, values in zip(told, best.indices, best.values, strict=True):
        assert [each["class"] for each in row] == classes.tolist()
        assert [each["share"] for each in row] == pytest.approx(values.tolist(), rel=1e-4)
    np.testing.assert_allclose(np.load("out.npz")["two"], scores(), rtol=1e-4, atol=1e-5)
    first, *others = run("predict", "run").out.splitlines()
    assert first == f"0: {best.indices[0, 0]} ({best.values[0, 0]:.3f})"
    assert len(others) == 8
    np.save("x.npy", np.load("test.npz")["x"])
    assert run("predict", "run", "x.npy").out.splitlines() == [first, *others]


def test_outputs_of_other_shapes(run: Run) -> None:
    """A TEST phase with an accuracy needs neither it nor its label."""
    Path("net.yaml").write_text(
        """\
netspec: 1
name: Net
inputs: {x: [4, 2, 6, 6], label: {shape: [4], dtype: int64}}
layers:
  - {name: map, type: Convolution, bottom: x, num_output: 3, kernel_size: 1}
  - {name: pool, type: Pooling, pool: AVE, global_pooling: true}
  - {name: fc, type: InnerProduct, num_output: 3}
  - {name: share, type: Softmax}
  - {name: right, type: Accuracy, bottom: [fc, label], phase: TEST}
outputs: [map, share, right]
"""
    )
    assert run("compile", "net.yaml", "-o", "w.safetensors").status == 0
    np.save("x.npy", np.random.default_rng(1).normal(size=(8, 2, 6, 6)).astype(np.float32))
    result = run("predict", "net.yaml", "x.npy", "--weights", "w.safetensors", "-o", "out.npz")
    assert (result.status, result.err) == (0, "")
    kept = np.load("out.npz")
    assert {name: kept[name].shape for name in kept} == {"map": (8, 3, 6, 6), "share": (8, 3)}
    first, second, *_ = result.out.splitlines()
    assert first == "map: 8×3×6×6, which -o keeps"
    assert second == f"share: 0: {kept['share'][0].argmax()} ({kept['share'][0].max():.3f})"


MISTAKES = {
    "none.npz": "can't read `none.npz`: no such file or directory",
    "text.npz": "can't read `text.npz`: it is no .npz or .npy file of numbers",
    "other.npz": "`other.npz` has no array `x`, which the network reads",
    "wide.npy": "`wide.npy`: `x` is 3×5 of float64, the network's N×4",
    "one.npy": "`one.npy`: `x` is a number of float64, the network's N×4",
    "words.npy": "`words.npy`: `x` is 1×4 of <U1, the network's N×4",
}


@pytest.mark.parametrize("name", MISTAKES)
def test_arrays_that_the_network_does_not_take(name: str, run: Run) -> None:
    Path("text.npz").write_text("text")
    np.savez("other.npz", y=np.zeros((3, 4)))
    np.save("wide.npy", np.zeros((3, 5)))
    np.save("one.npy", np.array(1.0))
    np.save("words.npy", np.array([["a", "b", "c", "d"]]))
    result = run("predict", "run", name)
    assert (result.status, result.out) == (1, "")
    assert result.err.splitlines()[0].partition(": ")[2] == MISTAKES[name]


USAGE = {
    ("test", "nothing"): "Invalid value for DIR: 'nothing' is no folder of a run; a spec has its "
    "weights in `--weights`",
    ("test", "lenet", "--weights", "a.pt"): "Invalid value: what to test a spec with is a recipe's "
    "to say: `--recipe RECIPE`",
    ("test", "run", "--set", "a=1"): "Invalid value for --set: a run's network is as it was "
    "trained; `--set` is for a spec with `--weights`",
    ("predict", "lenet", "--weights", "a.pt"): "Invalid value: there is no run whose data could be "
    "taken: name an INPUT",
    ("predict", "run", "-o", "a.csv"): "Invalid value for -o: 'a.csv' should end in .npz",
}


@pytest.mark.parametrize("arguments", USAGE)
def test_wrong_usage(arguments: tuple[str, ...], run: Run) -> None:
    result = run(*arguments)
    assert result.status == 2
    assert " ".join(result.err.split()).endswith(f"Error: {USAGE[arguments]}")


def test_what_a_run_lacks(run: Run) -> None:
    Path("test.npz").unlink()
    result = run("test", "run")
    assert result.status == 1
    assert result.err.startswith("error[cannot-read]: can't read test.npz: No such file")
    text = RECIPE.replace(", test: test.npz", "")
    Path("run/recipe.yaml").write_text(text)
    result = run("test", "run")
    assert result.err.splitlines()[0] == (
        "error[missing-field]: there is nothing to test with: `data` has no `test`"
    )
    Path("run/checkpoint.pt").unlink()
    result = run("predict", "run", "train.npz")
    assert result.err.splitlines()[0] == (
        "error[cannot-read]: `run` has no weights: no run has left any there"
    )
