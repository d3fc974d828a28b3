"""`netspec.train` and `to_training_script`."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

import netspec

SPEC = """\
netspec: 1
name: Net
inputs: {x: [N, 4]}
layers:
  - {name: two, type: InnerProduct, num_output: 3}
"""
RECIPE: dict[str, Any] = {
    "recipe": 1,
    "data": {"format": "npz", "train": "train.npz"},
    "batch_size": np.int64(5),
    "loss": {"two": {}},
    "base_lr": 0.1,
    "lr_policy": "fixed",
    "max_iter": 4,
    "seed": 5,
}


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    drawn = np.random.default_rng(0)
    np.savez("train.npz", x=drawn.normal(size=(15, 4)), label=drawn.integers(0, 3, 15))


def test_the_weights_of_a_run_are_the_networks() -> None:
    net = netspec.loads(SPEC)
    weights = netspec.train(net, RECIPE, "out")
    assert weights == Path("out/weights.safetensors")
    state = torch.load("out/checkpoint.pt", weights_only=True)
    assert state["step"] == 4
    model = net.to_torch(weights=weights)
    for name, value in load_file(weights).items():
        assert torch.equal(value, state["model"][name])
        assert torch.equal(value, model.state_dict()[name])
    with pytest.raises(ValueError, match="`out` is 'out', which has a run: give `resume=True`"):
        netspec.train(net, RECIPE, "out")
    (Path("spec.yaml")).write_text(SPEC)
    longer = RECIPE | {"max_iter": 6}
    assert netspec.train("spec.yaml", longer, "out", resume=True) == weights
    assert torch.load("out/checkpoint.pt", weights_only=True)["step"] == 6


def test_a_run_that_ends_early(capfd: pytest.CaptureFixture[str]) -> None:
    np.savez("train.npz", x=np.zeros((5, 4)))
    with pytest.raises(RuntimeError, match=r"the run in 'run' ended with status 1, and has said"):
        netspec.train(netspec.loads(SPEC), RECIPE)
    assert capfd.readouterr().err.strip() == "train.npz has no array label"


def test_the_script() -> None:
    net = netspec.loads(SPEC)
    net.to_training_script(RECIPE)
    assert Path("net.py").read_text() == net.to_source()
    assert "from net import Net\n" in Path("train.py").read_text()
    netspec.load("lenet").to_training_script("lenet_digits", Path("digits.py"))
    assert 'FIGURES = ("loss", "accuracy")\n' in Path("digits.py").read_text()


def test_what_cannot_be() -> None:
    net = netspec.loads(SPEC)
    with pytest.raises(netspec.SpecError) as found:
        netspec.train(net, RECIPE | {"loss": {"one": {}}})
    (told,) = found.value.diagnostics
    assert told.message == "the network has no output `one`"
    with pytest.raises(TypeError, match="`recipe` should be a str or a path, not 3"):
        netspec.train(net, 3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="`recipe` holds what no recipe does"):
        netspec.train(net, RECIPE | {"seed": object()})
    with pytest.raises(ValueError, match="`processes` should be at least 1, not 0"):
        netspec.train(net, RECIPE, processes=0)
    with pytest.raises(ValueError, match=r"`path` is 'net.py', where the network's source goes"):
        net.to_training_script(RECIPE, "net.py")
    assert not Path("run").exists()


def test_arrays_and_items() -> None:
    """The run is that of the same arrays in a file; the folder has them and says so."""
    net = netspec.loads(SPEC)
    with np.load("train.npz") as file:
        arrays = {name: file[name] for name in file}
    expected = load_file(netspec.train(net, RECIPE, "files"))
    rows = {name: torch.from_numpy(each) for name, each in arrays.items()}
    items = ({name: each[row] for name, each in rows.items()} for row in range(15))
    without = {key: value for key, value in RECIPE.items() if key != "data"}
    found = load_file(netspec.train(net, without, "items", data=items))
    for name, value in found.items():
        assert torch.equal(value, expected[name])
    tested = without | {"test_interval": 4}
    netspec.train(net, tested, "tested", data=arrays, test_data=[{"x": np.ones(4), "label": 1}])
    assert len(Path("tested/test.csv").read_text().splitlines()) == 3
    assert "  train: train.npz\n  test: test.npz\n" in Path("tested/recipe.yaml").read_text()


GIVEN: dict[str, tuple[type[Exception], Any]] = {
    r"`data` should be arrays by their names, or items, not 3": (TypeError, 3),
    r"`data\[0\]` should be a mapping of names to arrays, not tuple": (TypeError, [(1, 2)]),
    r"`data\[1\]` should have \['x'\], not \['y'\]": (ValueError, [{"x": 1}, {"y": 1}]),
    r"`data`: the items of 'x' differ in size": (ValueError, [{"x": [1]}, {"x": [1, 2]}]),
    r"`data`: 'x' should be an array of numbers, an item in each row": (TypeError, {"x": ["a"]}),
}


@pytest.mark.parametrize("told", GIVEN)
def test_data_that_are_none(told: str) -> None:
    error, data = GIVEN[told]
    with pytest.raises(error, match=told):
        netspec.train(netspec.loads(SPEC), RECIPE, data=data)
    assert not Path("run").exists()


def test_tests_without_data() -> None:
    with pytest.raises(ValueError, match="`test_data` goes with `data` that are arrays or items"):
        netspec.train(netspec.loads(SPEC), RECIPE, data=".", test_data={"x": [1]})
