"""Names of a spec that mean something else in Python: the source gives way, or refuses them."""

import inspect

import pytest
import torch

import netspec
from netspec.diagnostics import SpecError
from netspec.language.names import FORWARD_NAMES
from netspec.lower.torch import to_torch
from tests.lower.torch_checks import checked_source

CONV = "type: Convolution, kernel_size: 3, pad: 1"


def spec(layers: str, blocks: str = "", vars: str = "{}", name: str = "Net") -> netspec.Graph:
    blocks = f"blocks:\n{blocks}" if blocks else ""
    return netspec.loads(
        f"netspec: 1\nname: {name}\ninputs: {{data: [N, 3, 16, 16]}}\n"
        f"vars: {vars}\n{blocks}\nlayers:\n{layers}"
    )


UNIT = f"""
  unit:
    args: {{width: required}}
    layers:
      - {{name: conv, {CONV}, num_output: $width}}
      - {{name: relu, type: ReLU}}
"""


def test_a_block_makes_way_for_the_arg_of_another() -> None:
    blocks = f"""{UNIT}
  outer:
    args: {{Unit: required}}
    layers:
      - {{name: left, {CONV}, num_output: 3, bottom: input}}
      - {{name: u, type: unit, width: $Unit, bottom: input}}
      - {{name: joined, type: Concat, bottom: [left, u]}}
"""
    layers = "  - {name: a, type: outer, Unit: 4}\n  - {name: b, type: outer, Unit: 5}"
    source = checked_source(spec(layers, blocks))
    assert "class Unit_2(" in source
    assert "self.u = Unit_2(in_channels, Unit)" in source


def test_a_block_makes_way_for_a_var() -> None:
    layers = "  - {name: u, type: unit, width: $Unit}\n  - {name: v, type: unit, width: 9}"
    source = checked_source(spec(layers, UNIT, "{Unit: 4}"))
    assert "def __init__(self, Unit: int = 4) -> None:" in source
    assert "self.u = Unit_2(3, Unit)" in source


def test_a_var_called_like_a_class_of_a_layer_stays_fixed() -> None:
    layers = f"""
  - {{name: conv, {CONV}, num_output: 4}}
  - {{name: drop, type: DropPath, drop_ratio: $DropPath}}
"""
    graph = spec(layers, vars="{DropPath: 0.25}")
    assert "self.drop = DropPath(0.25)" in checked_source(graph)
    assert not inspect.signature(type(to_torch(graph, init=False))).parameters


def test_an_arg_called_like_a_class_of_a_layer() -> None:
    blocks = f"""
  unit:
    args: {{DropPath: required}}
    layers:
      - {{name: conv, {CONV}, num_output: 4}}
      - {{name: drop, type: DropPath, drop_ratio: $DropPath}}
"""
    layers = "  - {name: a, type: unit, DropPath: 0.1}\n  - {name: b, type: unit, DropPath: 0.2}"
    assert "DropPath(DropPath_2)" in checked_source(spec(layers, blocks))


@pytest.mark.parametrize("block", ["sequence", "any", "tensor", "f"])
def test_a_block_called_like_what_is_imported(block: str) -> None:
    layers = f"""
  - {{name: a, type: {block}, width: 4, repeat: "$(depths[0])"}}
  - {{name: b, type: {block}, width: 4, repeat: "$(depths[1])"}}
  - {{name: c, {CONV}, num_output: $x}}
"""
    blocks = UNIT.replace("unit:", f"{block}:")
    source = checked_source(spec(layers, blocks, "{depths: [2, 3], x: 4}"))
    assert f"class {block.capitalize()}_(" in source


@pytest.mark.parametrize(
    "name", ["nn", "F", "torch", "super", "Tensor", "int", "Any", "Sequence", "model", "result"]
)
def test_a_network_called_like_what_the_source_needs(name: str) -> None:
    with pytest.raises(SpecError) as error:
        spec(f"  - {{name: a, {CONV}, num_output: 4}}", name=name).to_source()
    (diagnostic,) = error.value.diagnostics
    assert diagnostic.code == "not-lowerable"
    assert diagnostic.message == (
        f"the network is called `{name}`, which means something else in its source"
    )
    assert diagnostic.help == "give the spec another `name`"


@pytest.mark.parametrize("name", sorted(FORWARD_NAMES - {"self", "float"}))
def test_an_input_called_like_what_forward_needs(name: str) -> None:
    """The name is the user's: in training inputs are given by it."""
    graph = netspec.loads(
        f"netspec: 1\nname: Net\ninputs: {{{name}: [N, 3, 8, 8], other: [N, 3, 8, 8]}}\n"
        f"layers:\n  - {{name: both, type: Concat, bottom: [{name}, other]}}\n"
        "  - {name: relu, type: ReLU}"
    )
    with pytest.raises(SpecError) as error:
        graph.to_source()
    (diagnostic,) = error.value.diagnostics
    assert diagnostic.code == "not-lowerable"
    assert diagnostic.message == (
        f"an input is called `{name}`, which `forward` needs for something else"
    )
    assert diagnostic.help == f"call it `{name}_`"


def test_an_optional_member_called_like_a_parameter() -> None:
    blocks = f"""
  unit:
    args: {{c: required}}
    layers:
      - {{name: conv, {CONV}, num_output: $c}}
      - {{name: in_channels, type: Convolution, num_output: $c, kernel_size: 1, bottom: input,
         when: $(input.channels != c)}}
      - {{name: sum, type: Eltwise, bottom: [conv, in_channels]}}
"""
    layers = "\n".join(
        f"  - {{name: u{number}, type: unit, c: {c}}}" for number, c in enumerate((3, 5, 7, 7))
    )
    source = checked_source(spec(layers, blocks))
    assert "        self.in_channels = None\n        if in_channels != c:\n" in source
    assert "self.in_channels = nn.Conv2d(in_channels, c, 1)" in source


@pytest.mark.parametrize("member", ["nn", "torch"])
def test_an_optional_member_called_like_a_module(member: str) -> None:
    blocks = f"""
  unit:
    args: {{c: required}}
    layers:
      - {{name: conv, {CONV}, num_output: $c}}
      - {{name: {member}, type: Convolution, num_output: $c, kernel_size: 1, bottom: input,
         when: $(input.channels != c)}}
      - {{name: sum, type: Eltwise, bottom: [conv, {member}]}}
"""
    layers = "  - {name: a, type: unit, c: 3}\n  - {name: b, type: unit, c: 5}"
    source = checked_source(spec(layers, blocks))
    assert f"self.{member} = nn.Conv2d(in_channels, c, 1)\n" in source


def test_a_layer_called_like_the_function_that_it_is() -> None:
    graph = netspec.loads("""
netspec: 1
name: Net
inputs: {data: [N, 3, 16, 16], rois: [R, 5]}
layers:
  - {name: roi_pool, type: ROIPooling, bottom: [data, rois], pooled_h: 2, pooled_w: 2}
  - {name: a, type: Convolution, num_output: 4, kernel_size: 1}
  - {name: b, type: Convolution, num_output: 4, kernel_size: 1, bottom: roi_pool}
  - {name: sum, type: Eltwise, bottom: [a, b]}
""")
    rois = torch.tensor([[0.0, 0.0, 0.0, 8.0, 8.0]])
    assert to_torch(graph)(torch.randn(1, 3, 16, 16), rois).shape == (1, 4, 2, 2)


def test_an_output_called_results() -> None:
    graph = netspec.loads("""
netspec: 1
name: Net
inputs:
  data: [N, 3, 8, 8]
  label: {shape: [N], dtype: int64, phase: TRAIN}
layers:
  - {name: results, type: InnerProduct, num_output: 5}
  - {name: loss, type: SoftmaxWithLoss, bottom: [results, label], phase: TRAIN}
outputs: [results]
""")
    checked_source(graph)
    model, data = to_torch(graph), torch.randn(2, 3, 8, 8)
    assert model(data).shape == (2, 5)
    both = model(data, label=torch.tensor([1, 2]))
    assert {name: tuple(each.shape) for name, each in both.items()} == {
        "results": (2, 5),
        "loss": (),
    }
