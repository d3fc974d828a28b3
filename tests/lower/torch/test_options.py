"""Channels-last, and the form for inference."""

import copy
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import netspec
from netspec.lower.torch import Options, to_source, to_torch
from tests.lower.torch.channels_last_training import is_channels_last
from tests.lower.torch.checks import assert_same, check_text
from tests.lower.torch.specs import INCEPTION, RESIDUAL

ROOT = Path(__file__).resolve().parents[3]
EVERY = [Options(channels_last=True), Options(inference=True), Options(True, True)]


def trained(graph: netspec.Graph) -> nn.Module:
    """A module with running statistics to fold."""
    model = to_torch(graph).eval()
    for name, buffer in model.named_buffers():
        if name.endswith(("mean", "var")):
            buffer.uniform_(0.5, 1.5)
    return model


def normalizations(model: nn.Module) -> int:
    return sum(isinstance(module, nn.BatchNorm2d) for module in model.modules())


@pytest.mark.parametrize("options", EVERY, ids=str)
@pytest.mark.parametrize("spec", [RESIDUAL, INCEPTION], ids=["residual", "inception"])
def test_the_results_are_the_same(spec: str, options: Options) -> None:
    graph = netspec.loads(spec)
    check_text(to_source(graph, options))
    plain = trained(graph)
    model = to_torch(graph, weights=plain, options=options)
    assert model.training != options.inference
    data = torch.randn(2, *graph.inputs[0].shape[1:])
    assert_same(model.eval()(data), plain(data))
    weights = [value for value in model.parameters() if value.dim() == 4]
    assert all(map(is_channels_last, weights))
    if options.inference:
        assert normalizations(model) == 0


def test_channels_last_in_training_and_without_drawing() -> None:
    program = "from tests.lower.torch.channels_last_training import check; check()"
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


def test_weights_come_from_files_and_arrays(tmp_path: Path) -> None:
    graph = netspec.loads(RESIDUAL)
    plain = trained(graph)
    torch.save(plain.state_dict(), tmp_path / "weights.pt")
    arrays = {name: value.numpy() for name, value in plain.state_dict().items()}
    for weights in (str(tmp_path / "weights.pt"), arrays, plain.state_dict()):
        model = graph.to_torch(weights=weights)
        for name, value in plain.state_dict().items():
            assert torch.equal(model.state_dict()[name], value)


HEAD = """
netspec: 1
name: Net
inputs: {data: [N, 4, 8, 8]}
layers:
  - {name: conv, type: Convolution, num_output: 4, kernel_size: 1}
"""
WRONG = {
    "the convolution is read by another": """
  - {name: bn, type: BatchNorm}
  - {name: sum, type: Eltwise, bottom: [bn, conv]}
""",
    "it reads something else": """
  - {name: bn, type: BatchNorm, bottom: data}
  - {name: sum, type: Eltwise, bottom: [bn, conv]}
""",
    "the convolution is used again": """
  - {name: bn, type: BatchNorm}
  - {name: again, reuse: conv}
""",
    "a parameter stands between": """
  - {name: p, type: Parameter, shape: [4]}
  - {name: bn, type: BatchNorm, bottom: data}
  - {name: bias, type: Bias, bottom: [bn, p], axis: 1}
  - {name: sum, type: Eltwise, bottom: [bias, conv]}
""",
    "a group without modules stands between": """
  - {name: f, layers: [{name: r, reuse: conv, bottom: data}]}
  - {name: bn, type: BatchNorm, bottom: data}
  - {name: sum, type: Eltwise, bottom: [bn, conv, f]}
""",
    "its statistics are the batch's": """
  - {name: bn, type: BatchNorm, use_global_stats: false}
""",
}


@pytest.mark.parametrize("case", WRONG)
def test_nothing_is_folded_that_does_not_belong_together(case: str) -> None:
    graph = netspec.loads(HEAD + WRONG[case])
    options = Options(inference=True)
    check_text(to_source(graph, options))
    plain = trained(graph)
    model = to_torch(graph, weights=plain, options=options)
    assert normalizations(model) == 1
    data = torch.randn(2, 4, 8, 8)
    torch.testing.assert_close(model(data), plain(data))


UNITS = """
netspec: 1
name: Net
inputs: {data: [N, 4, 8, 8], other: [N, 4, 8, 8]}
blocks:
  unit:
    layers:
      - {name: conv, type: Convolution, num_output: 4, kernel_size: 1}
      - {name: bn, type: BatchNorm}
      - {name: relu, type: ReLU}
layers:
  - {name: a, type: unit, bottom: data}
  - {name: b, reuse: a, bottom: other}
  - {name: sum, type: Eltwise, bottom: [a, b]}
  - {name: rest, type: unit, repeat: 2}
"""


def test_a_block_that_is_reused_is_folded_too() -> None:
    graph = netspec.loads(UNITS)
    plain = trained(graph)
    model = to_torch(graph, weights=plain, options=Options(inference=True))
    assert normalizations(model) == 0
    data = torch.randn(2, 4, 8, 8), torch.randn(2, 4, 8, 8)
    torch.testing.assert_close(model(*data), plain(*data))


def test_one_that_cannot_be_folded_leaves_the_others() -> None:
    spec = UNITS + "  - {name: tap, type: Eltwise, bottom: [rest.0.conv, rest]}\n"
    graph = netspec.loads(spec)
    options = Options(inference=True)
    source = to_source(graph, options)
    check_text(source)
    assert '("a.conv", "a.bn"),' in source
    plain = trained(graph)
    model = to_torch(graph, weights=plain, options=options)
    assert normalizations(model) == 1
    data = torch.randn(2, 4, 8, 8), torch.randn(2, 4, 8, 8)
    torch.testing.assert_close(model(*data), plain(*data))


def test_nothing_is_said_of_what_a_network_lacks() -> None:
    source = to_source(netspec.loads(HEAD), Options(inference=True))
    check_text(source)
    assert "fuse_conv_bn_eval" not in source
    assert "Dropout" not in source
    assert '"""The model as it\'s used: in evaluation mode and channels-last."""' in source


FIXED = (
    HEAD
    + """
  - {name: bn, type: BatchNorm, use_global_stats: true}
  - {name: next, type: Convolution, num_output: 4, kernel_size: 1}
  - {name: other, type: BatchNorm}
"""
)


@pytest.mark.parametrize(
    ("more", "named"),
    [("", False), ("  - {type: Eltwise, bottom: [other, conv]}\n", True)],
    ids=["each", "named"],
)
def test_fixed_statistics_are_folded_too(more: str, named: bool) -> None:
    """Both where each normalization is folded, and where those that can be are named."""
    graph = netspec.loads(FIXED + more)
    source = graph.to_source(inference=True)
    check_text(source)
    assert ('pairs = (("next", "other"),)' in source) == named
    plain = trained(graph)
    model: Any = to_torch(graph, weights=plain, options=Options(inference=True))
    data = torch.randn(2, 4, 8, 8)
    torch.testing.assert_close(model(data), plain(data))
    assert isinstance(model.bn, nn.Identity) != named
    assert isinstance(model.other, nn.Identity)


def test_fixed_statistics_among_named_pairs() -> None:
    more = "  - {name: last, type: Convolution, num_output: 4, kernel_size: 1}\n"
    more += "  - {name: end, type: BatchNorm, use_global_stats: true}\n"
    graph = netspec.loads(FIXED + more + "  - {type: Eltwise, bottom: [end, conv]}\n")
    check_text(graph.to_source(inference=True))
    plain = trained(graph)
    model: Any = to_torch(graph, weights=plain, options=Options(inference=True))
    data = torch.randn(2, 4, 8, 8)
    torch.testing.assert_close(model(data), plain(data))
    assert isinstance(model.end, nn.Identity)
    assert not isinstance(model.bn, nn.Identity)


def test_dropout_is_gone_and_copies_work() -> None:
    graph = netspec.loads(HEAD + "  - {name: bn, type: BatchNorm}\n  - {name: drop, type: Dropout}")
    options = Options(inference=True)
    model: Any = to_torch(graph, options=options)
    assert isinstance(model.drop, nn.Identity)
    assert model.conv.bias is not None
    data = torch.randn(3, 4, 8, 8)
    torch.testing.assert_close(pickle.loads(pickle.dumps(model))(data), model(data))
    torch.testing.assert_close(copy.deepcopy(model)(data), model(data))


def test_the_command_line(tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    command = ["compile", "resnet20", "--channels-last", "--inference", "-o", str(file)]
    subprocess.run([sys.executable, "-m", "netspec", *command], check=True)
    graph = netspec.load("resnet20")
    source = file.read_text(encoding="utf-8")
    assert source == graph.to_source(channels_last=True, inference=True)
    done = subprocess.run([sys.executable, str(file)], capture_output=True, text=True, check=True)
    assert done.stdout == "torch.Size([1, 10])\n"


OTHER_AXES = """
netspec: 1
name: Net
inputs: {{data: {shape}}}
layers:
  - {{name: conv1, type: Convolution, num_output: 4, kernel_size: 3, pad: 1, bias_term: false}}
  - {{name: bn1, type: BatchNorm}}
  - {{name: relu, type: ReLU}}
  - {{name: conv2, type: Convolution, num_output: 6, kernel_size: 2}}
  - {{name: bn2, type: BatchNorm{fixed}}}
"""


@pytest.mark.parametrize("fixed", ["", ", use_global_stats: true"], ids=["running", "fixed"])
@pytest.mark.parametrize("shape", [(2, 3, 7), (2, 3, 4, 5, 6)], ids=["signal", "volume"])
@pytest.mark.parametrize("options", EVERY, ids=str)
def test_signals_and_volumes(options: Options, shape: tuple[int, ...], fixed: str) -> None:
    free = f"[N, {', '.join(map(str, shape[1:]))}]"
    graph = netspec.loads(OTHER_AXES.format(shape=free, fixed=fixed))
    check_text(to_source(graph, options))
    plain = trained(graph)
    model = to_torch(graph, weights=plain, options=options).eval()
    data = torch.randn(*shape)
    assert_same(model(data), plain(data))
    if options.inference:
        kinds = (nn.BatchNorm1d, nn.BatchNorm3d)
        assert not any(isinstance(module, kinds) for module in model.modules())
        assert {type(module).__name__ for module in model.children()} <= {
            f"Conv{len(shape) - 2}d",
            "Identity",
            "ReLU",
        }
    if len(shape) == 5:
        weights = [value for value in model.parameters() if value.dim() == 5]
        order = torch.channels_last_3d
        assert all(value.is_contiguous(memory_format=order) for value in weights)
