"""`init_weights`: all that a module holds, wherever its memory came from."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.optim.swa_utils import update_bn

import netspec
from netspec.layers import CATALOGUE
from tests.lower.torch.checks import check_init, checked_source, spoil
from tests.lower.torch.specs import EVERY_WEIGHT
from tests.stock import every_network

ROOT = Path(__file__).parents[3]
QUICK = ("googlenet", "resnet20", "lenet")


def test_every_layer_that_holds_something_is_tried() -> None:
    holding = {name for name, layer in CATALOGUE.items() if layer.weights_rule != "none"}
    assert {node.type for node in netspec.loads(EVERY_WEIGHT).nodes} >= holding


def test_a_module_made_without_memory_is_filled() -> None:
    checked_source(netspec.loads(EVERY_WEIGHT))


@pytest.mark.parametrize("name", QUICK)
def test_a_stock_network_made_without_memory_is_filled(name: str) -> None:
    check_init(type(netspec.load(name).to_torch(init=False)))


@pytest.mark.slow
@pytest.mark.parametrize("name", every_network())
def test_every_stock_network_made_without_memory_is_filled(name: str) -> None:
    check_init(type(netspec.load(name).to_torch(init=False)))


@pytest.mark.slow
@pytest.mark.parametrize("processes", [1, 2])
def test_a_module_spread_over_processes_is_filled(processes: int, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.lower.sharded", str(processes), str(tmp_path / "meet")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_shared_weights_are_filled_as_their_owner_says() -> None:
    """The rule for the other layer's kind comes later in the loop, and says something else."""
    graph = netspec.loads("""
netspec: 1
name: Net
inputs: {data: [N, 4, 8, 8]}
layers:
  - {name: a, type: Convolution, num_output: 4, kernel_size: 1, param: [{name: w}]}
  - {name: b, type: Deconvolution, num_output: 4, kernel_size: 1, param: [{name: w}]}
  - name: c
    type: Deconvolution
    num_output: 8
    kernel_size: 3
    weight_filler: {type: constant, value: 7}
""")
    source = checked_source(graph)
    loop = source.index("nn.init.constant_(module.weight, 7.0)")
    assert source.index("self.b.weight = self.a.weight") < loop
    assert source.index("nn.init.kaiming_normal_(self.a.weight)") > loop
    model: Any = graph.to_torch()
    for _ in range(2):
        assert model.b.weight is model.a.weight
        assert not (model.a.weight == 7).any()
        model.init_weights()


def test_fixed_statistics_stay_whatever_a_tool_looks_for() -> None:
    """They're no nn.BatchNorm2d, which tools renew, gather over processes or set free."""
    graph = netspec.loads("""
netspec: 1
name: Net
inputs: {data: [N, 3, 8, 8]}
layers:
  - {name: conv, type: Convolution, num_output: 4, kernel_size: 1}
  - {name: fixed, type: BatchNorm, use_global_stats: true}
  - {name: free, type: BatchNorm}
""")
    model: Any = graph.to_torch()
    nn.init.constant_(model.fixed.running_mean, 3)
    kept = {name: each.clone() for name, each in model.fixed.state_dict().items()}
    assert not isinstance(model.fixed, nn.modules.batchnorm._NormBase)
    update_bn([torch.randn(4, 3, 8, 8)], model)
    assert model.free.num_batches_tracked == 1
    changed = nn.SyncBatchNorm.convert_sync_batchnorm(model)
    assert isinstance(changed.free, nn.SyncBatchNorm)
    assert changed.fixed is model.fixed
    for name, each in model.fixed.state_dict().items():
        assert torch.equal(each, kept[name]), name


def test_no_helper_is_a_kind_of_pytorchs_own_layers() -> None:
    model: Any = netspec.loads(EVERY_WEIGHT).to_torch()
    ours = {type(each) for each in model.modules() if not type(each).__module__.startswith("torch")}
    assert len(ours) > 7
    for each in ours:
        # What knows attention fills both.
        known = (nn.Module, nn.Sequential, nn.ModuleDict, nn.MultiheadAttention)
        assert each.__mro__[1] in known, each


def test_our_own_modules_fill_themselves_as_pytorchs_do() -> None:
    """What holds something has `reset_parameters`; the network, which fills others, hasn't."""
    model: Any = netspec.loads(EVERY_WEIGHT).to_torch()
    assert not hasattr(model, "reset_parameters")
    for name, module in model.named_modules():
        if name and module.state_dict() and not [*module.children()]:
            spoil(module)
            module.reset_parameters()
            for each in module.state_dict().values():
                assert each.isfinite().all(), name


def test_filling_again_draws_again_and_no_more() -> None:
    model: Any = netspec.loads(EVERY_WEIGHT).to_torch()
    torch.manual_seed(1)
    model.init_weights()
    first = {name: each.clone() for name, each in model.state_dict().items()}
    torch.manual_seed(1)
    model.init_weights()
    for name, each in model.state_dict().items():
        assert torch.equal(each, first[name]), name


def test_channels_last_weights_can_be_filled_again() -> None:
    graph = netspec.loads(EVERY_WEIGHT)
    model: Any = graph.to_torch(channels_last=True)
    spoil(model)
    model.init_weights()
    plain = graph.to_torch()
    constants = {each.name for each in graph.parameters if each.values is not None}
    for name in model.state_dict().keys() - constants:
        each = model.state_dict()[name]
        assert each.isfinite().all(), name
        assert each.shape == plain.state_dict()[name].shape


def test_a_bias_that_a_kind_fills_itself_is_left_to_it() -> None:
    """Bias and BatchNorm both reset themselves, and only one of them is filled anew behind that."""
    layers = "[{name: bn, type: BatchNorm}, {name: bias, type: Bias, filler: {type: gaussian}}]"
    text = f"netspec: 1\nname: Net\ninputs: {{data: [N, 64, 4, 4]}}\nlayers: {layers}\n"
    state = netspec.loads(text).to_torch().state_dict()
    assert state["bn.bias"].eq(0).all()
    assert state["bias.bias"].std() > 0.5


def said(*layers: str) -> str:
    """The docstring of `init_weights`."""
    text = "netspec: 1\nname: Net\ninputs: {data: [N, 3, 8, 8]}\nlayers:\n"
    model: Any = netspec.loads(text + "".join(f"  - {layer}\n" for layer in layers)).to_torch()
    return str(type(model).init_weights.__doc__)


CONV = "type: Convolution, num_output: 4, kernel_size: 1"
PLAIN = "Fill the weights as the spec says."


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ("", "Fill the weights as the spec says: msra for weights, zero for biases."),
        (", weight_filler: {type: xavier}", PLAIN),
        (", bias_filler: {type: constant, value: 1}", PLAIN),
    ],
)
def test_what_is_said_of_fillers_holds_for_all_layers(second: str, expected: str) -> None:
    assert said(f"{{{CONV}}}", f"{{{CONV}}}", f"{{{CONV}{second}}}") == expected


def test_what_is_said_of_the_filler_of_a_parameter() -> None:
    parameter = "{name: gamma, type: Parameter, shape: [4], filler: {type: constant, value: 0.5}}"
    scale = "{type: Scale, bottom: [conv, gamma], axis: 1}"
    expected = f"{PLAIN[:-1]}: msra for weights, 0.5 for gamma."
    assert said(f"{{name: conv, {CONV}, bias_term: false}}", parameter, scale) == expected


def test_what_would_take_too_much_room_is_not_said() -> None:
    fillers = "weight_filler: {type: gaussian, std: 0.01}, bias_filler: {type: gaussian, std: 0.02}"
    assert said(f"{{{CONV}, {fillers}}}") == PLAIN


def test_a_kind_that_has_no_bias_is_filled_apart_from_one_that_has_nothing_else() -> None:
    text = """netspec: 1
name: Net
inputs: {data: [N, 3, 8, 8]}
layers:
  - {name: bias, type: Bias, filler: {type: gaussian}}
  - {name: prelu, type: PReLU}
"""
    checked_source(netspec.loads(text))
