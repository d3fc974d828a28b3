"""Values as text: with units that stand in a line, or exact."""

from collections.abc import Sequence

from netspec.analysis.columns.column import Unit, Value

THOUSANDS = ("", "k", "M", "G", "T", "P", "E")
BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
PARTS = ("s", "ms", "µs", "ns")
LONG = 10**6
"""Counts below it are written out, where all of a column are: they are as short as with a unit."""
GREATEST = 10**21
"""Beyond it there are no units in use, and numbers are written out."""


def texts(values: Sequence[Value], unit: Unit, exact: bool = False) -> list[str]:
    """The values of a column, each as text; points and units stand below each other.

    Nothing stands for zero, so that what counts stands out.
    """
    if exact or unit in (Unit.TEXT, Unit.SHARE) or (unit is Unit.COUNT and not _long(values)):
        return [text(value, unit) for value in values]
    parts = [_scaled(value, unit) for value in values]
    fraction = max((len(each[1]) for each in parts if each is not None), default=0)
    prefix = max((len(each[2]) for each in parts if each is not None), default=0)
    made = []
    for value, part in zip(values, parts, strict=True):
        if part is None:
            made.append(text(value, unit))
        else:
            space = " " if prefix else ""
            made.append(f"{part[0]}{part[1]:<{fraction}}{space}{part[2]:<{prefix}}")
    return made


def text(value: Value, unit: Unit) -> str:
    """A value by itself, exact, with thousands separated; nothing for zero."""
    if value is None or value == 0:
        return ""
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, float):
        if unit is Unit.SHARE:
            return f"{value:.1%}"
        return f"{value:,.6g}" if unit is not Unit.SECONDS else f"{value:.6g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def short(value: Value, unit: Unit) -> str:
    """A value by itself, with its unit."""
    (made,) = texts([value], unit)
    return made.strip()


def _long(values: Sequence[Value]) -> bool:
    return any(isinstance(each, int | float) and abs(each) >= LONG for each in values)


def _scaled(value: Value, unit: Unit) -> tuple[str, str, str] | None:
    """A number's whole part, its fraction with the point, and its unit; None for what has none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value == 0:
        return None
    if unit is Unit.RATIO:
        return _digits(f"{value:,.2f}", "")
    if unit is Unit.SECONDS:
        return _seconds(value)
    names, base = (BINARY, 1024) if unit is Unit.BYTES else (THOUSANDS, 1000)
    if abs(value) >= GREATEST:
        return None
    if abs(value) < base:
        return f"{value:,}", "", names[0]
    step, scaled = 0, float(value)
    # What rounds up to a thousand is one of the next unit.
    while abs(round(scaled, 2)) >= base and step < len(names) - 1:
        step, scaled = step + 1, scaled / base
    return _digits(f"{scaled:,.2f}", names[step])


def _seconds(value: float) -> tuple[str, str, str]:
    step = 0
    while abs(round(value, 2)) < 1 and step < len(PARTS) - 1:
        step, value = step + 1, value * 1000
    return _digits(f"{value:,.2f}", PARTS[step])


def _digits(number: str, unit: str) -> tuple[str, str, str]:
    whole, _, fraction = number.partition(".")
    return whole, f".{fraction}", unit
