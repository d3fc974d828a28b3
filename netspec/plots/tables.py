"""The tables of a run's folder: `log.csv` and `test.csv`, as curves."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from netspec.diagnostics import Diagnostic, SpecError
from netspec.plots.curves import BESIDE, Curve, Run
from netspec.printable import printable

LOG, TESTS = "log.csv", "test.csv"
STEP = BESIDE[0]


def read_run(folder: Path, name: str | None = None) -> Run:
    """The run of a folder; SpecError where it has no figures, or what is there are none."""
    trained, tested = _curves(folder / LOG), _curves(folder / TESTS)
    if not trained and not tested:
        message = f"`{folder}` has no figures: neither {LOG} nor {TESTS} has a row"
        raise SpecError([Diagnostic("cannot-read", message, help="`netspec train` writes them")])
    return Run(printable(name or str(folder)), trained, tested)


def _curves(file: Path) -> Mapping[str, Curve]:
    """The figures of a table by their names; none where there is no file."""
    try:
        with file.open(encoding="utf-8", newline="") as text:
            header, *rows = [*_rows(file, csv.reader(text))] or [[]]
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SpecError([_cannot_read(file, reason[:1].lower() + reason[1:])]) from None
    if not rows:
        return {}
    figures = [*zip(*_numbers(file, rows), strict=True)]
    if header[0] != STEP:
        raise SpecError([_cannot_read(file, f"its first column isn't `{STEP}`")])
    named = zip(header[1:], figures[1:], strict=True)
    return {printable(name): Curve(figures[0], values) for name, values in named}


def _rows(file: Path, read: "Iterator[list[str]]") -> Iterator[list[str]]:
    """The rows of a table. The last may be half a row: a run is killed as it writes, or writes."""
    width, short = 0, 0
    for number, row in enumerate(read, 1):
        width = width or len(row)
        if short or len(row) > width:
            raise SpecError([_cannot_read(file, f"line {short or number} is no row of the table")])
        if len(row) < width:
            short = number
        else:
            yield row


def _numbers(file: Path, rows: list[list[str]]) -> Iterator[list[float]]:
    for number, row in enumerate(rows, 2):
        try:
            yield [float(cell) for cell in row]
        except ValueError:
            reason = f"line {number} has something else than numbers"
            raise SpecError([_cannot_read(file, reason)]) from None


def _cannot_read(file: Path, reason: str) -> Diagnostic:
    return Diagnostic("cannot-read", f"can't read `{file}`: {reason}")
