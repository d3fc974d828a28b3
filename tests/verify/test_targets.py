"""A third target that can run: verify holds it against PyTorch as it does ONNX."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netspec.cli.verification import render
from netspec.graph import Graph, Phase
from netspec.lower.onnx.options import Options
from netspec.lower.running import Refused
from netspec.lower.values import Array
from netspec.lower.weights import Weights
from netspec.targets import TARGETS, Target
from netspec.verify import verify
from netspec.verify.result import Verification
from tests.verify.networks import loads

LAYERS = """
  - {name: hidden, type: InnerProduct, num_output: 6}
  - {name: relu, type: ReLU}
  - {name: out, type: InnerProduct, num_output: 5}
  - {name: prob, type: Softmax}
"""
CHAIN = loads(LAYERS, "{data: [N, 8]}")


@dataclass(frozen=True)
class ToyOptions:
    """What can be asked of the toy."""

    factor: float = 1.0


class Toy:
    """A chain of a few layers in NumPy; its rectifiers give so many times what they should."""

    called = "the toy"
    runner = "NumPy"

    def __init__(self, graph: Graph, folder: Path, options: ToyOptions) -> None:
        assert not list(folder.iterdir())
        self.view = graph.phase(Phase.TEST)
        self.factor = options.factor
        self.also: set[str] = set()

    @property
    def blobs(self) -> frozenset[str]:
        return frozenset(top.name for node in self.view for top in node.tops)

    def load(self, weights: Weights) -> None:
        self.weights = weights

    def checks(self) -> Mapping[str, str | None]:
        return {"the toy is no toy": "it is one"} if self.factor == 3 else {}

    def outputs(self, inputs: Mapping[str, Array]) -> Mapping[str, Array]:
        values: dict[str, Any] = dict(inputs)
        for node in self.view:
            x = values[node.bottoms[0].name]
            values[node.tops[0].name] = getattr(self, node.type)(node.path, x)
        names = {blob.name for blob in self.view.results} | self.also
        return {name: values[name] for name in names}

    def give_also(self, names: Iterable[str]) -> None:
        self.also.update(names)

    def close(self) -> None:
        pass

    def InnerProduct(self, name: str, x: Any) -> Any:
        with np.errstate(invalid="ignore"):
            return x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def ReLU(self, name: str, x: Any) -> Any:
        return self.factor * np.maximum(x, 0)

    def Softmax(self, name: str, x: Any) -> Any:
        if x.ndim != 2:
            raise Refused("NumPy can't run it")
        with np.errstate(invalid="ignore"):
            powers = np.exp(x - x.max(1, keepdims=True))
            return powers / powers.sum(1, keepdims=True)


def no_file(*_: object) -> None:
    raise AssertionError("nothing is written")


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Verification]:
    """Verifies with the toy among the targets."""
    monkeypatch.setitem(TARGETS, "toy", Target(no_file, "toys", ToyOptions, Toy))

    def run(factor: float = 1.0, **more: Any) -> Verification:
        return verify(CHAIN, Options(seed=1), ToyOptions(factor), **more)

    return run


def test_all_targets_are_compared(verified: Callable[..., Verification]) -> None:
    result = verified()
    assert result.ok
    made = result.to_json()
    assert made["targets"] == ["torch", "onnx", "toy"]
    compared = [(each["name"], each["target"]) for each in made["outputs"] + made["inner"]]
    assert compared == [("prob", "onnx"), ("prob", "toy"), ("out", "onnx"), ("out", "toy")]
    text = render(result)
    assert "  ok  prob 2×5: PyTorch and ONNX Runtime differ by " in text
    assert "  ok  prob 2×5: PyTorch and NumPy differ by " in text
    assert "  ok  the ONNX file passes onnx's checker\n" in text


def test_a_fault_of_one_is_its_own(verified: Callable[..., Verification]) -> None:
    result = verified(2.0)
    assert result.result == "failed"
    wrong = [each for each in result.outputs if not result.agrees(each)]
    assert [each.target for each in wrong] == ["toy"]
    judgement = wrong[0].to_json()["judgement"]
    assert judgement["toy"] > 0.01 > judgement["torch"]
    assert "  no  prob 2×5: PyTorch and NumPy differ by " in render(result)


def test_layers_are_compared_in_all(verified: Callable[..., Verification]) -> None:
    result = verified(2.0, layers=True)
    assert [each.name for each in result.layers] == ["hidden", "relu", "out", "prob"] * 2
    first = result.first_difference
    assert first is not None
    assert (first.name, first.target) == ("relu", "toy")


@pytest.mark.usefixtures("verified")
def test_what_one_refuses_is_said() -> None:
    graph = loads("  - {name: prob, type: Softmax}", "{data: [N, 3, 2, 2]}")
    assert verify(graph).refused == ("NumPy can't run it",)


def test_nan_is_followed_through_all(verified: Callable[..., Verification]) -> None:
    result = verified(nonfinite=True)
    assert result.nonfinite == ()
    assert render(result).endswith("NaN and infinities go through all targets alike")


def test_what_a_target_checks_itself_is_told(verified: Callable[..., Verification]) -> None:
    result = verified(3.0)
    assert result.to_json()["onnx_checker"] is None
    assert "  no  the toy is no toy\n    it is one\n" in render(result)


def test_a_target_without_options_is_run_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def plain(graph: Graph, folder: Path, options: None) -> Toy:
        assert options is None
        return Toy(graph, folder, ToyOptions())

    monkeypatch.setitem(TARGETS, "toy", Target(no_file, "toys", run=plain))
    assert verify(CHAIN).ok
