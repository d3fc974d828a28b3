"""A reconciliation of two conventions as text."""

from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap

from netspec.analysis.conventions import Convention
from netspec.analysis.explain import Explanation, Part
from netspec.graph import Size

WIDTH = 100
"""Where the words are broken; the tables are as wide as they are."""


def render(explanation: Explanation) -> str:
    """The whole: both conventions, the kinds, the layers, and the caveats; ends with a newline."""
    one, other = explanation.one, explanation.other
    lines = [f"{explanation.graph.name}: {one.name} and {other.name}, for one item of the batch"]
    lines += ["", *_says(one), *_says(other), ""]
    lines += _aligned(_kinds(explanation), texts=1)
    lines.append("")
    if explanation.rows:
        lines += _aligned(_layers(explanation), texts=2)
    else:
        lines.append("No layer of it is counted otherwise.")
    for each in (one, other):
        lines += _caveats(each)
    return "\n".join(lines) + "\n"


def _says(convention: Convention) -> list[str]:
    tool = f", as {convention.tool}" if convention.tool else ""
    text = f"{convention.name}, in {convention.unit}{tool}: {convention.says}."
    return wrap(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False)


def _caveats(convention: Convention) -> Iterator[str]:
    if convention.caveats:
        yield from ("", f"Beside its rule, of any network, {convention.name}:")
    for each in convention.caveats:
        yield from wrap(f"- {each}", WIDTH, subsequent_indent="  ", break_on_hyphens=False)


def _kinds(explanation: Explanation) -> Iterator[tuple[str, ...]]:
    """A row for each kind: its amount, what one of it counts, and what all of it does."""
    names = explanation.one.name, explanation.other.name
    yield ("kind", "amount", *(f"× {name}" for name in names), *names, "difference")
    for part in explanation.kinds:
        weights = (each.weights.get(part.kind, 0) for each in (explanation.one, explanation.other))
        counts = (number(each) for each in (part.one, part.other))
        row = (number(part.amount), *map(str, weights), *counts, signed(part.difference))
        yield (str(part.kind), *row)
    totals = (number(each) for each in explanation.totals)
    yield ("total", "", "", "", *totals, signed(explanation.difference))


def _layers(explanation: Explanation) -> Iterator[tuple[str, ...]]:
    """A row for each layer that is counted otherwise, and the kinds that make the difference."""
    names = explanation.one.name, explanation.other.name
    yield ("layer", "type", *names, "difference", "made by")
    for row in explanation.rows:
        counts = number(row.one), number(row.other), signed(row.difference)
        yield (row.path, row.type, *counts, _made_by(row.parts))


def _made_by(parts: Sequence[Part]) -> str:
    if len(parts) == 1:
        return str(parts[0].kind)
    return ", ".join(f"{signed(part.difference)} {part.kind}" for part in parts)


def number(size: Size) -> str:
    """A count with thousands separated.

    >>> number(1234567)
    '1,234,567'
    """
    return f"{size:,}" if isinstance(size, int) else str(size)


def signed(size: Size) -> str:
    """A difference with its sign.

    >>> signed(1000), signed(-1), signed(0)
    ('+1,000', '-1', '0')
    """
    text = number(size)
    return text if text.startswith("-") or size == 0 else f"+{text}"


def _aligned(rows: Iterable[tuple[str, ...]], texts: int) -> list[str]:
    """Rows as columns below a heading: the first ones are text, and a last one of words if any;
    the others are numbers, to the right.
    """
    every = [*rows]
    widths = [max(map(len, column)) for column in zip(*every, strict=True)]
    words = every[0][-1] == "made by"
    lines = []
    for row in every:
        cells = [
            cell.ljust(width)
            if number < texts or (words and number == len(row) - 1)
            else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return [lines[0], "-" * max(map(len, lines)), *lines[1:]]
