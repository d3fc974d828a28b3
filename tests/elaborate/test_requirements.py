"""`require`: what must hold of a spec and of its blocks, told where it is broken."""

from pathlib import Path
from typing import Any

import pytest

import netspec
from netspec import SpecError, load, loads
from netspec.diagnostics import Diagnostic
from tests.checking import HEAD, IMAGE, check, found, good

DEPTH = """\
require:
  - {that: $((depth - 2) % 6 == 0), say: "6n + 2 layers, not $depth"}
layers: [{name: conv, type: Convolution, num_output: $depth, kernel_size: 3}]
"""


def refused(text: str, **variables: Any) -> Diagnostic:
    with pytest.raises(SpecError) as caught:
        loads(text, **variables)
    (only,) = caught.value.diagnostics
    return only


def place(diagnostic: Diagnostic) -> tuple[int, int]:
    assert diagnostic.span is not None
    return diagnostic.span.line, diagnostic.span.column


def test_a_var_at_fault() -> None:
    check(
        IMAGE + "vars: {depth: «21}\n" + DEPTH,
        ("unmet-requirement", "6n + 2 layers, not 21"),
    )
    good(IMAGE + "vars: {depth: 20}\n" + DEPTH)


def test_a_variant_at_fault() -> None:
    text = IMAGE + "vars: {depth: 20}\nvariants: {a: {}, b: {depth: 21}, c: {depth: 26}}\n" + DEPTH
    (only,) = found(text)
    assert (only.code, place(only)) == ("unmet-requirement", (5, 30))
    assert only.notes == ("required in <string>:7:12", "in variant b")
    assert loads(text, variant="c").outputs["conv"][1] == 26


def test_an_override_at_fault() -> None:
    text = IMAGE + "vars: {depth: 20}\n" + DEPTH
    only = refused(text, depth=7)
    assert (only.message, str(only.span)) == ("6n + 2 layers, not 7", "--set depth:1:1")
    assert loads(text, depth=8).outputs["conv"][1] == 8


def test_a_var_at_fault_through_another() -> None:
    check(
        IMAGE
        + "vars: {depth: «7, blocks: $(depth // 2)}\n"
        + 'require: [{that: $(blocks % 2 == 0), say: "$blocks are odd"}]\n'
        + "layers: [{name: r, type: ReLU, repeat: $blocks}]\n",
        ("unmet-requirement", "3 are odd"),
    )


def test_either_of_two_vars_may_be_at_fault() -> None:
    text = (
        IMAGE
        + "vars: {width: 10, heads: 4}\n"
        + 'require: [{that: «$(width % heads == 0), say: "$heads heads, $width channels"}]\n'
        + "layers: [{name: conv, type: Convolution, num_output: $width, kernel_size: $heads}]\n"
    )
    check(text, ("unmet-requirement", "4 heads, 10 channels"))
    assert str(refused(text.replace("«", ""), heads=3).span) == "--set heads:1:1"
    assert place(refused(text.replace("«", ""), heads=3, width=11)) == (5, 18)


def test_an_input_at_fault() -> None:
    text = (
        HEAD
        + "inputs: {data: [N, 3, 32, 32]}\n"
        + 'require: [{that: $(data.height % 32 == 0), say: "the image is $(data.shape[2:])"}]\n'
        + "layers: [{name: relu, type: ReLU}]\n"
    )
    good(text)
    with pytest.raises(SpecError, match=r"the image is \[30, 32\]"):
        loads(text, inputs={"data": [1, 3, 30, 32]})


def test_the_first_that_is_broken_is_told() -> None:
    check(
        IMAGE
        + "vars: {groups: «0}\n"
        + 'require:\n  - {that: $(groups > 0), say: "no group"}\n'
        + '  - {that: $(12 % groups == 0), say: "12 channels"}\n'
        + "layers: [{name: conv, type: Convolution, num_output: 12, kernel_size: 3, "
        + "group: $groups}]\n",
        ("unmet-requirement", "no group"),
    )


BLOCK = """\
blocks:
  b:
    args: {channels: required, groups: 1}
    require:
      - {that: $(channels % groups == 0), say: "$groups groups of $channels channels"}
      - {that: $(input.channels == channels), say: "it adds its input of $(input.channels)"}
    layers:
      - {name: conv, type: Convolution, num_output: $channels, kernel_size: 1, group: $groups}
      - {name: sum, type: Eltwise, bottom: [conv, input]}
layers:
"""


def test_a_block_is_told_where_it_is_used() -> None:
    text = IMAGE + BLOCK + "  - {name: one, type: b, channels: 3, groups: 2}\n"
    (only,) = found(text)
    assert (only.code, only.path) == ("unmet-requirement", "one")
    assert (place(only), only.message) == ((14, 23), "2 groups of 3 channels")
    assert only.notes == ("block b requires it in <string>:8:16",)


def test_a_block_is_told_at_the_only_arg_that_it_may_be() -> None:
    check(
        IMAGE + BLOCK + "  - {name: one, type: b, channels: «4}\n",
        ("unmet-requirement", "it adds its input of 3"),
    )


def test_an_instance_of_a_repeat() -> None:
    check(
        IMAGE + BLOCK + "  - {name: one, type: «b, channels: 3, groups: $(i + 1), repeat: 3}\n",
        ("unmet-requirement", "2 groups of 3 channels"),
    )


def test_a_block_within_a_block() -> None:
    outer = (BLOCK + "  - {name: one, type: outer, channels: 4}\n").replace(
        "blocks:\n",
        "blocks:\n  outer: {args: {channels: required}, layers: [{name: inner, type: b, "
        "channels: $channels}]}\n",
    )
    (only,) = found(IMAGE + outer)
    assert only.path == "one.inner"
    assert only.notes[0].startswith("block b requires it in")
    assert only.notes[1].startswith("in block outer, used as one at")


def test_a_reuse_is_checked_again() -> None:
    entries = """\
  - {name: one, type: b, channels: 3}
  - {name: wide, type: Concat, bottom: [one, data]}
  - {name: two, reuse: one}
"""
    (only,) = found(IMAGE + BLOCK + entries)
    assert (only.message, place(only)) == ("it adds its input of 6", (16, 24))


def test_a_block_of_a_library(tmp_path: Path) -> None:
    library = "netspec: 1\n" + BLOCK.removesuffix("layers:\n")
    (tmp_path / "lib.yaml").write_text(library)
    net = tmp_path / "net.yaml"
    net.write_text(IMAGE + "use: lib.yaml\nlayers: [{name: one, type: b, channels: 4}]\n")
    with pytest.raises(SpecError) as caught:
        load(net)
    (only,) = caught.value.diagnostics
    assert place(only) == (5, 41)
    assert only.notes == (f"block b requires it in {tmp_path / 'lib.yaml'}:7:16",)


def test_a_mistaken_arg_is_told_once() -> None:
    check(
        IMAGE + BLOCK + "  - {name: one, type: b, channels: 3, groups: $(«1 // 0)}\n",
        ("expression-value", "division by zero"),
    )


# ---- its form


def test_a_condition_is_a_boolean() -> None:
    check(
        IMAGE
        + "vars: {depth: 20}\n"
        + 'require: [{that: «$(depth % 6), say: "x"}]\n'
        + "layers: [{name: r, type: ReLU, repeat: $depth}]\n",
        ("wrong-type", "`that` takes a boolean, not an integer", "compare it: `$(x != 0)`"),
    )


def test_a_condition_without_its_dollar() -> None:
    check(
        IMAGE
        + "vars: {depth: 20}\n"
        + 'require: [{that: «depth > 3, say: "x"}]\n'
        + "layers: [{name: r, type: ReLU, repeat: $depth}]\n",
        ("wrong-type", "should be true or false", "stands in `$(…)`: `$(depth > 3)`"),
    )


@pytest.mark.parametrize(
    ("require", "code", "message", "help"),
    [
        ("[{«that: true}]", "missing-field", "`say` is missing", ""),
        ("[{«tht: true, say: x}]", "unknown-field", "nothing here is called `tht`", "`that`"),
        ("[{that: true, say: x, «when: $(1 < 2)}]", "unknown-field", "called `when`", ""),
        ("[«3]", "wrong-type", "`require` should be a mapping, not 3", ""),
        ("«{that: true, say: x}", "wrong-type", "`require` should be a list", ""),
        ("«x", "wrong-type", "`require` should be a list", ""),
        ("[{that: true, say: «3}]", "wrong-type", "`say` should be text", "quote it"),
        ("[{that: «$(1 +), say: x}]", "expression-syntax", "", ""),
        ("[{that: $(«nobody), say: x}]", "unknown-name", "nothing here is called `nobody`", ""),
    ],
)
def test_mistakes_of_form(require: str, code: str, message: str, help: str) -> None:
    text = IMAGE + f"require: {require}\nlayers: [{{name: r, type: ReLU}}]\n"
    if code == "expression-syntax":
        assert [each.code for each in found(text.replace("«", ""))] == [code]
    else:
        check(text, (code, message, help))


def test_a_symbolic_size_cannot_be_decided() -> None:
    text = (
        HEAD
        + "inputs: {data: [N, 3, H, W]}\n"
        + "require: [{that: $(data.height % 32 == 0), say: x}]\n"
        + "layers: [{name: relu, type: ReLU}]\n"
    )
    assert [each.code for each in found(text)] == ["symbolic-size"]
    assert loads(text, inputs={"data": [1, 3, 64, 64]}).outputs["relu"] == (1, 3, 64, 64)


def test_what_a_requirement_reads_counts_as_read() -> None:
    text = (
        IMAGE
        + "vars: {depth: 20, least: 8}\n"
        + 'require: [{that: $(depth >= least), say: "$least layers or more"}]\n'
        + "layers: [{name: r, type: ReLU, repeat: $depth}]\n"
    )
    assert found(text) == []


# ---- the stock networks


@pytest.mark.parametrize(
    ("name", "variables", "message"),
    [
        ("resnet20", {"depth": 21}, "a ResNet for CIFAR has 6n + 2 layers, not 21"),
        ("preresnet164", {"depth": 21}, "bottlenecks make 9n + 2 layers, not 21"),
        ("resnet50", {"depths": [3, 4]}, "a ResNet has four stages; `depths` are [3, 4]"),
        ("resnet110_stochastic", {"survival": 1.5}, "with a chance of up to 1, not 1.5"),
        ("fractalnet", {"columns": 1}, "a fractal has two columns or more, not 1"),
        ("swin_t", {"heads": [3, 6]}, "as many, not [3, 6]"),
    ],
)
def test_stock_networks_say_what_they_need(
    name: str, variables: dict[str, Any], message: str
) -> None:
    with pytest.raises(SpecError) as caught:
        netspec.load(name, **variables)
    (only,) = caught.value.diagnostics
    assert only.code == "unmet-requirement"
    assert message in only.message


def test_a_copy_of_ones_own_keeps_them() -> None:
    from netspec.stock_copy import own_text

    assert "6n + 2 layers" in own_text("plain56")


def test_a_flat_spec_has_none() -> None:
    from netspec.lower.flat import to_flat

    assert "require" not in to_flat(load("resnet20"))
