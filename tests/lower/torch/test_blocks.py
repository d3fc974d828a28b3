"""Scopes in PyTorch: classes, sequences, containers, and what instances share."""

import inspect
import json
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import netspec
from netspec.lower.torch import to_torch
from tests.lower.torch.checks import checked_source
from tests.lower.torch.specs import INCEPTION, RESIDUAL


def loads(
    layers: str, blocks: str = "", shape: str = "[N, 3, 16, 16]", more: str = ""
) -> netspec.Graph:
    blocks = f"blocks:\n{blocks}" if blocks else ""
    return netspec.loads(
        f"netspec: 1\nname: Net\ninputs: {{data: {shape}}}\n{blocks}\nlayers:\n{layers}\n{more}"
    )


CONV = """
  conv:
    args: {channels: required, kernel: 1, pad: 0}
    layers:
      - {name: conv, type: Convolution, num_output: $channels, kernel_size: $kernel, pad: $pad}
      - {name: relu, type: ReLU}
"""


def test_instances_share_a_class_with_what_differs_as_parameters() -> None:
    source = checked_source(netspec.loads(INCEPTION))
    assert "class Inception(nn.Module):" in source
    assert "def __init__(self, in_channels: int, a: int, b: int, c: int, d: int)" in source
    assert "self.inception1 = Inception(8, a=4, b=6, c=8, d=4)" in source
    assert "Conv(b, c, kernel=3, pad=1)" in source
    assert source.count("class Conv(") == 1


def test_a_class_is_its_block_however_often_that_is_used() -> None:
    layers = "  - {name: stem, type: conv, channels: 4}"
    source = checked_source(loads(layers, CONV))
    assert (
        "        self, in_channels: int, channels: int, kernel: int = 1, pad: int = 0\n" in source
    )
    assert "self.stem = Conv(3, 4)" in source
    assert "nn.Conv2d(in_channels, channels, kernel, padding=pad)" in source


NORM = """
  norm:
    layers:
      - {name: norm, type: TYPE}
      - {name: slopes, type: PReLU}
"""


@pytest.mark.parametrize(
    ("type", "shape", "name"),
    [
        ("BatchNorm", "[N, 3, D, 4, W]", "in_channels"),
        ("BatchNorm", "[N, 3, 4, W]", "in_channels"),
        ("BatchNorm", "[N, 3, 8]", "in_channels"),
        ("BatchNorm", "[N, 3]", "in_features"),
        ("LayerNorm, axis: 1", "[N, 3, 8]", "in_length"),
    ],
)
def test_sizes_of_inputs_are_called_by_what_the_axes_are(type: str, shape: str, name: str) -> None:
    """Three axes are N×C×L where a layer of the block takes them for that, else a sequence."""
    blocks = NORM.replace("TYPE", type)
    source = checked_source(loads("  - {name: a, type: norm}", blocks, shape))
    assert f"def __init__(self, {name}: int) -> None:" in source


def test_a_projection_is_there_under_the_condition_of_the_spec() -> None:
    graph = netspec.loads(RESIDUAL)
    source = checked_source(graph)
    assert "        self.downsample = None\n" in source
    assert "        if stride != 1 or in_channels != planes:\n" in source
    assert "shortcut = x if self.downsample is None else self.downsample(x)" in source
    assert source.count("class Basic") == 1
    assert "Basic(4, 8, stride=2), *(Basic(8, 8) for _ in range(3))" in source


TOKENS = """
  mix:
    args: {shift: 0, size: "$(input.shape[1])", dim: "$(input.shape[3])"}
    layers:
      - {name: moved, type: Roll, axis: 1, shift: $shift, when: $(shift > 0)}
      - {name: cut, type: Reshape, shape: [0, $(size // 2), 2, $size, $dim]}
      - {name: joined, type: Flatten, axis: 1, end_axis: 2}
      - {name: gate, type: PReLU, channel_shared: true, when: $(shift > 0)}
      - {name: back, type: Roll, axis: 1, shift: $(-shift), when: $(shift > 0)}
      - {name: fc, type: InnerProduct, axis: -1, num_output: $(2 * dim)}
"""


def test_an_arg_that_is_a_size_of_the_input_gives_the_size_its_name() -> None:
    layers = "  - {name: a, type: mix}\n  - {name: b, type: mix, shift: 1}"
    source = checked_source(loads(layers, TOKENS, "[N, 8, 8, 3]"))
    assert "def __init__(self, size: int, dim: int, shift: int = 0) -> None:" in source
    assert "self.fc = nn.Linear(dim, 2 * dim)" in source
    assert "Mix(8, 3)" in source
    assert "Mix(8, 6, shift=1)" in source


def test_what_becomes_itself_behind_an_optional_layer_stands_under_an_if() -> None:
    layers = "  - {name: a, type: mix}\n  - {name: b, type: mix, shift: 1}"
    source = checked_source(loads(layers, TOKENS, "[N, 8, 8, 3]"))
    assert "        if self.gate is not None:\n            x = torch.roll(" in source
    assert "x if self.gate is None" not in source


class Residual(nn.Module):
    """RESIDUAL by hand."""

    def __init__(self, weights: dict[str, Tensor]) -> None:
        super().__init__()
        self.weights = weights

    def bn(self, x: Tensor, path: str) -> Tensor:
        mean, var, weight, bias = (
            self.weights[f"{path}.{name}"]
            for name in ("running_mean", "running_var", "weight", "bias")
        )
        return nn.functional.batch_norm(x, mean, var, weight, bias)

    def conv(self, x: Tensor, path: str, stride: int = 1, pad: int = 1) -> Tensor:
        return nn.functional.conv2d(x, self.weights[f"{path}.weight"], None, stride, pad)

    def forward(self, x: Tensor) -> Tensor:
        x = self.bn(self.conv(x, "conv1"), "bn1").relu()
        for path, stride in (
            *((f"layer1.{i}", 1) for i in range(3)),
            *((f"layer2.{i}", 1 + (i == 0)) for i in range(4)),
        ):
            out = self.bn(self.conv(x, f"{path}.conv1", stride), f"{path}.bn1").relu()
            out = self.bn(self.conv(out, f"{path}.conv2"), f"{path}.bn2")
            if f"{path}.downsample.0.weight" in self.weights:
                x = self.conv(x, f"{path}.downsample.0", stride, 0)
                x = self.bn(x, f"{path}.downsample.1")
            x = (out + x).relu()
        x = x.mean((2, 3))
        return x @ self.weights["fc.weight"].T + self.weights["fc.bias"]


def test_residual_network_computes_what_it_should() -> None:
    model = to_torch(netspec.loads(RESIDUAL)).eval()
    with torch.no_grad():
        for buffer in model.buffers():
            if buffer.is_floating_point():
                buffer.uniform_(0.5, 1.5)
    data = torch.randn(2, 3, 16, 16)
    torch.testing.assert_close(model(data), Residual(model.state_dict())(data))


def test_numbered_groups_are_sequences() -> None:
    layers = """
  - name: features
    layers:
      - {type: Convolution, num_output: 4, kernel_size: 3}
      - {type: ReLU}
      - {type: Pooling, kernel_size: 2, stride: 2}
  - name: classifier
    layers:
      - {type: InnerProduct, num_output: 7}
      - {type: ReLU}
      - {type: InnerProduct, num_output: 5}
"""
    source = checked_source(loads(layers))
    assert "self.features = nn.Sequential(" in source
    # The implicit flattening of a sequence's first layer stands where the sequence is called.
    assert "self.classifier(x.flatten(1))" in source or "features(data).flatten(1))" in source


def test_a_tap_inside_a_sequence_makes_it_a_list() -> None:
    layers = """
  - {name: stage, type: conv, repeat: [{channels: 4}, {channels: 8}, {channels: 16}]}
  - {name: lateral, type: Convolution, num_output: 4, kernel_size: 1, bottom: "stage.$i", repeat: 3}
"""
    graph = loads(layers, CONV, "[N, 3, H, W]", "outputs: [lateral.0, lateral.1, lateral.2]")
    source = checked_source(graph)
    assert "self.stage = nn.ModuleList([Conv(3, 4), Conv(4, 8), Conv(8, 16)])" in source
    result = to_torch(graph)(torch.randn(1, 3, 8, 8))
    assert list(result) == ["lateral.0", "lateral.1", "lateral.2"]


def test_interleaved_dotted_names_are_lists() -> None:
    layers = """
  - scope: false
    repeat: 3
    layers:
      - {name: convs.$i, type: Convolution, num_output: 4, kernel_size: 3}
      - {name: norms.$i, type: BatchNorm}
      - {type: ReLU}
"""
    source = checked_source(loads(layers))
    assert "x = torch.relu(self.norms[1](self.convs[1](x)))" in source


def test_named_groups_are_classes_and_parallel_ones_lists() -> None:
    layers = """
  - name: encoder
    layers:
      - {name: conv1, type: Convolution, num_output: 4, kernel_size: 3, pad: 1}
      - {name: relu1, type: ReLU}
      - {name: conv2, type: Convolution, num_output: 4, kernel_size: 3, pad: 1}
      - {name: skip, type: Eltwise, bottom: [conv2, relu1]}
  - name: branches
    bottom: encoder
    repeat: 2
    layers:
      - {type: Convolution, num_output: $(2 * i + 2), kernel_size: 1}
      - {type: ReLU}
  - {name: cat, type: Concat, bottom: [branches.*, encoder.conv1]}
"""
    source = checked_source(loads(layers))
    assert "class Encoder(nn.Module):" in source
    assert "-> tuple[Tensor, Tensor]:" in source
    assert "skip, conv1 = self.encoder(data)" in source
    assert "self.branches = nn.ModuleList(" in source


def test_structures_that_differ_get_classes_of_their_own() -> None:
    blocks = """
  cell:
    args: {pooled: false}
    layers:
      - {name: conv, type: Convolution, num_output: 4, kernel_size: 3, pad: 1}
      - {name: pool, type: Pooling, kernel_size: 2, stride: 2, when: $pooled, bottom: input}
      - {name: conv2, type: Convolution, num_output: 4, kernel_size: 1, when: $pooled}
      - {name: norm, type: BatchNorm, bottom: conv, when: $(not pooled)}
      - {name: relu, type: ReLU, bottom: conv}
      - {name: cat, type: Concat, bottom: [relu, relu], when: $(not pooled)}
"""
    layers = "  - {name: a, type: cell}\n  - {name: b, type: cell, pooled: true}"
    graph = loads(layers, blocks, more="allow: [unused-layer]")
    source = checked_source(graph)
    assert source.count("class Cell(") == 1
    assert "        if not pooled:\n            self.norm = nn.BatchNorm2d(4)\n" in source


def test_a_block_that_contains_itself() -> None:
    blocks = """
  fractal:
    args: {depth: required}
    layers:
      - {name: conv, type: Convolution, num_output: 3, kernel_size: 3, pad: 1}
      - {name: inner, type: fractal, depth: $(depth - 1), when: $(depth > 1)}
      - {name: sum, type: Eltwise, bottom: [inner, input]}
"""
    source = checked_source(loads("  - {name: top, type: fractal, depth: 3}", blocks))
    assert source.count("class Fractal(") == 1
    assert "            self.inner = Fractal(3, depth - 1)\n" in source


def test_blocks_of_several_inputs() -> None:
    blocks = """
  join:
    inputs: [x, skip]
    layers:
      - {name: conv, type: Convolution, num_output: 3, kernel_size: 3, pad: 1}
      - {name: sum, type: Eltwise, bottom: [conv, skip]}
"""
    layers = """
  - {name: a, type: ReLU}
  - {name: b, type: Convolution, num_output: 3, kernel_size: 1}
  - {name: c, type: join, bottom: [b, a]}
  - {name: d, type: join, bottom: [c, b]}
"""
    source = checked_source(loads(layers, blocks))
    assert "def forward(self, x: Tensor, skip: Tensor) -> Tensor:" in source
    assert source.count("class Join") == 1


@pytest.mark.parametrize(
    "doc",
    [
        "A unit of one convolution.",
        'It ends in "quotes"',
        "Ends in a backslash \\",
        "Long words " * 20,
        "Several\n\nparagraphs.\n",
    ],
)
def test_what_a_block_says_of_itself_documents_its_class(doc: str) -> None:
    blocks = f"  unit:\n    doc: {json.dumps(doc)}\n    layers:\n"
    blocks += "      - {name: conv, type: Convolution, num_output: 4, kernel_size: 1}\n"
    blocks += "      - {name: sum, type: Eltwise, bottom: [conv, conv]}\n"
    graph = loads("  - {name: a, type: unit}", blocks)
    checked_source(graph)
    model = to_torch(graph)
    assert inspect.cleandoc(model.get_submodule("a").__doc__ or "").split() == doc.split()


PREACTIVATED = """
  unit:
    args: {channels: required, widens: $(input.channels != channels)}
    layers:
      - {name: bn, type: BatchNorm}
      - {name: relu, type: ReLU}
      - {name: conv, type: Convolution, num_output: $channels, kernel_size: 3, pad: 1}
      - {name: project, type: Convolution, num_output: $channels, kernel_size: 1, bottom: relu,
         when: $widens}
      - {name: sum, type: Eltwise, bottom: [conv, "$('project' if widens else 'input')"]}
"""


def test_what_stands_for_an_optional_module_may_be_another_blob_than_it_reads() -> None:
    """A pre-activated unit adds its input as it is, or a projection of what is activated."""
    layers = "  - {name: stage, type: unit, repeat: 3, channels: 4}"
    graph = loads(layers, PREACTIVATED)
    source = checked_source(graph)
    assert source.count("class Unit") == 1
    assert "def __init__(self, in_channels: int, channels: int) -> None:" in source
    assert "shortcut = x if self.project is None else self.project(relu)\n" in source
    model = to_torch(graph).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.uniform_(-1, 1)
    weights = model.state_dict()

    def convolved(x: Tensor, name: str, pad: int) -> Tensor:
        kernel, bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
        return nn.functional.conv2d(x, kernel, bias, padding=pad)

    data = x = torch.randn(2, 3, 16, 16)
    for path in ("stage.0", "stage.1", "stage.2"):
        scale = weights[f"{path}.bn.weight"] / (1 + 1e-5) ** 0.5
        active = x * scale[:, None, None] + weights[f"{path}.bn.bias"][:, None, None]
        active = active.relu()
        shortcut = convolved(active, f"{path}.project", 0) if path == "stage.0" else x
        x = convolved(active, f"{path}.conv", 1) + shortcut
    torch.testing.assert_close(model(data), x)


def test_members_that_several_groups_lack_stand_for_one_blob() -> None:
    """Where two kinds of instances put different blobs in a member's place, they can't share."""
    blocks = """
  unit:
    args: {way: required}
    layers:
      - {name: a, type: Convolution, num_output: 3, kernel_size: 1}
      - {name: b, type: Convolution, num_output: 3, kernel_size: 1}
      - {name: extra, type: Convolution, num_output: 3, kernel_size: 1, bottom: a,
         when: $(way == 0)}
      - {name: sum, type: Eltwise, operation: MAX,
         bottom: [b, "$('extra' if way == 0 else 'a' if way == 1 else 'input')"]}
"""
    layers = "  - {name: stage, type: unit, repeat: [{way: 0}, {way: 1}, {way: 2}]}"
    source = checked_source(loads(layers, blocks))
    assert source.count("class Unit") == 2


UNIT = """
  unit:
    layers:
      - {name: conv, type: Convolution, num_output: 3, kernel_size: 1}
      - {name: bn, type: BatchNorm}
      - {name: relu, type: ReLU}
"""
TWO = "{data: [N, 3, 8, 8], other: [N, 3, 8, 8]}"


def with_two_inputs(layers: str, blocks: str, more: str = "") -> netspec.Graph:
    return netspec.loads(
        f"netspec: 1\nname: Net\ninputs: {TWO}\nblocks:\n{blocks}\nlayers:\n{layers}\n{more}"
    )


@pytest.mark.parametrize("tapped", ["a.bn", "b.bn"])
def test_all_uses_of_a_module_give_what_any_of_them_is_asked_for(tapped: str) -> None:
    layers = "  - {name: a, type: unit, bottom: data}\n  - {name: b, reuse: a, bottom: other}"
    graph = with_two_inputs(layers, UNIT, f"outputs: [a, b, {tapped}]")
    source = checked_source(graph)
    assert "def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:" in source
    assert ", _ = self.a(" in source
    model = to_torch(graph).eval()
    data = {"data": torch.randn(2, 3, 8, 8), "other": torch.randn(2, 3, 8, 8)}
    results = model(**data)
    unit: Any = model.get_submodule("a")
    norms = {name: unit.bn(unit.conv(each)) for name, each in data.items()}
    torch.testing.assert_close(results["a"], norms["data"].relu())
    torch.testing.assert_close(results["b"], norms["other"].relu())
    chosen = norms["data" if tapped == "a.bn" else "other"]
    torch.testing.assert_close(results[tapped], chosen)


SKIPPING = """
  unit:
    inputs: [x, skip]
    layers:
      - {name: conv, type: Convolution, num_output: 3, kernel_size: 1, bottom: x}
      - {name: sum, type: Eltwise, bottom: [conv, skip]}
"""


def test_a_reuse_may_read_one_blob_twice() -> None:
    layers = """
  - {name: a, type: unit, bottom: [data, other]}
  - {name: b, reuse: a, bottom: [data, data]}
"""
    graph = with_two_inputs(layers, SKIPPING, "outputs: [a, b]")
    assert "self.a(data, data)" in checked_source(graph)


def test_a_reuse_cannot_read_more_than_its_original() -> None:
    layers = """
  - {name: a, type: unit, bottom: [data, data]}
  - {name: b, reuse: a, bottom: [data, other]}
"""
    graph = with_two_inputs(layers, SKIPPING, "outputs: [a, b]")
    with pytest.raises(netspec.SpecError) as caught:
        graph.to_source("torch")
    (found,) = caught.value.diagnostics
    assert found.code == "not-lowerable"
    assert found.message == (
        "`b` reads several blobs where `a`, which it reuses, reads one: a module takes as many "
        "inputs each time"
    )


SHIFTING = """
  l:
    layers: [{type: ReLU}]
  b:
    args: {depth: required}
    layers:
      - {type: ReLU}
      - {name: l$(i + 1), type: l, repeat: $depth}
"""


def test_unnamed_layers_beside_numbered_ones() -> None:
    """What a repeat calls by its number is a member of its own: another count, another class."""
    graph = loads("  - {type: b, depth: 2}\n  - {type: b, depth: 3}", SHIFTING)
    source = checked_source(graph)
    assert source.count("class B") == 2
    assert "class BWithL3(nn.Module):" in source
    data = torch.randn(2, 3, 16, 16)
    torch.testing.assert_close(to_torch(graph)(data), data.relu())


def test_unnamed_layers_whose_numbers_a_when_shifts() -> None:
    blocks = """
  b:
    args: {k: required}
    layers:
      - {type: Convolution, num_output: 3, kernel_size: 1, when: $(k > 1)}
      - {type: Sigmoid}
      - {name: conv, type: Convolution, num_output: 3, kernel_size: 1}
      - {type: TanH, when: $(k > 2)}
      - {type: BatchNorm}
      - {name: sum, type: Eltwise, bottom: [previous, conv]}
"""
    layers = "\n".join(f"  - {{type: b, k: {k}}}" for k in (1, 2, 3, 1))
    graph = loads(layers, blocks)
    checked_source(graph)
    model = to_torch(graph)
    assert type(model.get_submodule("0")) is type(model.get_submodule("3"))
    kinds = [type(each) for each in model.get_submodule("2").children()]
    assert kinds == [nn.Conv2d, nn.Conv2d, nn.BatchNorm2d]


def test_a_numbered_member_that_some_instances_lack() -> None:
    blocks = """
  b:
    args: {k: required}
    layers:
      - {name: conv, type: Convolution, num_output: 3, kernel_size: 1}
      - {name: "7", type: Convolution, num_output: 3, kernel_size: 1, when: $(k > 1)}
"""
    source = checked_source(loads("  - {type: b, k: 1}\n  - {type: b, k: 2}", blocks))
    assert source.count("class B") == 1
    assert '        if k > 1:\n            self["7"] = nn.Conv2d(' in source


DEAD = """
  b:
    args: {s: 1}
    layers:
      - {name: c, layers: [{type: Convolution, num_output: 3, kernel_size: 1}]}
      - {type: InstanceNorm, name: a.b}
      - {name: sum, type: Eltwise, bottom: [c, input], when: $(s == 1)}
"""


def test_a_scope_gives_something_where_nothing_reads_it() -> None:
    """What is dead in one instance only is there all the same, in the class of the others."""
    graph = loads("  - {type: b}\n  - {type: b, s: 2}", DEAD)
    source = checked_source(graph)
    assert "tuple[]" not in source
    assert source.count("class BA(") == 1
    assert "class BA_2" not in source
    data = torch.randn(2, 3, 16, 16)
    model = to_torch(graph)
    first, second = (model.get_submodule(f"{n}.c") for n in range(2))
    expected = nn.functional.instance_norm(second(first(data) + data))
    torch.testing.assert_close(model(data), expected)


@pytest.mark.parametrize("phase", ["TRAIN", "TEST"])
def test_a_dead_scope_that_ends_in_one_phase(phase: str) -> None:
    blocks = f"""
  b:
    layers:
      - {{name: a.x, type: Sigmoid}}
      - {{name: a.y, type: BatchNorm, bottom: a.x, phase: {phase}}}
      - {{name: c, type: Convolution, num_output: 3, kernel_size: 1, bottom: input}}
"""
    graph = loads("  - {type: b}\n  - {type: b}", blocks, more="allow: [unused-layer]")
    source = checked_source(graph)
    condition = "self.training" if phase == "TRAIN" else "not self.training"
    assert f"return y if {condition} else None" in source
    assert "-> Tensor | None:" in source


def test_a_reuse_that_reads_two_blobs_where_the_first_use_read_one_is_refused() -> None:
    blocks = """
  one:
    inputs: [x, y]
    layers:
      - {name: p, type: ReLU, bottom: x}
      - {name: q, type: TanH, bottom: y}
      - {name: s, type: Eltwise, bottom: [p, q]}
"""
    layers = (
        "  - {name: a, type: one, bottom: [data, data]}\n  - {name: b, reuse: a, bottom: [data, a]}"
    )
    with pytest.raises(netspec.SpecError) as caught:
        to_torch(loads(layers, blocks))
    (mistake,) = caught.value.diagnostics
    assert mistake.message == (
        "`b` reads several blobs where `a`, which it reuses, reads one: a module takes as many "
        "inputs each time"
    )


def test_a_dead_scope_gives_what_the_block_around_it_would() -> None:
    """The dotted names' scope, too, is one module in all uses, though it ends in another layer."""
    blocks = """
  first:
    args: {k: 1}
    layers:
      - {name: a.b, type: ReLU, bottom: input}
      - {name: between, type: TanH, when: $(k == 1), bottom: input}
      - {name: a.c, type: Sigmoid, bottom: input}
      - {name: deeper, type: first, k: $(k - 1), when: $(k > 1), bottom: input}
    outputs: [a.b]
"""
    checked_source(loads("  - {type: first, k: 3}", blocks, more="allow: [unused-layer]"))
