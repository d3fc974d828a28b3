"""A summary as a table of text: as wide as it is, or fitted to a terminal."""

from collections.abc import Sequence
from enum import Enum
from textwrap import wrap
from typing import NamedTuple

from netspec.analysis.bars import Bars, drawn
from netspec.analysis.columns.catalogue import WIDE, columns, usual
from netspec.analysis.columns.column import Column, Unit, Value
from netspec.analysis.columns.figures import Figures
from netspec.analysis.layout import (
    LEAST_FORMULA,
    LEAST_PATH,
    LEAST_TEXT,
    Give,
    Strip,
    end,
    fit,
    total_width,
)
from netspec.analysis.layout import lines as aligned
from netspec.analysis.summary import Summary
from netspec.analysis.totals import every_total
from netspec.analysis.units import short, text, texts

BAR, LEAST_BAR = 10, 3
"""The width of the longest bar, where there is room, and where there is little."""
LONGEST_SHAPE = 16
"""The longest shape, or other text, that isn't shortened: `N×64×16×112×112`."""
SPARE = ("type",)
"""What a narrow terminal goes without, of the usual columns, before it goes without the last."""
RANKS = ("1st", "2nd", "3rd")
NARROWEST = 20
"""The least width that a table is fitted to."""


class Layout(NamedTuple):
    """How a table is laid out: plain, the same wherever it goes, unless a terminal has a width.

    There a wide one has more columns, and shares have bars. With `exact` numbers have all digits.
    """

    width: int | None = None
    bars: Bars = Bars.NONE
    exact: bool = False

    @property
    def rule(self) -> str:
        return "─" if self.bars is Bars.BLOCKS else "-"


class Kind(Enum):
    """What a line is, for those who paint it."""

    TITLE = "title"
    HEADING = "heading"
    RULE = "rule"
    ROW = "row"
    DEAR = "dear"
    TOTAL = "total"
    NOTE = "note"


class Line(NamedTuple):
    """A line of the table; `bar` is what stands in it behind the text."""

    kind: Kind
    text: str
    bar: str = ""

    def __str__(self) -> str:
        return f"{self.text}{self.bar}".rstrip()


PLAIN = Layout()


def render(summary: Summary, layout: Layout = PLAIN) -> str:
    """The whole table as text; ends with a newline."""
    return "".join([f"{line}\n" for line in lines(summary, layout)])


def lines(summary: Summary, layout: Layout) -> list[Line]:
    """The whole table line by line."""
    width = None if layout.width is None else max(NARROWEST, layout.width)
    spare = () if summary.named else SPARE
    strips, gone = fit(_strips(summary, layout, width), width, spare)
    heading, *rows = [Line(Kind.ROW, *each) for each in aligned(strips)]
    dear = {
        number: Line(Kind.DEAR, rows[number].text, rows[number].bar) for number in summary.dearest
    }
    made = [Line(Kind.TITLE, each) for each in _title(summary, width)]
    made += [Line(Kind.ROW, ""), Line(Kind.HEADING, heading.text, heading.bar)]
    made.append(Line(Kind.RULE, layout.rule * total_width(strips)))
    made += [dear.get(number, row) for number, row in enumerate(rows)]
    made.append(Line(Kind.ROW, ""))
    made += [Line(Kind.TOTAL, end(each, width or len(each))) for each in totals_text(summary)]
    if gone:
        note = f"Left out at {width} columns: {', '.join(gone)}."
        made += [Line(Kind.NOTE, each) for each in ("", *wrap(note, width or len(note)))]
    return made


def _strips(summary: Summary, layout: Layout, width: int | None) -> list[Strip]:
    """The columns; of the usual ones as many as a terminal has room for."""
    if summary.named or width is None:
        return _drawn(summary, summary.columns, layout)
    for more in range(len(WIDE), 0, -1):
        names = usual(summary.figures.asked, more)
        strips = _drawn(summary, columns(names), layout)
        if total_width(strips) <= width:
            return strips
    return _drawn(summary, summary.columns, layout)


def _drawn(summary: Summary, chosen: Sequence[Column], layout: Layout) -> list[Strip]:
    made = []
    for column in chosen:
        values = summary.values(column)
        if column.unit is Unit.SHARE and layout.width is not None and not any(values):
            continue  # where counts are formulas there are none, and a terminal has no room to lose
        made.append(_strip(column, column.heading, values, layout))
        if column.unit is Unit.SHARE and layout.bars is not Bars.NONE:
            made.append(_bar(values, layout.bars))
    if layout.bars is not Bars.NONE and summary.dearest:
        marks = [""] * len(summary.places)
        for rank, number in zip(RANKS, summary.dearest, strict=True):
            marks[number] = rank
        made.append(Strip("", "", tuple(marks), tail=True))
    return made


def _strip(column: Column, heading: str, values: Sequence[Value], layout: Layout) -> Strip:
    cells = texts(values, column.unit, layout.exact)
    made = Strip(column.name, heading, tuple(cells))
    if column.name == "name":
        return made._replace(least=LEAST_PATH, give=Give.MIDDLE)
    if column.unit.is_text:
        # A shape of numbers is read as one: it keeps its end, a formula's or a list's may go.
        whole = [len(cell) for cell in cells if len(cell) <= LONGEST_SHAPE]
        return made._replace(least=max(LEAST_TEXT, *whole, 0))
    # A number is never cut, a formula is.
    pairs = zip(cells, values, strict=True)
    numbers = [len(cell) for cell, value in pairs if isinstance(value, int | float)]
    return made._replace(right=True, least=max(LEAST_FORMULA, *numbers, 0))


def _bar(values: Sequence[Value], bars: Bars) -> Strip:
    def draw(width: int) -> tuple[str, ...]:
        return tuple(drawn(values, width, bars))

    return Strip("", "", draw(BAR), least=LEAST_BAR, give=Give.DRAW, draw=draw, tail=True)


def totals_text(summary: Summary) -> list[str]:
    """The lines below the table, exact."""
    figures, found = summary.figures, []
    for each in every_total(figures):
        if each.asked(figures) and each.told(figures):
            value = each.of(figures)
            if each.shown(figures, value):
                found.append((each.heading, _total(value, each.unit, figures)))
        if each.name == "trainable_params" and summary.train_params:
            more = f"{summary.train_params:,} more in layers of the TRAIN phase alone"
            found.append(("", f"  and {more}"))
    if figures.asked.memory:
        from netspec.analysis.training import lines as of_memory

        found += of_memory(figures)
    width = max([12, *(len(heading) for heading, _ in found)])
    made = [f"{heading:<{width}} {value}" if heading else value for heading, value in found]
    least = [f"{name} {size}" for name, size in summary.least.items() if size > 1]
    return [*made, f"{'least sizes':<{width}} {', '.join(least)}"] if least else made


def _total(value: Value, unit: Unit, figures: Figures) -> str:
    if value is None:
        from netspec.analysis.training import wanting

        return wanting(figures)
    if unit is Unit.SECONDS:
        return short(value, unit) or "0"
    exact = text(value, unit) or "0"
    return f"{exact} ({short(value, unit)})" if unit is Unit.BYTES and value else exact


def title(summary: Summary) -> str:
    """The line above the table: the network, its phase, its inputs and outputs."""
    graph, shape = summary.graph, summary.figures.shape
    inputs = ", ".join(f"{blob.name} {shape(blob.shape)}" for blob in graph.inputs)
    outputs = ", ".join(f"{name} {shape(each)}" for name, each in graph.outputs.items())
    return f"{graph.name} ({summary.phase}): {inputs} → {outputs}"


def _title(summary: Summary, width: int | None) -> list[str]:
    whole = title(summary)
    if width is None:
        return [whole]
    return wrap(whole, width, subsequent_indent="  ", break_on_hyphens=False)
