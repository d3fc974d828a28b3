"""Names of a spec that mean something else in Python: the source gives way, or refuses them."""

import inspect

import pytest
import torch

import netspec
from netspec.diagnostics import SpecError
from netspec.language.names import FORWARD_NAMES
from netspec.lower.torch import to_torch
from tests.lower.torch.checks import checked_source

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


def forward(graph: netspec.Graph, name: str) -> str:
    """The text of the `forward` of a class."""
    source = checked_source(graph)
    (text,) = (
        source.partition(f"class {name}(")[2].partition("\nclass ")[0].split("def forward")[1:]
    )
    return text


def residual(*layers: str) -> str:
    """The `forward` of a block that ends in a sum of two branches."""
    blocks = "  unit:\n    layers:\n" + "\n".join(f"      - {layer}" for layer in layers)
    return forward(spec("  - {name: a, type: unit}\n  - {name: b, type: unit}", blocks), "Unit")


PROJECTION = "{name: project, type: Convolution, num_output: 3, kernel_size: 1, bottom: input}"
BODY = (
    f"{{name: conv1, {CONV}, num_output: 3, bottom: input}}",
    "{name: bn, type: BatchNorm}",
    f"{{name: conv2, {CONV}, num_output: 3}}",
)


def test_the_shorter_branch_is_the_shortcut() -> None:
    text = residual(*BODY, PROJECTION, "{name: sum, type: Eltwise, bottom: [conv2, project]}")
    assert "out = self.conv2(out)\n        shortcut = self.project(x)\n" in text
    assert "out += shortcut\n        return out" in text


def test_the_shortcut_may_come_first() -> None:
    text = residual(PROJECTION, *BODY, "{name: sum, type: Eltwise, bottom: [project, conv2]}")
    assert "shortcut = self.project(x)\n        out = self.bn(self.conv1(x))\n" in text
    assert "out = self.conv2(out)\n        return shortcut + out" in text


def test_the_shortcut_may_be_the_input_that_comes_first() -> None:
    text = residual(*BODY, "{name: sum, type: Eltwise, bottom: [input, conv2]}")
    assert "shortcut" not in text
    assert "return x + out" in text


def test_neither_of_two_branches_alike_is_the_shortcut() -> None:
    other = BODY[0].replace("conv1", "other")
    text = residual(BODY[0], other, "{name: sum, type: Eltwise, bottom: [conv1, other]}")
    assert "conv1 = self.conv1(x)\n        other = self.other(x)\n" in text
    assert "return conv1 + other" in text


def test_what_several_values_make_is_the_body() -> None:
    text = residual(
        BODY[0],
        "{name: pool, type: Pooling, pool: AVE, global_pooling: true}",
        "{name: gate, type: Sigmoid}",
        "{name: scaled, type: Scale, bottom: [conv1, gate], axis: 0}",
        PROJECTION,
        "{name: sum, type: Eltwise, bottom: [scaled, project]}",
    )
    assert "scaled = conv1 * gate\n        shortcut = self.project(x)\n" in text


def test_what_is_multiplied_is_no_shortcut() -> None:
    text = residual(
        *BODY, PROJECTION, "{name: gated, type: Eltwise, operation: PROD, bottom: [conv2, project]}"
    )
    assert "shortcut" not in text
    assert "return conv2 * project" in text


JOIN = f"""
  join:
    inputs: [INPUTS]
    layers:
      - {{name: conv, {CONV}, num_output: 3}}
      - {{name: concat, type: Concat, bottom: [conv, ONE, OTHER]}}
"""


@pytest.mark.parametrize(
    ("inputs", "signature"),
    [
        (("x", "h", "c"), "x: Tensor, h: Tensor, c: Tensor"),
        (("features", "out", "filter"), "features: Tensor, out: Tensor, filter: Tensor"),
        (("len", "F", "results"), "len_: Tensor, F_: Tensor, results_: Tensor"),
        (("F", "F_", "a"), "F_: Tensor, F__2: Tensor, a: Tensor"),
    ],
)
def test_what_a_block_calls_its_inputs(inputs: tuple[str, ...], signature: str) -> None:
    blocks = JOIN.replace("INPUTS", ", ".join(inputs))
    blocks = blocks.replace("ONE", inputs[1]).replace("OTHER", inputs[2])
    layers = f"""
  - {{name: a, {CONV}, num_output: 3}}
  - {{name: b, {CONV}, num_output: 3}}
  - {{name: c, type: join, bottom: [a, b, data]}}
"""
    assert f"(self, {signature}) -> Tensor:" in forward(spec(layers, blocks), "Join")


def test_an_input_called_like_a_function_that_a_layer_needs() -> None:
    blocks = """
  unit:
    inputs: [x, exceeds]
    layers:
      - {type: Threshold}
      - {name: sum, type: Eltwise, bottom: [previous, exceeds]}
"""
    layers = f"  - {{name: a, {CONV}, num_output: 3}}\n  - {{type: unit, bottom: [a, data]}}"
    assert "(self, x: Tensor, exceeds_: Tensor)" in forward(spec(layers, blocks), "Unit")


def test_a_blob_read_as_two_inputs_goes_by_the_first() -> None:
    blocks = JOIN.replace("INPUTS", "one, two, three").replace("ONE", "two")
    blocks = blocks.replace("OTHER", "three")
    layers = f"""
  - {{name: a, {CONV}, num_output: 3}}
  - {{name: b, type: join, bottom: [data, a, data]}}
"""
    assert "(self, one: Tensor, two: Tensor)" in forward(spec(layers, blocks), "Join")


def test_no_other_value_is_called_like_an_input_beside_others() -> None:
    blocks = f"""
  unit:
    inputs: [x, y, z]
    layers:
      - {{name: conv, {CONV}, num_output: 3}}
      - {{name: both, type: Concat, bottom: [y, z]}}
      - {{name: reduced, {CONV}, num_output: 3}}
      - {{name: all, type: Concat, bottom: [conv, reduced]}}
"""
    layers = f"""
  - {{name: a, {CONV}, num_output: 3}}
  - {{name: b, {CONV}, num_output: 3}}
  - {{name: c, type: unit, bottom: [a, b, data]}}
"""
    text = forward(spec(layers, blocks), "Unit")
    assert "x = self.conv(x)\n" in text
    assert "reduced = self.reduced(torch.cat([y, z], 1))\n" in text
    assert "return torch.cat([x, reduced], 1)" in text


SPLIT = f"""
  split:
    outputs: [left, right]
    layers:
      - {{name: left, {CONV}, num_output: 3, bottom: input}}
      - {{name: right.inner, {CONV}, num_output: 3, bottom: input}}
"""


def test_results_have_the_names_of_their_tops() -> None:
    layers = """
  - {name: a, type: split, top: [one, other]}
  - {name: relu, type: ReLU, bottom: one, top: active}
  - {name: b, type: split, bottom: active, top: [three, four]}
  - {name: c, type: Concat, bottom: [one, other, active, three, four]}
"""
    text = forward(spec(layers, SPLIT), "Net")
    assert "one, other = self.a(data)\n" in text
    assert "active = self.relu(one)\n" in text
    assert "three, four = self.b(active)\n" in text


def test_results_without_tops_have_the_names_that_the_block_has_for_them() -> None:
    layers = """
  - {name: a, type: split}
  - {name: b, type: split, bottom: a.left}
  - {name: c, type: Concat, bottom: [a.left, a.right, b.left, b.right]}
"""
    text = forward(spec(layers, SPLIT), "Net")
    assert "left, right = self.a(data)\n" in text
    assert "b_left, b_right = self.b(left)\n" in text


def test_each_of_several_results_is_named() -> None:
    text = forward(spec("  - {name: a, type: split}", SPLIT), "Split")
    assert "left = self.left(x)\n" in text
    assert "right = self.right(x)\n        return left, right\n" in text


def test_a_result_may_be_called_as_values_without_a_name_are() -> None:
    text = checked_source(
        netspec.loads("""
netspec: 1
name: Net
inputs: {data: [N, 3, 8, 8]}
layers:
  - {name: stem, type: Convolution, num_output: 3, kernel_size: 1}
  - {name: norm, type: BatchNorm}
  - {name: sum, type: Eltwise, bottom: [stem, norm]}
  - {name: out, type: Upsample, scale: 2}
  - {name: aux, type: Upsample, scale: 2, bottom: stem}
outputs: [out, aux]
""")
    )
    assert "        out = self.out(" in text
    assert '        return {"out": out, "aux": aux}\n' in text
