"""Repeats that go through rows: of cells that have names, of fields, of plain values."""

from typing import Any

import pytest

from netspec.api import loads
from netspec.diagnostics import SpecError
from tests.checking import IMAGE, Expected, check, check_errors, found, good

CONV = "type: Convolution, kernel_size: $k, num_output: $c, pad: $(k // 2)"
TABLE = "{columns: [k, c], rows: $settings}"
SETTINGS = "vars: {settings: [[3, 8], [5, 16], [1, 4]]}\n"


def fields(text: str, *names: str, **variables: Any) -> list[list[Any]]:
    """Some fields of each layer."""
    net = loads(text, **variables)
    return [[getattr(node.layer, name) for name in names] for node in net.nodes]


def test_each_cell_has_its_columns_name() -> None:
    text = IMAGE + SETTINGS + f"layers: [{{name: a, {CONV}, repeat: {TABLE}}}]\n"
    assert fields(text, "kernel_size", "num_output", "pad") == [
        [3, 8, 1],
        [5, 16, 2],
        [1, 4, 0],
    ]
    assert [node.path for node in good(text)] == ["a.0", "a.1", "a.2"]


def test_rows_that_stand_in_the_repeat() -> None:
    rows = "{columns: [k, c], rows: [[3, 8], [$(2 * n + 1), $n]]}"
    text = IMAGE + f"vars: {{n: 2}}\nlayers: [{{{CONV}, repeat: {rows}}}]\n"
    assert fields(text, "kernel_size", "num_output") == [[3, 8], [5, 2]]


def test_a_block_takes_a_table_and_hands_on_its_cells() -> None:
    text = (
        IMAGE
        + f"""{SETTINGS}blocks:
  conv: {{args: {{k: required, c: required}}, layers: [{{{CONV}}}]}}
  stage:
    args: {{rows: required}}
    layers:
      - {{name: conv$(i + 1), type: conv, k: $k, c: $(2 * c), when: $(k != 1),
         repeat: {{columns: [k, c], rows: $rows}}}}
layers:
  - {{name: s, type: stage, rows: $settings}}
  - {{name: t, type: stage, rows: "$(settings[1:])"}}
"""
    )
    assert fields(text, "num_output") == [[16], [32], [32]]
    assert [node.path for node in good(text)] == ["s.conv1.0", "s.conv2.0", "t.conv1.0"]


def test_a_cell_may_be_a_table() -> None:
    text = (
        IMAGE
        + f"""vars: {{stages: [[8, [[3, 1], [1, 2]]], [16, [[5, 1]]]]}}
layers:
  - scope: false
    repeat: {{columns: [width, rows], rows: $stages}}
    index: s
    layers:
      - {{name: stage$s, {CONV.replace("$c", "$(width * m)")},
         repeat: {{columns: [k, m], rows: $rows}}}}
"""
    )
    assert fields(text, "num_output") == [[8], [16], [16]]


def test_rows_that_are_mappings_stand_over_the_entrys_fields() -> None:
    text = (
        IMAGE
        + """vars:
  rows: [{num_output: 4, kernel_size: 3}, {name: wide, num_output: 8}, {num_output: 2, when: false}]
layers:
  - {name: a$i, type: Convolution, kernel_size: 1, repeat: $rows}
  - {name: b, type: Convolution, kernel_size: $(rows[0].kernel_size), num_output: 1}
"""
    )
    text = text.replace("$(rows[0].kernel_size)", '"$(rows[0].kernel_size)"')
    assert fields(text, "num_output", "kernel_size") == [[4, 3], [8, 1], [1, 3]]
    assert [node.path for node in good(text)] == ["a0", "wide", "b"]


def test_a_row_goes_to_a_block_as_a_whole() -> None:
    text = (
        IMAGE
        + """vars: {rows: [{k: 3, c: 4}, {k: 1, c: 8}]}
blocks:
  b:
    args: {row: required}
    layers: [{type: Convolution, kernel_size: $(row.k), num_output: $(row.c)}]
layers: [{name: b$i, type: b, row: "$(rows[i])", repeat: "$(len(rows))"}]
"""
    )
    assert fields(text, "num_output") == [[4], [8]]


def test_plain_values_are_items() -> None:
    text = (
        IMAGE
        + "vars: {sizes: [1, 3, 5]}\nlayers:\n"
        + (
            "  - {name: a, type: Convolution, num_output: 4, kernel_size: $item, repeat: $sizes}\n"
            "  - {name: b$item, type: Pooling, kernel_size: 2, pool: $item, repeat: [MAX, AVE]}\n"
        )
    )
    assert [node.path for node in good(text)] == ["a.0", "a.1", "a.2", "bMAX", "bAVE"]


def test_an_empty_table_is_like_a_false_when() -> None:
    text = (
        IMAGE
        + f"""vars: {{settings: []}}
layers:
  - {{name: a, type: ReLU}}
  - {{name: b, {CONV}, repeat: {TABLE}}}
  - {{name: c, type: ReLU, bottom: b}}
"""
    )
    net = good(text)
    assert [[blob.name for blob in node.bottoms] for node in net.nodes] == [["data"], ["a"]]


def test_first_stands_over_the_first_row() -> None:
    text = IMAGE + SETTINGS + f"layers: [{{{CONV}, repeat: {TABLE}, first: {{stride: 2}}}}]\n"
    assert fields(text, "stride") == [[2], [1], [1]]


def test_variants_and_overrides_give_other_tables() -> None:
    variants = "variants: {small: {settings: [[3, 2]]}}\n"
    text = IMAGE + SETTINGS + variants + f"layers: [{{name: a, {CONV}, repeat: {TABLE}}}]\n"
    assert fields(text, "num_output", settings=[[1, 7], [3, 9]]) == [[7], [9]]
    mapped = (
        IMAGE
        + "vars: {rows: [{num_output: 1}]}\n"
        + ("layers: [{type: Convolution, kernel_size: 1, repeat: $rows}]\n")
    )
    assert fields(mapped, "num_output", rows=[{"num_output": 5}]) == [[5]]
    with pytest.raises(
        SpecError, match="this row has 1 cell, but there are 2 columns: `k` and `c`"
    ):
        loads(text, settings=[[1]])
    with pytest.raises(SpecError, match="can't be set to a mapping"):
        loads(text, settings={1: 2})


@pytest.mark.parametrize(
    ("settings", "code", "message", "help"),
    [
        (
            "[[3, 8], «[5]]",
            "bad-value",
            "this row has 1 cell, but there are 2 columns: `k` and",
            "",
        ),
        ("[«[3, 8, 1]]", "bad-value", "this row has 3 cells, but there are 2 columns", ""),
        (
            "[[3, 8], «{k: 1}]",
            "wrong-type",
            "a row should be a list of 2 cells, not a map",
            "order",
        ),
        (
            "[[3, 8], «5]",
            "wrong-type",
            "a row should be a list of 2 cells, not an integer",
            "order",
        ),
        ("[[3, 8], [«x, 8]]", "wrong-type", "`kernel_size` should be an integer", ""),
        ("[[3, 8], [3, «0]]", "bad-value", "`num_output` should be at least 1, not 0", ""),
        ("[[3, 8], [3, «-1]]", "bad-value", "`num_output` should be at least 1, not -1", ""),
        ("[[3, 8], [«50, 8]]", "size-underflow", "", ""),
        ("[[3, 8], [3, $(«7 / 0)]]", "expression-value", "division by zero", ""),
        ("[[3, 8], [3, «$(8 / 2)]]", "wrong-type", "should be an integer, not 4.0", ""),
    ],
)
def test_a_mistake_in_a_cell_is_where_the_cell_is(
    settings: str, code: str, message: str, help: str
) -> None:
    layer = "type: Convolution, kernel_size: $k, num_output: $c"
    text = (
        IMAGE + f"vars: {{settings: {settings}}}\nlayers: [{{name: a, {layer}, repeat: {TABLE}}}]"
    )
    check(text, (code, message, help))


@pytest.mark.parametrize("item", ["$item", "$(item)"])
@pytest.mark.parametrize(
    ("variables", "repeat"), [("vars: {rows: [1, «x, 3]}\n", "$rows"), ("", "[1, «x, 3]")]
)
def test_a_mistake_in_a_plain_row_is_where_the_row_is(
    variables: str, repeat: str, item: str
) -> None:
    layer = f"name: a, type: Pooling, kernel_size: {item}, repeat: {repeat}"
    message = "`kernel_size` should be an integer or a list of them, not 'x'"
    check(IMAGE + variables + f"layers: [{{{layer}}}]\n", ("wrong-type", message))


def test_a_mistake_in_a_cell_of_a_tables_part_or_arg() -> None:
    check(
        IMAGE
        + """vars: {settings: [[3, 8], [5, «x]]}
blocks:
  stage:
    args: {rows: required}
    layers:
      - {type: Convolution, kernel_size: $k, num_output: $c,
         repeat: {columns: [k, c], rows: $rows}}
layers: [{name: a, type: stage, rows: "$(settings[1:] + [[1, 2]])"}]
""",
        ("wrong-type", "`num_output` should be an integer, not 'x'", ""),
    )


@pytest.mark.parametrize(
    ("rows", "code", "message", "help"),
    [
        (
            "[{«kernel: 3, num_output: 1}]",
            "unknown-field",
            "nothing here is called `kernel`",
            "kern",
        ),
        ("[{kernel_size: «x, num_output: 1}]", "wrong-type", "`kernel_size` should be an", ""),
        (
            "[{kernel_size: 1, num_output: 1, «index: k}]",
            "field-conflict",
            "`index` of its own",
            "",
        ),
        ("[{kernel_size: 1, num_output: 1, phase: «3}]", "bad-value", "`phase` should be", ""),
    ],
)
def test_a_mistake_in_a_row_of_fields(rows: str, code: str, message: str, help: str) -> None:
    layer = "layers: [{name: a, type: Convolution, repeat: $rows}]"
    check(IMAGE + f"vars: {{rows: {rows}}}\n{layer}", (code, message, help))


def test_a_field_that_no_row_gives() -> None:
    check(
        IMAGE
        + """vars: {rows: [{kernel_size: 1}]}
layers: [{name: a, type: «Convolution, repeat: $rows}]
""",
        ("missing-field", "`num_output` is missing", ""),
    )


@pytest.mark.parametrize("type", ["«Convolution", "«block"])
def test_a_column_is_no_field(type: str) -> None:
    check(
        IMAGE
        + f"""blocks:
  block:
    args: {{num_output: required}}
    layers: [{{type: Convolution, num_output: $num_output, kernel_size: 1}}]
layers:
  - {{name: a, type: {type}, repeat: {{columns: [num_output], rows: [[1], [2]]}}}}
  - {{type: block, num_output: 1}}
""".replace("type: «Convolution,", "type: «Convolution, kernel_size: 1,"),
        (
            "missing-field",
            "`num_output`",
            "a column is a value, not a field: `num_output: $num_output` makes one of it",
        ),
    )


@pytest.mark.parametrize(
    ("repeat", "code", "message", "help"),
    [
        ("«repeat: {columns: [k, c]}", "missing-field", "`rows` is missing", ""),
        ("«repeat: {rows: [[1, 2]]}", "missing-field", "`columns` is missing", ""),
        (
            "repeat: {columns: [k, «k], rows: []}",
            "duplicate-name",
            "two columns are called `k`",
            "",
        ),
        ("repeat: {columns: [«2c], rows: []}", "bad-name", "a column's name is an identifier", ""),
        ("repeat: {columns: [«len], rows: []}", "bad-name", "a meaning of its own", "`len_`"),
        ("repeat: {columns: «$k, rows: []}", "bad-value", "`columns` can't be an expression", ""),
        ("repeat: {columns: «[], rows: []}", "bad-value", "`columns` names no column", ""),
        ("repeat: {columns: [k], rows: «$n}", "wrong-type", "`rows` should be a list of rows", ""),
        (
            "repeat: {columns: [k], «row: []}",
            "unknown-field",
            "nothing here is called `row`",
            "rows",
        ),
        ("repeat: {columns: [«n], rows: [[1]]}", "name-conflict", "the column `n` hides", "`n_`"),
        ("repeat: [{num_output: 1}, «3]", "wrong-type", "an item of `repeat` should be a map", ""),
    ],
)
def test_tables_that_cannot_be(repeat: str, code: str, message: str, help: str) -> None:
    layer = "type: Convolution, kernel_size: 1, num_output: 2"
    check(
        IMAGE + f"vars: {{n: 3}}\nlayers: [{{name: a, {layer}, {repeat}}}]", (code, message, help)
    )


def test_a_column_of_the_indexs_name() -> None:
    layer = "name: a, type: ReLU, repeat: {columns: [k, «i], rows: [[1, 2]]}"
    help = "call the column something else: `i_`; or the index: `index: k`"
    message = "the column `i` is called as the index of this repeat is"
    check(IMAGE + f"layers: [{{{layer}}}]", ("name-conflict", message, help))


def test_a_row_without_columns_hides_no_name() -> None:
    text = """layers:
  - name: g
    repeat: [1, 2]
    layers:
      - {name: a, type: Convolution, num_output: $item, kernel_size: 1, index: k, repeat: [1, 2]}
"""
    check_errors(
        IMAGE + text,
        Expected("name-conflict", 8, 91, "the row's name `item` hides", "{columns: [k], rows:"),
    )


def test_a_mapping_is_refused_elsewhere() -> None:
    text = (
        IMAGE + "vars: {m: {k: 3}}\nlayers: [{type: Convolution, num_output: 1, kernel_size: %s}]"
    )
    (error,) = found(text % "$m")
    assert error.message == "`kernel_size` should be an integer or a list of them, not a mapping"
    assert error.help == (
        "`$(row.k)` reads one of its values; as a whole it is a row of a `repeat`, or a field that "
        "takes a mapping"
    )
    good(text % "$(m.k)")
    (error,) = found(text % "$(m.n)")
    assert (error.message, error.help) == ("this mapping has no `n`", "it has `k`")


def test_a_table_is_bounded() -> None:
    rows = ", ".join(["*row"] * 1_000)
    row = ", ".join(["1"] * 100)
    names = ", ".join(f"c{number}" for number in range(100))
    text = (
        IMAGE
        + f"""vars:
  row: &row [{row}]
  rows: [{rows}]
blocks:
  b: {{layers: [{{type: ReLU, when: $(c0 > 1), repeat: {{columns: [{names}], rows: $rows}}}}]}}
layers: [{{type: b, repeat: 1000}}, {{type: ReLU}}]
"""
    )
    errors = [each for each in found(text) if each.code == "too-large"]
    assert len(errors) == 1


def test_a_table_within_a_repeat_needs_an_index_of_its_own() -> None:
    text = IMAGE + (
        "layers:\n"
        "  - name: g\n"
        "    repeat: 2\n"
        "    layers:\n"
        "      - {name: x, type: «Convolution, num_output: $c, kernel_size: 1,\n"
        "         repeat: {columns: [c], rows: [[8], [8]]}}\n"
    )
    message = "the index `i` hides another value or layer of that name"
    check(text, ("name-conflict", message, "name the index of this repeat: `index: k`"))
