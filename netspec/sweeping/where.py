"""`--where`: a condition on the names of a row, in the language's own expressions."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from netspec.diagnostics.suggest import did_you_mean
from netspec.expressions import ExpressionError, kind
from netspec.expressions.evaluate import evaluate
from netspec.expressions.parser import parse
from netspec.expressions.syntax import Expression, Name, children

MAX_WORK = 100_000
"""Steps of work that a condition may take for a row."""


class WhereError(ValueError):
    """A text is no condition; the message shows where."""


class Undecided(Exception):
    """A condition is neither true nor false of a row; the message says why."""


@dataclass(frozen=True, slots=True)
class Where:
    """A condition, and its text."""

    text: str
    expression: Expression

    @property
    def names(self) -> set[str]:
        """The names that it reads."""
        return {each.name for each in _names(self.expression)}

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether it is true of a row; Undecided where that can't be told."""
        try:
            found = evaluate(self.expression, _Row(values))
        except ExpressionError as error:
            message = error.message
            if error.code == "symbolic-size":
                message = "it can't be told of a formula; give the inputs fixed sizes"
            raise Undecided(f"`{self.text}`: {message}") from None
        if not isinstance(found, bool):
            raise Undecided(f"`{self.text}` is {kind(found)}, not true or false")
        return found


def parse_where(text: str, names: Collection[str]) -> Where:
    """The condition of a text, which may read those names; WhereError where it is none."""
    try:
        expression = parse(text)
    except ExpressionError as error:
        raise _error(text, error) from None
    for each in _names(expression):
        if each.name not in names:
            help = did_you_mean(each.name, names) or f"there are {', '.join(names)}"
            message = f"no column is called `{each.name}`"
            unknown = ExpressionError("unknown-name", message, each.start, each.end, help)
            raise _error(text, unknown)
    return Where(text, expression)


def _names(expression: Expression) -> Iterator[Name]:
    if isinstance(expression, Name):
        yield expression
    for part in children(expression):
        yield from _names(part)


def _error(text: str, error: ExpressionError) -> WhereError:
    """The error as a message: what is wrong, and the place below the text."""
    help = f"; {error.help}" if error.help else ""
    start, end = (error.start, error.end) if error.end else (0, len(text))
    if len(text) > 200 or not text.isprintable():
        return WhereError(f"{error.message}{help} (at character {start + 1})")
    carets = " " * start + "^" * max(1, end - start)
    return WhereError(f"{error.message}{help}\n  {text}\n  {carets}")


class _Row:
    """What a condition sees."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values
        self.work = 0

    def value(self, name: str) -> Any:
        found = self.values[name]
        if found is None:
            raise ExpressionError("expression-type", f"`{name}` is null here")
        return found

    def spend(self, steps: int) -> None:
        self.work += steps
        if self.work > MAX_WORK:
            raise ExpressionError("too-large", "it takes too long to evaluate")
