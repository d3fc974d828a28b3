"""Repeats of several inputs and results: the loops of `forward`."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from netspec import loads
from netspec.lower.torch import to_source, to_torch
from tests.lower.torch.checks import checked_source

BLOCKS = """
blocks:
  two:
    inputs: [x, other]
    layers:
      - {name: conv, type: Convolution, num_output: 4, kernel_size: 1, bottom: x}
      - {name: sum, type: Eltwise, bottom: [conv, other]}
  chain:
    args: {depth: required}
    layers:
      - {name: body, type: Convolution, num_output: $(input.channels), kernel_size: 1,
         repeat: $depth}
  cell:
    inputs: [h, c]
    outputs: [h_new, c_new]
    layers:
      - {name: h_new, type: Convolution, num_output: 4, kernel_size: 1, bottom: h}
      - {name: c_new, type: Eltwise, bottom: [h_new, c]}
  stack:
    inputs: [x, other]
    args: {depth: required, width: 4}
    layers:
      - {name: layers, type: two, repeat: $depth, bottom: [previous, other], first:
         {bottom: [x, other]}}
      - {name: all, type: Concat, bottom: layers.*}
      - {name: out, type: Convolution, num_output: $width, kernel_size: 1}
"""


def spec(layers: str, more: str = "") -> str:
    inputs = "{data: [N, 4, 8, 8], other: [N, 4, 8, 8]}"
    return f"netspec: 1\nname: Net\n{more}inputs: {inputs}\n{BLOCKS}layers:\n{layers}"


def source(layers: str, more: str = "") -> str:
    more += "allow: [unused-block]\n"
    return checked_source(loads(spec(layers, more)))


def lines(text: str) -> str:
    """The last method of the network's class, behind its head."""
    body = text.rpartition("    def forward(")[2].partition("\n\n\n")[0]
    return body.partition(":\n        ")[2].replace("\n        ", "\n")


def test_what_all_read_is_given_in_each_turn() -> None:
    text = source(
        "  - {name: layers, type: two, repeat: 3, bottom: [previous, other], first:\n"
        "     {bottom: [data, other]}}\n"
    )
    assert lines(text) == ("for layer in self.layers:\n    data = layer(data, other)\nreturn data")
    assert "self.layers = nn.ModuleList([Two(4) for _ in range(3)])" in text


def test_what_the_turns_change_may_be_read_as_it_was_too() -> None:
    """A variable of its own keeps the one from being lost."""
    layers = """
  - {name: stem, type: Eltwise, bottom: [data, other]}
  - {name: layers, type: two, repeat: 3, bottom: [previous, stem], first: {bottom: [other, stem]}}
  - {name: more, type: two, repeat: 2, bottom: [previous, layers], first: {bottom: [stem, layers]}}
"""
    assert lines(source(layers)) == (
        "x = data + other\n"
        "for layer in self.layers:\n"
        "    other = layer(other, x)\n"
        "for more in self.more:\n"
        "    x = more(x, other)\n"
        "return x"
    )


def test_several_results_are_handed_on() -> None:
    layers = """
  - {name: cells, type: cell, repeat: 3, first: {bottom: [data, other]}, bottom: previous}
  - {name: all, type: Concat}
"""
    assert lines(source(layers)) == (
        "for cell in self.cells:\n"
        "    data, other = cell(data, other)\n"
        "return torch.cat([data, other], 1)"
    )


def test_results_are_gathered_beside_those_that_are_handed_on() -> None:
    layers = """
  - {name: cells, type: cell, repeat: 3, first: {bottom: [data, other]},
     bottom: [cells.$(i - 1).h_new, other]}
  - {name: all, type: Concat, bottom: [data, cells.0.c_new, cells.1.c_new, cells.2.c_new]}
  - {name: sum, type: Eltwise, bottom: [cells.0.c_new, cells.1.c_new, cells.2.c_new]}
outputs: [all, sum, cells.2.h_new]
"""
    assert lines(source(layers)) == (
        "x = data\n"
        "c_news = []\n"
        "for cell in self.cells:\n"
        "    x, c_new = cell(x, other)\n"
        "    c_news.append(c_new)\n"
        "all_ = torch.cat([data] + c_news, 1)\n"
        "sum_ = torch.stack(c_news).sum(0)\n"
        'return {"all": all_, "sum": sum_, "cells.2.h_new": x}'
    )


def test_each_may_read_a_blob_of_its_own() -> None:
    layers = """
  - {name: a, type: Convolution, num_output: 4, kernel_size: 1, bottom: data}
  - {name: b, type: Convolution, num_output: 4, kernel_size: 1, bottom: data}
  - {name: layers, type: two, repeat: 2, bottom: [previous, "$('ab'[i])"], first:
     {bottom: [other, a]}}
"""
    assert lines(source(layers)) == (
        "a = self.a(data)\n"
        "b = self.b(data)\n"
        "for layer, other_2 in zip(self.layers, (a, b)):\n"
        "    other = layer(other, other_2)\n"
        "return other"
    )


def test_a_block_has_one_class_for_all_counts() -> None:
    text = source("""
  - {name: few, type: stack, depth: 2, bottom: [data, other]}
  - {name: many, type: stack, depth: 5, bottom: [previous, other]}
""")
    assert text.count("class Stack") == 1
    assert "torch.cat(layers, 1)" in text


def test_one_turn_is_a_loop_like_more() -> None:
    text = source("""
  - {name: one, type: chain, depth: 1}
  - {name: more, type: chain, depth: 3}
outputs: [more]
""")
    assert text.count("class Chain") == 1
    assert "for _ in range(depth)" in text


def test_a_count_is_a_parameter_where_nothing_hangs_on_it() -> None:
    layers = (
        "  - {name: layers, type: two, repeat: $depth, bottom: [previous, other], first:\n"
        "     {bottom: [data, other]}}\n"
    )
    graph = loads(spec(layers, "vars: {depth: 3}\nallow: [unused-block]\n"))
    checked_source(graph)
    other: nn.Module = type(to_torch(graph))(depth=5)
    x, mask = torch.randn(2, 2, 4, 8, 8)
    expected = x
    for layer in other.get_submodule("layers").children():
        expected = layer(expected, mask)
    torch.testing.assert_close(other(x, mask), expected)


def test_a_count_is_none_where_all_results_are_read() -> None:
    layers = """
  - {name: layers, type: two, repeat: $depth, bottom: [previous, other], first:
     {bottom: [data, other]}}
  - {name: all, type: Concat, bottom: layers.*}
"""
    assert "depth" not in to_source(loads(spec(layers, "vars: {depth: 3}\n")))


def test_what_is_read_one_by_one_is_called_one_by_one() -> None:
    layers = """
  - {name: branches, type: Convolution, num_output: 4, kernel_size: 1, repeat: 3, bottom: data}
  - {name: both, type: Eltwise, bottom: [branches.0, other]}
  - {name: all, type: Concat, bottom: [both, branches.2, branches.1]}
"""
    assert "for " not in lines(source(layers))


def test_loops_of_a_phase_stand_under_its_condition() -> None:
    layers = """
  - {name: out, type: Convolution, num_output: 4, kernel_size: 1, bottom: data}
  - {name: aux, type: two, repeat: 2, bottom: [previous, other], first: {bottom: [out, other]},
     phase: TRAIN}
outputs: [out, aux]
"""
    assert lines(source(layers)) == (
        "out = self.out(data)\n"
        "if self.training:\n"
        "    x = out\n"
        "    for aux in self.aux:\n"
        "        x = aux(x, other)\n"
        '    return {"out": out, "aux": x}\n'
        "return out"
    )


def test_integers_are_added_one_by_one() -> None:
    """PyTorch's sum of int32 is int64."""
    text = to_source(
        loads(
            "netspec: 1\nname: Net\ninputs: {data: {shape: [N, 4], dtype: int32}}\nlayers:\n"
            "  - {name: same, type: Identity, repeat: 3, bottom: data}\n"
            "  - {name: sum, type: Eltwise, bottom: same.*}\n"
        )
    )
    assert lines(text) == (
        "sames = [same(data) for same in self.same]\nreturn sames[0] + sames[1] + sames[2]"
    )


@pytest.mark.parametrize("operation", ["SUM", "SUB", "PROD", "DIV", "MAX", "MIN"])
def test_many_operands_are_stacked(operation: str) -> None:
    names = [f"a{number}" for number in range(70)]
    layers = "".join(
        f"  - {{name: {n}, type: Power, shift: {2 + i / 9}, bottom: data}}\n"
        for i, n in enumerate(names)
    )
    layers += (
        f"  - {{name: all, type: Eltwise, operation: {operation}, bottom: [{', '.join(names)}]}}"
    )
    graph = loads(spec(layers, "allow: [unused-block, unused-layer]\n"))
    checked_source(graph)
    x = torch.rand(2, 4, 8, 8, dtype=torch.float64)
    blobs = [x + 2 + i / 9 for i in range(70)]
    expected = blobs[0]
    for each in blobs[1:]:
        expected = APPLIED[operation](expected, each)
    torch.testing.assert_close(to_torch(graph).double()(x, x), expected)


APPLIED: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "SUM": torch.add,
    "SUB": torch.sub,
    "PROD": torch.mul,
    "DIV": torch.div,
    "MAX": torch.maximum,
    "MIN": torch.minimum,
}
