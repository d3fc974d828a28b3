"""Repeats that become loops: what they go through, what a turn has, what it hands on."""

from typing import Any

import pytest

from netspec import loads
from netspec.lower.torch import to_torch
from tests.lower.torch.checks import checked_source


def source(layers: str, variables: str = "{}", size: int = 3, places: str = "16, 16") -> str:
    return checked_source(
        loads(
            f"netspec: 1\nname: Net\ninputs: {{data: [N, {size}, {places}]}}\n"
            f"vars: {variables}\nlayers:\n{layers}"
        )
    )


CONFIGURED = """
  - name: features
    layers:
      - scope: false
        repeat: $(len(config))
        layers:
          - {type: Convolution, num_output: "$(config[i])", kernel_size: 3, pad: 1,
             when: "$(config[i] > 0)"}
          - {type: ReLU, when: "$(config[i] > 0)"}
          - {type: Pooling, kernel_size: 2, stride: 2, when: "$(config[i] == 0)"}
"""


def test_elements_of_a_turn_that_are_not_in_all_turns_stand_under_an_if() -> None:
    text = source(CONFIGURED, "{config: [8, 8, 0, 16, 16, 0]}")
    assert "for out_channels in CONFIG:" in text
    assert "if out_channels > 0:" in text
    assert "                width = out_channels\n" in text
    assert "if out_channels == 0:" in text


@pytest.mark.parametrize(("places", "axes"), [("16", 1), ("L", 1), ("4, H, 8", 3)])
def test_channels_are_handed_on_along_one_and_three_axes(places: str, axes: int) -> None:
    text = source(CONFIGURED, "{config: [8, 8, 0, 16, 16, 0]}", places=places)
    assert f"nn.Conv{axes}d(width, out_channels, 3, padding=1)" in text
    assert "                width = out_channels\n" in text


ROWS = """
  - name: features
    layers:
      - scope: false
        repeat: $(len(rows))
        index: s
        layers:
          - {type: Convolution, num_output: "$(rows[s][0])", kernel_size: "$(rows[s][1])",
             repeat: "$(rows[s][2])", stride: "$(2 if i == 0 else 1)", pad: 1}
          - {type: Dropout, dropout_ratio: $(s / 10)}
"""


def test_items_of_rows_are_called_after_what_they_are_given_for() -> None:
    assert "for s, (out_channels, kernel_size, count) in enumerate(ROWS):" in source(ROWS, TABLE)


TABLE = "{rows: [[8, 3, 2], [16, 3, 1], [24, 1, 3]]}"

FIRST = """
  - {name: body, type: stage, repeat: 8, channels: $(4 * i + 4), first: {stride: 2}}
"""
STAGE = """
blocks:
  stage:
    args: {channels: required, stride: 1}
    layers:
      - {type: Convolution, num_output: $channels, kernel_size: 3, pad: 1, stride: $stride}
      - {type: ReLU}
"""


def test_the_first_turn_may_differ_from_the_others() -> None:
    graph = loads(
        f"netspec: 1\nname: Net\ninputs: {{data: [N, 3, 16, 16]}}\n{STAGE}layers:\n{FIRST}"
    )
    assert "stride=2 if i == 0 else 1" in checked_source(graph)


def test_what_one_item_of_a_list_gives_is_not_the_whole_list() -> None:
    layers = """
  - {name: conv, type: Convolution, num_output: "$(dims[0])", kernel_size: 1}
  - {name: norm, type: LayerNorm, axis: 1}
  - {name: last, type: Convolution, num_output: "$(dims[1])", kernel_size: 1}
"""
    text = source(layers, "{dims: [4, 6]}")
    assert "((dims[0],), (1,))" in text
    graph = loads(
        f"netspec: 1\nname: Net\ninputs: {{data: [N, 3, 16, 16]}}\nvars: {{dims: [4, 6]}}\n"
        f"layers:{layers}"
    )
    other = type(to_torch(graph))(dims=(8, 2))
    assert [tuple(each.shape) for each in other.get_submodule("norm").parameters()] == [(8,), (8,)]


def test_a_size_that_grows_from_member_to_member_is_a_variable() -> None:
    layers = "".join(
        f"""
  - {{name: conv{i}, type: Convolution, num_output: $growth, kernel_size: 3, pad: 1}}
  - {{name: cat{i}, type: Concat, bottom: [previous, {before}]}}
  - {{name: half{i}, type: Convolution, num_output: $(previous.channels // 2), kernel_size: 1}}"""
        for i, before in enumerate(("data", "half0", "half1", "half2"))
    )
    text = source(layers, "{growth: 7}", size=5)
    assert "width //= 2" in text
    assert "nn.Conv2d(width, width // 2, 1)" in text


def test_a_number_that_changes_with_the_turns_within_is_no_parameter() -> None:
    """Loops of several groups that say it differently are loops of several classes."""
    layers = """
  - name: stages
    repeat: 4
    index: s
    layers:
      - {name: convs, type: Convolution, num_output: 3, repeat: $(s + 1),
         kernel_size: $(2 * (i + s % 2) + 1), pad: $(i + s % 2)}
"""
    text = source(layers)
    assert "nn.Conv2d(3, 3, 2 * i + 1, padding=i)" in text
    assert "nn.Conv2d(3, 3, 2 * (i + 1) + 1, padding=i + 1)" in text


def test_cells_are_called_after_their_columns() -> None:
    layers = """
  - name: features
    layers:
      - {type: Convolution, num_output: $c, kernel_size: $k, pad: $(k // 2), stride: $s,
         repeat: {columns: [k, c, s, unread], rows: $rows}}
"""
    rows = "[[3, 8, 1, 0], [5, 8, 2, 0], [3, 16, 1, 0], [5, 24, 1, 0], [3, 32, 2, 0], [3, 8, 1, 0]]"
    text = source(layers, f"{{rows: {rows}}}")
    assert "for k, c, s, _ in ROWS:" in text
    assert "nn.Conv2d(width, c, k, stride=s, padding=k // 2)" in text


def test_a_short_list_is_written_where_it_is_gone_through() -> None:
    layers = "  - {name: a, type: Convolution, num_output: $item, kernel_size: 1, repeat: %s}\n"
    text = source(layers % "[8, 7, 6, 5, 4, 9]")
    assert "for item in (8, 7, 6, 5, 4, 9):" in text
    numbers = [*range(10, 60)]
    text = source(layers % numbers)
    assert "for item in ROWS:" in text


def test_a_table_of_which_the_length_alone_counts_is_laid_out() -> None:
    layers = (
        "  - {name: a, type: Convolution, num_output: 3, kernel_size: 1, repeat: $(len(rows))}\n"
    )
    rows = [[*range(10, 20)], [*range(20, 30)], [*range(30, 39)]]
    text = source(layers, f"{{rows: {rows}}}")
    assert "            (10, 11, 12, 13, 14, 15, 16, 17, 18, 19),\n" in text


def test_a_class_goes_through_joined_lists() -> None:
    graph = loads("""
netspec: 1
name: Net
inputs: {data: [N, 3, 8, 8]}
blocks:
  stage:
    args: {one: required, two: required}
    layers:
      - {type: Convolution, num_output: $item, kernel_size: 1, repeat: $(one + two)}
layers:
  - {name: a, type: stage, one: [8, 4, 16], two: [8, 2, 1]}
  - {name: b, type: stage, one: [8, 4, 16, 32, 4], two: [8, 2]}
""")
    text = checked_source(graph)
    assert "for out_channels in one + two:" in text
    assert "one: tuple[int, ...], two: tuple[int, ...]" in text


@pytest.mark.parametrize("rows", ["rates + rates", "rates + more + rates"])
def test_lists_that_are_joined_stay_in_their_order(rows: str) -> None:
    layers = f"""
  - {{name: a, type: Convolution, num_output: 3, kernel_size: 3, dilation: $item, pad: $item,
     repeat: $({rows})}}
"""
    text = source(layers, "{rates: [1, 2], more: [5]}")
    assert f"for padding in {rows}:" in text
    assert "rates: tuple[int, ...] = (1, 2)" in text


def test_words_of_a_table_decide() -> None:
    blocks = """
blocks:
  b:
    args: {act: required}
    layers:
      - {type: Convolution, num_output: 3, kernel_size: 1}
      - {type: ReLU, when: $(act == "RE")}
      - {type: Sigmoid, when: $(act != "RE")}
layers:
  - {name: a, type: b, act: $act, repeat: {columns: [act], rows: $acts}}
"""
    text = checked_source(
        loads(
            "netspec: 1\nname: Net\ninputs: {data: [N, 3, 16, 16]}\n"
            f"vars: {{acts: [[RE], [SI], [RE], [RE], [SI], [RE]]}}\n{blocks}"
        )
    )
    assert 'if act == "RE":' in text
    assert 'ACTS = (("RE",), ("SI",), ("RE",), ("RE",), ("SI",), ("RE",))' in text
    assert "for (act,) in ACTS:" in text


def test_a_table_of_which_something_depends_is_no_parameter() -> None:
    """Whatever reads a cell where that has no term, as beside a symbolic size."""
    text = (
        "netspec: 1\nname: Net\ninputs: {data: [N, 3, 16, 16]}\n"
        "vars: {rows: [{k: 1, c: 3}, {k: 3, c: 3}, {k: 1, c: 3}]}\n"
        "blocks: {b: {args: {row: required}, layers: [{type: Convolution, kernel_size: $(row.k),\n"
        "  num_output: $(row.c), pad: $(row.k // 2)}]}}\n"
        'layers: [{name: a$i, type: b, row: "$(rows[i])", repeat: "$(len(rows))"}]\n'
    )
    graph = loads(text)
    assert "rows" not in checked_source(graph)
    shapes = [tuple(value.shape) for value in to_torch(graph).state_dict().values()]
    assert shapes[2] == (3, 3, 3, 3)


def test_turns_of_several_repeats_that_all_differ() -> None:
    layers = """
  - name: features
    layers:
      - scope: false
        repeat: {columns: [c, n], rows: $rows}
        index: s
        layers:
          - layers:
              - {type: Dropout, dropout_ratio: $((s + i) / 100), repeat: $n}
              - {type: Convolution, num_output: $c, kernel_size: 1}
"""
    text = source(layers, "{rows: [[4, 1], [8, 12], [6, 2], [5, 3]]}")
    assert "for s, (c, n) in enumerate(ROWS):" in text
    assert "for i in range(n):" in text
    assert "nn.Dropout((s + i) / 100)" in text


def test_names_with_the_number_of_a_block() -> None:
    blocks = """
blocks:
  stage:
    args: {number: required, depth: required}
    layers:
      - {name: block$number-$i, type: Convolution, num_output: $(4 * number), kernel_size: 1,
         repeat: $depth}
layers:
  - {name: stage$(i + 1), type: stage, number: $(i + 1), depth: "$(depths[i])", repeat: 3}
"""
    graph = loads(
        "netspec: 1\nname: Net\ninputs: {data: [N, 3, 16, 16]}\n"
        f"vars: {{depths: [1, 4, 2]}}\n{blocks}"
    )
    text = checked_source(graph)
    assert 'self.add_module(f"block{number}-{i}", ' in text
    assert [*to_torch(graph).state_dict()][::2] == [
        "stage1.block1-0.weight",
        *(f"stage2.block2-{number}.weight" for number in range(4)),
        *(f"stage3.block3-{number}.weight" for number in range(2)),
    ]


def test_names_that_say_the_turn_are_right_for_any_count() -> None:
    """Dotted ones too: what stands before the dot is the container."""
    layers = "  - {name: body.part$(i + 1), type: unit, repeat: $depth}\n"
    unit = "      - {name: fc, type: InnerProduct, num_output: 6, axis: 1}\n"
    graph = loads(
        "netspec: 1\nname: Net\ninputs: {data: [N, 6]}\nvars: {depth: 5}\n"
        f"blocks:\n  unit:\n    layers:\n{unit}      - {{type: ReLU}}\nlayers:\n{layers}"
    )
    text = checked_source(graph)
    assert "for i in range(depth):" in text
    assert 'self.add_module(f"part{i + 1}", Unit(6))' in text
    namespace: dict[str, Any] = {}
    exec(text.partition("\nif __name__")[0], namespace)
    names = [*namespace["Net"](depth=7).state_dict()]
    assert names[::2] == [f"body.part{number}.fc.weight" for number in range(1, 8)]
