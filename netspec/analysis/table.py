"""A summary as a table: plain text, aligned, the same wherever it goes."""

from collections.abc import Container, Sequence

from netspec.analysis.columns.column import Unit, Value
from netspec.analysis.summary import Summary
from netspec.analysis.totals import TOTALS


def cells(summary: Summary) -> list[tuple[str, ...]]:
    """The table's rows as text, under its header."""
    columns = summary.columns
    units = [each.unit for each in columns]
    rows = [
        tuple([cell(value, unit) for value, unit in zip(row, units, strict=True)])
        for row in summary.values(columns)
    ]
    return [tuple([each.heading for each in columns]), *rows]


def numbers(summary: Summary) -> list[int]:
    """The columns that are aligned to the right."""
    return [number for number, each in enumerate(summary.columns) if not each.unit.is_text]


def cell(value: Value, unit: Unit) -> str:
    """A value with thousands separated; nothing for zero, so that what counts stands out."""
    if value is None or value == 0:
        return ""
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if unit is Unit.SHARE and isinstance(value, float):
        return f"{value:.1%}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def totals_text(summary: Summary) -> list[str]:
    """The lines below the table."""
    values, lines = summary.totals, []
    for each in TOTALS:
        if each.name in values and each.shown(summary.figures, values[each.name]):
            text = cell(values[each.name], each.unit) or "0"
            lines.append(f"{each.heading:<12} {text}")
        if each.name == "trainable_params" and summary.train_params:
            more = f"{summary.train_params:,} more in layers of the TRAIN phase alone"
            lines.append(f"  and {more}")
    least = [f"{name} {size}" for name, size in summary.least.items() if size > 1]
    return [*lines, f"least sizes  {', '.join(least)}"] if least else lines


def title(summary: Summary) -> str:
    """The line above the table: the network, its phase, its inputs and outputs."""
    graph = summary.graph
    inputs = ", ".join(f"{blob.name} {blob.shape}" for blob in graph.inputs)
    outputs = ", ".join(f"{name} {shape}" for name, shape in graph.outputs.items())
    return f"{graph.name} ({summary.phase}): {inputs} → {outputs}"


def render(summary: Summary) -> str:
    """The whole table as plain text; ends with a newline."""
    table = align(cells(summary), numbers(summary))
    return "\n".join([title(summary), "", table, *totals_text(summary)]) + "\n"


def align(rows: Sequence[tuple[str, ...]], numbers: Container[int]) -> str:
    """Rows as columns, the first row as a heading; the columns of `numbers` to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if number in numbers else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    lines.insert(1, "-" * (sum(widths) + 2 * (len(widths) - 1)))
    return "\n".join(lines) + "\n"
