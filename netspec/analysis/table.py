"""A summary as a table: plain text, aligned, the same wherever it goes."""

from collections.abc import Container, Sequence

from netspec.analysis.summary import Row, Summary
from netspec.graph import Size

HEADER = ("layer", "type", "output shape", "parameters", "MACs", "share")
NUMBERS = (3, 4, 5)
"""The columns that are aligned to the right."""


def cells(summary: Summary) -> list[tuple[str, ...]]:
    """The table's rows as text, without its header."""
    return [_cells(row, summary.totals.macs) for row in summary.rows]


def _cells(row: Row, macs: Size) -> tuple[str, ...]:
    return (
        row.name,
        row.type,
        ", ".join(map(str, row.top)),
        count(row.params),
        count(row.macs),
        share(row.macs, macs),
    )


def count(size: Size) -> str:
    """A count with thousands separated; nothing for zero, so that what counts stands out."""
    if isinstance(size, int):
        return f"{size:,}" if size else ""
    return str(size)


def share(part: Size, whole: Size) -> str:
    """The share of all multiply-accumulates, where both are known."""
    if not isinstance(part, int) or not isinstance(whole, int) or not part:
        return ""
    return f"{part / whole:.1%}"


def totals_text(summary: Summary) -> list[str]:
    """The lines below the table."""
    totals = summary.totals
    lines = [f"parameters   {totals.params:,}"]
    if totals.trainable_params != totals.params:
        lines.append(f"  trainable  {totals.trainable_params:,}")
    if totals.train_params:
        lines.append(f"  and {totals.train_params:,} more in layers of the TRAIN phase alone")
    if totals.buffers:
        lines.append(f"buffers      {totals.buffers:,}")
    lines += [
        f"MACs         {count(totals.macs) or 0}",
        f"FLOPs        {count(totals.flops) or 0}",
        f"activations  {count(totals.activations) or 0}",
        f"layers       {totals.layers:,}",
    ]
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
    table = align([HEADER, *cells(summary)], NUMBERS)
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
