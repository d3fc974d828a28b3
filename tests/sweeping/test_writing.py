"""Rows as text."""

import csv
import json
from io import StringIO

from netspec.graph.sizes import symbol
from netspec.sweeping.writing import csv_lines, json_lines, markdown_lines, table_lines

COLUMNS = ("width", "kernels", "kind", "macs", "error")
ROWS = [
    (8, [3, 3], "a|b", 1234567, None),
    (0.5, [], 'say "x", y', 5 * symbol("H"), None),
    (16, {"a": True}, "x\ny\x1b[0m", None, "net.yaml:3:4: too small"),
]


def test_csv() -> None:
    text = "".join(csv_lines(COLUMNS, ROWS))
    assert text == (
        "width,kernels,kind,macs,error\n"
        '8,"[3, 3]",a|b,1234567,\n'
        '0.5,[],"say ""x"", y",5*H,\n'
        "16,{a: true},x\\ny\\x1b[0m,,net.yaml:3:4: too small\n"
    )
    assert [len(row) for row in csv.reader(StringIO(text))] == [5] * 4


def test_json_lines() -> None:
    lines = [*json_lines(COLUMNS, ROWS)]
    assert [json.loads(line) for line in lines] == [
        {"width": 8, "kernels": [3, 3], "kind": "a|b", "macs": 1234567, "error": None},
        {"width": 0.5, "kernels": [], "kind": 'say "x", y', "macs": "5*H", "error": None},
        {
            "width": 16,
            "kernels": {"a": True},
            "kind": "x\ny\x1b[0m",
            "macs": None,
            "error": "net.yaml:3:4: too small",
        },
    ]
    assert all(line.endswith("}\n") and line.isascii() for line in lines)


def test_markdown() -> None:
    assert "".join(markdown_lines(COLUMNS, ROWS)) == (
        "| width | kernels | kind | macs | error |\n"
        "| ---: | --- | --- | ---: | --- |\n"
        "| 8 | [3, 3] | a\\|b | 1234567 |  |\n"
        '| 0.5 | [] | say "x", y | 5*H |  |\n'
        "| 16 | {a: true} | x\\ny\\x1b[0m |  | net.yaml:3:4: too small |\n"
    )


def test_table() -> None:
    assert "".join(table_lines(COLUMNS, ROWS)) == (
        "width  kernels    kind              macs  error\n"
        "-----------------------------------------------------------------\n"
        "    8  [3, 3]     a|b          1,234,567\n"
        '  0.5  []         say "x", y         5*H\n'
        "   16  {a: true}  x\\ny\\x1b[0m             net.yaml:3:4: too small\n"
    )


def test_a_table_leaves_out_what_tells_nothing() -> None:
    columns = ("width", "params", "trainable_params", "error")
    right = [(8, 1000, 1000, None), (16, 2000, 2000, None)]
    assert next(table_lines(columns, right)) == "width  params\n"
    assert [*table_lines(columns, right, 10)][2] == "    8   1,000\n"
    frozen = [*right, (32, 3000, 2000, None)]
    assert next(table_lines(columns, frozen)) == "width  params  trainable_params\n"
    asked = table_lines(columns, right, None, (), {"trainable_params"})
    assert next(asked) == "width  params  trainable_params\n"
    mistaken = [*right, (0, None, None, "no")]
    assert next(table_lines(columns, mistaken)) == "width  params  error\n"


def test_an_error_is_cut_where_the_terminal_ends() -> None:
    lines = [*table_lines(COLUMNS, ROWS, 56)]
    assert max(map(len, lines)) <= 57
    assert lines[-1].rstrip().endswith("net.yaml:3:4:…")


def test_no_rows() -> None:
    assert [*csv_lines(COLUMNS, [])] == ["width,kernels,kind,macs,error\n"]
    assert len([*markdown_lines(COLUMNS, [])]) == 2
    assert len([*table_lines(COLUMNS, [])]) == 2
    assert [*json_lines(COLUMNS, [])] == []


def test_a_narrow_terminal_goes_without_the_spare_columns() -> None:
    columns = ("width", "params", "buffers", "depth", "error")
    rows = [(8, 1000, 20, 5, None), (0, None, None, None, "net.yaml:3:4: too small by 8 and more")]
    lines = [*table_lines(columns, rows, 54, ("buffers", "layers", "depth"))]
    assert lines == [
        "width  params  depth  error\n",
        "------------------------------------------------------\n",
        "    8   1,000      5\n",
        "    0                 net.yaml:3:4: too small by 8 an…\n",
        "\nLeft out at 54 columns: buffers.\n",
    ]
    assert max(map(len, table_lines(columns, rows, 50, ("buffers", "depth")))) <= 51
