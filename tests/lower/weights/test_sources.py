"""Weights in memory: modules, what wraps them, and mappings."""

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

import netspec
from netspec.diagnostics import SpecError
from netspec.lower.weights import given, user_weights
from tests.lower.weights.nets import Twin, arrays, assert_taken, below, network, tensors


def twin() -> Twin:
    module = Twin()
    module.load_state_dict(tensors())
    return module


def compiled(module: nn.Module) -> nn.Module:
    return torch.compile(module, backend="eager")  # type: ignore[return-value]


class Lightning(nn.Module):
    """As a LightningModule is: the network, a loss, and what Lightning adds to the module."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.model = network
        self.loss = nn.CrossEntropyLoss()


class Distributed(nn.Module):
    """As DistributedDataParallel is, which needs processes to begin with."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.module = network


WRAPPED: dict[str, Callable[[], nn.Module]] = {
    "plain": twin,
    "compiled": lambda: compiled(twin()),
    "DataParallel": lambda: nn.DataParallel(twin()),
    "DistributedDataParallel": lambda: Distributed(twin()),
    "AveragedModel": lambda: AveragedModel(twin()),
    "Lightning": lambda: Lightning(twin()),
    "Lightning, compiled": lambda: Lightning(compiled(twin())),
    "distributed, compiled": lambda: compiled(Distributed(twin())),
    "average of distributed": lambda: AveragedModel(Distributed(twin())),
    "half": lambda: twin().double(),
}


@pytest.mark.parametrize("name", WRAPPED)
def test_wrappers_are_taken_off(name: str) -> None:
    assert_taken(WRAPPED[name]())


def test_a_submodule_compiled_alone() -> None:
    module = twin()
    module.fc = compiled(module.fc)  # type: ignore[assignment]
    assert_taken(module)


def test_a_module_that_holds_more_than_the_network() -> None:
    module = Lightning(twin())
    module.loss = nn.Linear(2, 2)  # type: ignore[assignment]
    with pytest.raises(SpecError) as caught:
        given(network(), module)
    (found,) = caught.value.diagnostics
    assert found.code == "weights-prefix"
    assert found.message == (
        "9 of 11 names in the weights begin with `model.`, which the network doesn't have"
    )
    assert_taken(module, "model.")


@pytest.mark.parametrize(
    "wrap",
    [
        dict,
        OrderedDict,
        MappingProxyType,
        lambda values: {"state_dict": values},
        lambda values: {"model_state_dict": values, "epoch": 3, "loss": 0.5},
        lambda values: {"trainer": {"model": values}, "optimizer": {"param_groups": [{"lr": 1}]}},
    ],
)
@pytest.mark.parametrize("values", [arrays, tensors])
def test_mappings_mean_in_memory_what_they_mean_in_a_file(
    tmp_path: Path, wrap: Any, values: Any
) -> None:
    assert_taken(wrap(values()))
    if values is tensors and wrap is not MappingProxyType:
        torch.save(wrap(values()), tmp_path / "w.bin")
        assert_taken(tmp_path / "w.bin")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ({"epoch": 3, "best": 0.5}, "it holds no state dict"),
        ({"fc.weight": np.zeros((4, 3)), "epoch": 3}, "`epoch` is no tensor but int"),
        ({"fc.weight": None}, "it holds no state dict"),
        ({0: np.zeros(3)}, "the name of an entry is no text but 0"),
    ],
)
def test_mappings_that_are_none(source: Any, reason: str) -> None:
    with pytest.raises(SpecError) as caught:
        given(network(), source)
    (found,) = caught.value.diagnostics
    assert (found.code, found.message) == (
        "weights-format",
        f"the weights can't be read: {reason}",
    )


def test_an_empty_mapping_lacks_everything() -> None:
    with pytest.raises(SpecError, match=r"the weights lack `fc\.weight`"):
        given(network(), {})


@pytest.mark.parametrize(("prefix", "fresh"), [("auto", ()), (None, "fc.*"), ("", [])])
def test_options_without_weights(prefix: str | None, fresh: Any) -> None:
    with pytest.raises(ValueError, match="without weights there is no prefix, and all is fresh"):
        user_weights(None, prefix, fresh)


@pytest.mark.parametrize(("prefix", "fresh"), [(3, ()), (None, [3])])
def test_options_of_other_types(prefix: Any, fresh: Any) -> None:
    with pytest.raises(TypeError, match="a prefix and patterns are text, not int"):
        user_weights({}, prefix, fresh)


SPEC = """
netspec: 1
name: Net
inputs: {data: [N, 3]}
layers:
  - {name: fc, type: InnerProduct, num_output: 4}
  - {name: bn, type: BatchNorm}
  - {name: aux, type: InnerProduct, bottom: fc, num_output: 2, phase: TRAIN}
outputs: [bn, aux]
"""


@pytest.mark.parametrize("kind", ["file", "mapping", "wrapped", "prefixed"])
def test_both_targets_take_the_same(tmp_path: Path, kind: str) -> None:
    onnx = pytest.importorskip("onnx")
    options: dict[str, Any] = {}
    source: Any = {"state_dict": tensors()}
    if kind == "file":
        torch.save(source, tmp_path / "w.ckpt")
        source = tmp_path / "w.ckpt"
    elif kind == "wrapped":
        source = AveragedModel(twin())
    elif kind == "prefixed":
        source, options = below("module."), {"weights_prefix": "module."}
    net = netspec.loads(SPEC)
    state = net.to_torch(weights=source, **options).state_dict()
    net.to_onnx(tmp_path / "net.onnx", weights=source, **options)
    model = onnx.load(tmp_path / "net.onnx")
    written = {each.name: onnx.numpy_helper.to_array(each) for each in model.graph.initializer}
    for name, values in arrays().items():
        np.testing.assert_array_equal(state[name].numpy(), values)
        if name in written:
            np.testing.assert_array_equal(written[name], values)
    assert {"fc.weight", "fc.bias", "bn.running_mean"} <= written.keys()


def test_what_only_training_needs_is_filled_in_a_module() -> None:
    source = {name: each for name, each in arrays().items() if not name.startswith("aux")}
    net = netspec.loads(SPEC)
    with pytest.warns(netspec.SpecWarning) as caught:
        state = net.to_torch(weights=source).state_dict()
    (found,) = caught
    assert Path(found.filename) == Path(__file__)
    assert str(found.message) == (
        "filled `aux.weight` (which the weights lack), `aux.bias` (which the weights lack) from "
        "the fillers"
    )
    seeded = net.to_torch(seed=0).state_dict()
    assert torch.equal(state["aux.weight"], seeded["aux.weight"])
    assert torch.equal(state["fc.weight"], torch.from_numpy(source["fc.weight"]))


def test_a_seed_draws_the_same_in_both_targets(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    net = netspec.loads(SPEC)
    net.to_onnx(tmp_path / "net.onnx", seed=5)
    model = onnx.load(tmp_path / "net.onnx")
    state = net.to_torch(seed=5).state_dict()
    for each in model.graph.initializer:
        if each.name in state:
            values = onnx.numpy_helper.to_array(each)
            np.testing.assert_array_equal(state[each.name].numpy(), values)
