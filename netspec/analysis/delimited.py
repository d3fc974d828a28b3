"""A summary's rows for other programs and for papers: CSV and Markdown, exact."""

import csv
import io
import re

from netspec.analysis.columns.column import Column, Value, plain
from netspec.analysis.summary import Summary
from netspec.analysis.units import text
from netspec.graph import Shape

SPECIAL = re.compile(r"[\\|*_`<>\[\]~#&$]")
"""What Markdown would read as more than the character."""


def to_csv(summary: Summary) -> str:
    """The rows below the columns' names, quoted as RFC 4180 says; shapes as `--input` has them."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([each.name for each in summary.columns])
    writer.writerows([[_field(each) for each in row] for row in summary.rows(summary.columns)])
    return out.getvalue()


def _field(value: Value) -> object:
    if isinstance(value, tuple):
        return " ".join([_shape(each) if isinstance(each, Shape) else each for each in value])
    made = plain(value)
    return str(value).replace("×", "x") if isinstance(made, dict | list) else made


def _shape(shape: Shape) -> str:
    return "x".join(map(str, shape.to_json()))


def to_markdown(summary: Summary) -> str:
    """The rows as a table of GitHub's Markdown; ends with a newline."""
    chosen = summary.columns
    heads = [each.heading for each in chosen]
    rule = ["---" if each.unit.is_text else "---:" for each in chosen]
    rows = [[_cell(v, c) for v, c in zip(row, chosen, strict=True)] for row in summary.rows(chosen)]
    return "".join([f"| {' | '.join(row)} |\n" for row in (heads, rule, *rows)])


def _cell(value: Value, column: Column) -> str:
    return SPECIAL.sub(r"\\\g<0>", text(value, column.unit))
