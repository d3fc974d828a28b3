"""Vars of the spec as parameters of the constructor, and expressions that stay expressions."""

import inspect
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

import netspec
from netspec.diagnostics import SpecError
from netspec.lower.torch import to_torch
from tests.lower.torch.checks import checked_source

SHAPES = dict[str, tuple[int, ...]]


def network(graph: netspec.Graph) -> type[nn.Module]:
    return type(to_torch(graph, init=False))


def parameters(graph: netspec.Graph) -> dict[str, Any]:
    """The parameters of the constructor and their defaults."""
    return {
        name: parameter.default
        for name, parameter in inspect.signature(network(graph)).parameters.items()
    }


def shapes(graph: netspec.Graph) -> SHAPES:
    return {parameter.name: parameter.shape for parameter in graph.parameters}


def built(graph: netspec.Graph, **variables: Any) -> SHAPES:
    """The shapes of what the constructor makes of other values."""
    with torch.device("meta"):
        model = network(graph)(**variables)
    return {name: tuple(value.shape) for name, value in model.state_dict().items()}


STOCK: dict[str, dict[str, Any]] = {
    "lenet": {"num_classes": 7},
    "alexnet": {"num_classes": 7, "towers": 4},
    "alexnet_owt": {"num_classes": 7},
    "vgg11_bn": {"num_classes": 7},
    "googlenet": {"num_classes": 7},
    "googlenet_bn": {"num_classes": 7},
    "resnet18": {"num_classes": 7, "depths": [1, 3, 2, 5]},
    "resnet50": {"num_classes": 7, "depths": [3, 1, 4, 2], "groups": 2, "group_width": 8},
    "resnext50_32x4d": {
        "num_classes": 7,
        "depths": [3, 1, 4, 2],
        "groups": 8,
        "group_width": 16,
    },
    "resnet20": {"num_classes": 7, "depth": 32},
    "plain20": {"num_classes": 7, "depth": 32},
    "preresnet164": {"num_classes": 7, "depth": 29},
    "mobilenet_v3_small": {"num_classes": 7, "hidden": 24, "dropout": 0.5},
    "efficientnet_b0": {
        "num_classes": 7,
        "head": 40,
        "eps": 0.1,
        "drop_path": 0.5,
        "dropout": 0.1,
    },
    "regnet_y_400mf": {"num_classes": 7, "group_width": 4, "se_ratio": 0.5},
    "vit_b_32": {
        "num_layers": 2,
        "num_heads": 6,
        "hidden_dim": 48,
        "mlp_dim": 80,
        "dropout_ratio": 0.1,
        "num_classes": 7,
    },
}


@pytest.mark.parametrize("name", STOCK)
def test_stock_networks_take_their_vars(name: str) -> None:
    """What the constructor builds is what the spec says for these values."""
    graph = netspec.load(name)
    assert parameters(graph).keys() == STOCK[name].keys()
    assert built(graph, **STOCK[name]) == shapes(netspec.load(name, **STOCK[name]))
    for variable, value in parameters(graph).items():
        given = graph.variables[variable]
        assert value == (tuple(given) if isinstance(given, list) else given)
    for variable, value in STOCK[name].items():
        alone = shapes(netspec.load(name, **{variable: value}))
        assert built(graph, **{variable: value}) == alone


def spec(vars: str, layers: str, blocks: str = "") -> netspec.Graph:
    blocks = f"blocks:\n{blocks}" if blocks else ""
    return netspec.loads(
        "netspec: 1\nname: Net\ninputs: {data: [N, 3, 16, 16]}\n"
        f"vars: {vars}\n{blocks}\nlayers:\n{layers}"
    )


CONV = "type: Convolution, kernel_size: 3, pad: 1"


def test_widths() -> None:
    layers = f"""
  - {{name: a, {CONV}, num_output: $width}}
  - {{name: b, {CONV}, num_output: $(2 * width)}}
  - {{name: c, {CONV}, num_output: "$(max(width // 4, 1))"}}
  - {{name: norm, type: BatchNorm}}
  - {{name: drop, type: Dropout, dropout_ratio: $ratio}}
"""
    graph = spec("{width: 8, ratio: 0.25}", layers)
    source = checked_source(graph)
    assert "def __init__(self, width: int = 8, ratio: float = 0.25) -> None:" in source
    assert "nn.Conv2d(width, 2 * width, 3, padding=1)" in source
    assert "nn.BatchNorm2d(max(width // 4, 1))" in source
    assert built(graph, width=24)["c.weight"] == (6, 48, 3, 3)


@pytest.mark.parametrize(
    "layers",
    [
        # The structure depends on it.
        f"  - {{name: a, {CONV}, num_output: $x, when: $(x > 4)}}\n  - {{name: b, type: ReLU}}",
        # The shape behind it is no expression of the spec.
        "  - {name: a, type: Convolution, kernel_size: $x, num_output: 4}\n"
        "  - {name: b, type: InnerProduct, num_output: 4}",
        # Layers of several names.
        f"  - {{name: a$i, {CONV}, num_output: 4, repeat: $x}}",
    ],
)
def test_what_the_code_cannot_follow_stays_fixed(layers: str) -> None:
    graph = spec("{x: 5, y: 2}", layers)
    checked_source(graph)
    assert not parameters(graph).keys() & {"x"}


def test_one_var_that_cannot_does_not_hinder_another() -> None:
    layers = f"""
  - {{name: a$i, {CONV}, num_output: 4, repeat: $x}}
  - {{name: fc, type: InnerProduct, num_output: $y}}
"""
    graph = spec("{x: 2, y: 3}", layers)
    checked_source(graph)
    assert parameters(graph) == {"y": 3}


def test_classes_between_pass_a_var_on() -> None:
    blocks = """
  inner:
    args: {stride: 1}
    layers:
      - {name: conv, type: Convolution, num_output: $width, kernel_size: 3, pad: 1, stride: $stride}
      - {name: relu, type: ReLU}
  outer:
    layers:
      - {name: left, type: inner, stride: 2}
      - {name: right, type: inner, bottom: input, stride: 2}
      - {name: sum, type: Eltwise, bottom: [left, right]}
"""
    layers = "  - {name: first, type: inner}\n  - {name: second, type: outer}"
    graph = spec("{width: 6}", layers, blocks)
    source = checked_source(graph)
    assert "self.left = Inner(in_channels, stride=2, width=width)" in source
    assert "self.second = Outer(width, width=width)" in source
    assert built(graph, width=10) == shapes(spec("{width: 10}", layers, blocks))


def test_an_expression_of_a_block_stays_one() -> None:
    blocks = """
  unit:
    args: {planes: required, channels: $(4 * planes)}
    layers:
      - {name: conv1, type: Convolution, num_output: $planes, kernel_size: 1}
      - {name: conv2, type: Convolution, num_output: $(planes // 2 + 1), kernel_size: 1}
      - {name: conv3, type: Convolution, num_output: $channels, kernel_size: 1}
      - {name: bn, type: BatchNorm}
"""
    layers = "  - {name: a, type: unit, planes: 4}\n  - {name: b, type: unit, planes: 6}"
    graph = spec("{}", layers, blocks)
    source = checked_source(graph)
    assert "def __init__(self, in_channels: int, planes: int) -> None:" in source
    assert "channels = 4 * planes\n" in source
    assert "self.b = Unit(16, 6)" in source
    # An instance of its own mind needs the parameter.
    other = spec("{}", layers.replace("planes: 6", "planes: 6, channels: 30"), blocks)
    assert "channels: int" in checked_source(other)


def test_functions_that_differ_in_numbers_share_a_class() -> None:
    blocks = """
  widen:
    args: {channels: required}
    layers:
      - {name: pool, type: Pooling, kernel_size: 2, stride: 2}
      - {name: pad, type: Pad, axis: 1, after: $(channels - input.channels)}
"""
    layers = "  - {name: a, type: widen, channels: 5}\n  - {name: b, type: widen, channels: 9}"
    source = checked_source(spec("{}", layers, blocks))
    assert source.count("class Widen") == 1
    assert "F.pad(self.pool(x), self.padding)" in source


BOTTLENECKS = """
netspec: 1
name: Net
inputs: {data: [N, 8, 8, 8]}
vars: {groups: 2, base: 6}
blocks:
  bottleneck:
    args: {planes: required, width: $(planes * base // 4 * groups), channels: $(4 * planes)}
    layers:
      - {name: conv1, type: Convolution, num_output: $width, kernel_size: 1}
      - {name: conv2, type: Convolution, num_output: $width, kernel_size: 3, group: $groups}
      - {name: conv3, type: Convolution, num_output: $channels, kernel_size: 1}
layers:
  - {name: a, type: bottleneck, planes: 2}
  - {name: b, type: bottleneck, planes: 4}
"""


def test_an_arg_that_only_expressions_read_is_passed_in_their_place() -> None:
    source = checked_source(netspec.loads(BOTTLENECKS))
    assert "        self, in_channels: int, planes: int, groups: int = 2, base: int = 6\n" in source
    assert "        width = planes * base // 4 * groups\n" in source
    assert "nn.Conv2d(width, 4 * planes, 1)" in source
    assert "self.b = Bottleneck(8, 4, groups=groups, base=base)" in source


def test_an_arg_hides_the_var_of_its_name() -> None:
    """In the block `base` is the arg, whatever the spec's var says."""
    changed = BOTTLENECKS.replace("{planes: required,", "{planes: required, base: $(3 * planes),")
    source = checked_source(netspec.loads(changed))
    assert "def __init__(self, in_channels: int, planes: int, groups: int = 2)" in source
    assert "width = planes * (3 * planes) // 4 * groups\n" in source


BASIC = f"""
  projection:
    args: {{channels: required, stride: 1}}
    layers:
      - {{type: Convolution, num_output: $channels, kernel_size: 1, stride: $stride}}
      - {{type: BatchNorm}}
  basic:
    args: {{planes: required, stride: 1}}
    layers:
      - {{name: conv1, {CONV}, num_output: $planes, stride: $stride}}
      - {{name: conv2, {CONV}, num_output: $planes}}
      - {{name: downsample, type: projection, bottom: input, channels: $planes, stride: $stride,
         when: $(stride != 1 or input.channels != planes)}}
      - {{name: sum, type: Eltwise, bottom: [conv2, downsample]}}
"""
SQUEEZE = f"""
  se:
    args: {{channels: required}}
    layers:
      - {{name: down, {CONV}, num_output: "$(max(channels // 16, 8))"}}
      - {{name: up, {CONV}, num_output: $channels}}
"""


def check_same(vars: str, layers: str, blocks: str, others: dict[str, list[Any]]) -> set[str]:
    """For each value that the spec takes, the constructor does what the spec says, or refuses a
    count below one; the vars that are its parameters.
    """
    graph = spec(vars, layers, blocks)
    found = set(parameters(graph))
    for name in found:
        for other in others[name]:
            changed = vars.replace(f"{name}: {graph.variables[name]}", f"{name}: {other}")
            try:
                expected = shapes(spec(changed, layers, blocks))
            except SpecError:
                continue
            try:
                assert built(graph, **{name: other}) == expected, (name, other)
            except ValueError as error:
                count, _, rest = str(error).partition(" should be ")
                assert rest == "at least 1"
                assert eval(count, {name: other}) < 1
    return found


FAR = [1, 2, 5, 16, 48, 100, 512]


@pytest.mark.parametrize(
    ("vars", "layers", "blocks", "lifted"),
    [
        # Near the given values an expression may be a constant, or the var itself. Where it isn't
        # any more, it's tried as well.
        (
            "{width: 64}",
            f"  - {{name: a, {CONV}, num_output: $width}}\n"
            f'  - {{name: b, {CONV}, num_output: "$(max(width // 16, 8))"}}',
            "",
            {"width"},
        ),
        (
            "{width: 8}",
            f"  - {{name: a, {CONV}, num_output: $width}}\n"
            f'  - {{name: b, {CONV}, num_output: "$(min(width, 32))"}}',
            "",
            {"width"},
        ),
        (
            "{width: 8}",
            f"  - {{name: a, {CONV}, num_output: $width}}\n"
            f'  - {{name: b, {CONV}, num_output: "$(min(width, 100000))"}}',
            "",
            {"width"},
        ),
        # The block computes with the arg, and does more than to multiply.
        ("{width: 64}", "  - {name: a, type: se, channels: $width}", SQUEEZE, {"width"}),
        # The block decides by the arg.
        (
            "{width: 32}",
            f"  - {{name: a, {CONV}, num_output: 16}}\n"
            "  - {name: b, type: basic, planes: $width}",
            BASIC,
            set(),
        ),
        # It decides by the size of a blob that follows the var.
        (
            "{width: 16}",
            f"  - {{name: a, {CONV}, num_output: $width}}\n"
            "  - {name: b, type: basic, planes: 64}",
            BASIC,
            set(),
        ),
        # What the block multiplies is followed.
        (
            "{width: 16}",
            "  - {name: a, type: wide, planes: 5}\n  - {name: b, type: wide, planes: $width}",
            "  wide:\n    args: {planes: required}\n    layers:\n"
            f"      - {{name: conv, {CONV}, num_output: $(4 * planes)}}",
            {"width"},
        ),
        # Another var follows the first.
        (
            "{width: 8, double: $(2 * width)}",
            f"  - {{name: a, {CONV}, num_output: $width}}\n"
            f"  - {{name: b, {CONV}, num_output: $double}}",
            "",
            {"width"},
        ),
        # An instance asks for its number.
        (
            "{n: 3}",
            "  - {name: a, type: Convolution, num_output: 3, kernel_size: 1, repeat: $n,\n"
            "     group: $(1 if i < 40 else 3)}",
            "",
            set(),
        ),
        # A window: the size behind it is rounded, and the same for values nearby.
        (
            "{width: 3}",
            "  - {name: a, type: Convolution, num_output: 4, kernel_size: $width, stride: 10}\n"
            "  - {name: b, type: InnerProduct, num_output: 4}",
            "",
            set(),
        ),
    ],
)
def test_what_a_var_reaches(vars: str, layers: str, blocks: str, lifted: set[str]) -> None:
    checked_source(spec(vars, layers, blocks))
    assert check_same(vars, layers, blocks, {"width": FAR, "n": [1, 2, 50]}) == lifted


@pytest.mark.parametrize(
    ("name", "given", "variables", "message"),
    [
        ("resnet50", [0, 1, 1, 1], "depths", "each of depths should be at least 1"),
        ("resnet20", 2, "depth", "(depth - 2) // 6 should be at least 1"),
        ("preresnet164", 2, "depth", "(depth - 2) // 9 should be at least 1"),
    ],
)
def test_a_loop_runs_at_least_once(name: str, given: Any, variables: str, message: str) -> None:
    """Without an instance the layer behind would read another number of channels."""
    with pytest.raises(ValueError, match=r"should be at least 1") as error:
        built(netspec.load(name), **{variables: given})
    assert str(error.value) == message


def test_loops_within_blocks() -> None:
    blocks = f"""
  stage:
    args: {{n: required}}
    layers:
      - {{name: x, {CONV}, num_output: 6, repeat: $n}}
"""
    layers = """
  - {name: stem, type: Convolution, kernel_size: 1, num_output: 6}
  - {name: a, type: stage, n: $count}
  - {name: c, type: InnerProduct, num_output: $classes}
"""
    graph = spec("{count: 3, classes: 5}", layers, blocks)
    source = checked_source(graph)
    others = {"count": [1, 2, 7], "classes": FAR}
    assert check_same("{count: 3, classes: 5}", layers, blocks, others) == {"count", "classes"}
    assert "        if count < 1:\n" in source
    assert '            raise ValueError("count should be at least 1")\n' in source


WHOLE = (
    "$v",
    "$(2 * v)",
    "$(v + 3)",
    "$(v // 2 + 1)",
    "$(min(v, 20))",
    "$(max(v // 8, 2))",
    "$w",
    "$(7)",
)
PASSED = ("$c", "$(2 * c)", "$(c + 1)", "$(c // 3 + 1)", "$(max(c, 12))", "$(5)")
WHEN = ("", "$(c > 9)", "$(input.channels != c)", "$(v < 30)")
COUNTS = ("$(1)", "$(3)", "$w", "$(w // 2)")


@st.composite
def specs(draw: st.DrawFn) -> tuple[str, str]:
    """Layers, a block with an arg, a repeat; their numbers are expressions of two vars."""
    when = draw(st.sampled_from(WHEN))
    extra = f', when: "{when}"' if when else ""
    block = f"""
  unit:
    args: {{c: required}}
    layers:
      - {{name: one, {CONV}, num_output: "{draw(st.sampled_from(PASSED))}"}}
      - {{name: two, {CONV}, num_output: "{draw(st.sampled_from(PASSED))}"{extra}}}
"""
    whole, count = st.sampled_from(WHOLE), st.sampled_from(COUNTS)
    layers = [
        f'  - {{name: first, {CONV}, num_output: "{draw(whole)}"}}',
        f'  - {{name: unit, type: unit, c: "{draw(whole)}", repeat: "{draw(count)}"}}',
        f'  - {{name: other, type: unit, c: "{draw(whole)}"}}',
        f'  - {{name: last, {CONV}, num_output: "{draw(whole)}"}}',
    ]
    chosen = draw(st.lists(st.sampled_from(layers), min_size=1, max_size=3, unique=True))
    return "\n".join(each for each in layers if each in chosen), block


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(specs(), st.sampled_from([4, 9, 16, 24]), st.sampled_from([1, 2, 5]))
def test_the_constructor_does_what_the_spec_says(drawn: tuple[str, str], v: int, w: int) -> None:
    layers, block = drawn
    vars = f"{{v: {v}, w: {w}}}"
    check_same(vars, layers, block, {"v": FAR, "w": [1, 2, 3, 6]})


def test_lists_in_a_list_keep_their_expressions() -> None:
    """Margins under a condition: one class, whose uses give the number."""
    graph = netspec.loads(
        """
netspec: 1
name: Net
inputs: {data: [N, 4, 9, 11]}
blocks:
  halved:
    args: {less: 0, stride: 1}
    layers:
      - {name: pad, type: Pad, pad: [[$(1 - less), 1], [$less, 2]], when: $(stride == 2)}
      - {name: conv, type: Convolution, num_output: 4, kernel_size: 1, stride: $stride}
layers:
  - {name: a, type: halved, less: 1, stride: 2}
  - {name: b, type: halved, stride: 2}
  - {name: c, type: halved}
"""
    )
    source = checked_source(graph)
    assert "self.pad = nn.ZeroPad2d((less, 2, 1 - less, 1))\n" in source
    for use in ("Halved(4, less=1, stride=2)", "Halved(4, stride=2)", "Halved(4)"):
        assert f" = {use}\n" in source


def test_a_factor_that_an_arg_gives_is_written_where_it_is_one_too() -> None:
    graph = netspec.loads(
        """
netspec: 1
name: Net
inputs: {data: [N, 4, 9, 11]}
blocks:
  residual:
    args: {scale: 0.2}
    layers:
      - {name: conv, type: Convolution, num_output: 4, kernel_size: 1}
      - {name: sum, type: Eltwise, coeff: [$scale, 1], bottom: [conv, input]}
layers:
  - {name: a, type: residual}
  - {name: b, type: residual, scale: 1}
"""
    )
    source = checked_source(graph)
    assert "return self.scale * out + x\n" in source
    assert "self.a = Residual(4)\n" in source
    assert "self.b = Residual(4, scale=1)\n" in source
