"""Values of a spec that hold expressions: `$name`, `$(…)`, and text with either inside.

A value that is one expression keeps the expression's type; inside a longer string its text is
inserted. `$$` is a dollar.
"""

import re
from functools import lru_cache

from netspec.expressions.evaluate import evaluate
from netspec.expressions.parser import parse
from netspec.expressions.syntax import Expression, Name, names
from netspec.expressions.tokens import ExpressionError
from netspec.expressions.values import (
    MAX_LENGTH,
    Environment,
    EvaluatedValue,
    HasProperties,
    kind,
)
from netspec.quick import frozen

MAX_SPOKEN = 400
"""How many characters a sentence has that is shown to a reader."""

_NAME = re.compile(r"\$([A-Za-z_][A-Za-z_0-9]*)")


@frozen
class Part:
    """An expression within a string, and where its text begins there."""

    offset: int
    expression: Expression


@frozen
class Template:
    """A string with expressions; a single Part alone keeps its type."""

    parts: tuple[str | Part, ...]

    @property
    def names(self) -> set[str]:
        """The names that the expressions read."""
        return set().union(*(names(p.expression) for p in self.parts if isinstance(p, Part)))

    def evaluate(self, environment: Environment) -> EvaluatedValue:
        """The value; ExpressionError, with offsets in the whole string, where there is none."""
        only = self.parts[0] if len(self.parts) == 1 else ""
        if isinstance(only, Part):
            return _evaluate_part(only, environment)
        text = ""
        for part in self.parts:
            if isinstance(part, str):
                text += part
            else:
                text += _text(part, _evaluate_part(part, environment))
            if len(text) > MAX_LENGTH:
                raise ExpressionError("too-large", f"a text of over {MAX_LENGTH:,} characters")
        return text

    def spoken(self, environment: Environment) -> str:
        """The text for a reader, lists and booleans in it as a spec has them."""
        text = ""
        for part in self.parts:
            text += part if isinstance(part, str) else _spoken(_evaluate_part(part, environment))
        return text if len(text) <= MAX_SPOKEN else f"{text[: MAX_SPOKEN - 1]}…"


def _spoken(value: EvaluatedValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(map(_spoken, value))}]"
    return kind(value) if isinstance(value, dict | HasProperties) else str(value)


def _evaluate_part(part: Part, environment: Environment) -> EvaluatedValue:
    try:
        return evaluate(part.expression, environment)
    except ExpressionError as error:
        error.start += part.offset
        error.end += part.offset
        raise


def _text(part: Part, value: EvaluatedValue) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        start, end = part.expression.start + part.offset, part.expression.end + part.offset
        raise ExpressionError(
            "expression-type", "only numbers and strings go into text", start, end
        )
    return str(value)


@lru_cache(maxsize=1024)
def parse_template(text: str) -> str | Template:
    """A string's template, or the string itself, with `$$` as `$`, where it holds no expression.

    ExpressionError, with offsets in the text, where an expression can't be read.
    """
    if "$" not in text:
        return text
    parts: list[str | Part] = []
    position = 0
    while (dollar := text.find("$", position)) >= 0:
        if dollar > position:
            parts.append(text[position:dollar])
        if text.startswith("$$", dollar):
            parts.append("$")
            position = dollar + 2
        elif text.startswith("$(", dollar):
            position = _closing(text, dollar + 1) + 1
            parts.append(_part(text, dollar + 2, position - 1))
        else:
            position = _name(text, dollar, parts)
    if position < len(text):
        parts.append(text[position:])
    if all(isinstance(part, str) for part in parts):
        return "".join(part for part in parts if isinstance(part, str))
    return Template(tuple(parts))


def _name(text: str, dollar: int, parts: list[str | Part]) -> int:
    match = _NAME.match(text, dollar)
    if match is None:
        message = "`$` must be followed by a name or `(`"
        raise ExpressionError(
            "expression-syntax", message, dollar, dollar + 1, help="`$$` is a dollar"
        )
    end = match.end()
    if dollar == 0 and text[end : end + 1] in (".", "["):
        raise ExpressionError(
            "expression-syntax",
            f"`{match.group()}` ends before `{text[end]}`",
            dollar,
            len(text),
            help=f"write `$({text[1:]})`",
        )
    parts.append(Part(dollar + 1, Name(0, len(match.group(1)), match.group(1))))
    return end


def _part(text: str, start: int, end: int) -> Part:
    try:
        return Part(start, parse(text[start:end]))
    except ExpressionError as error:
        error.start += start
        error.end += start
        raise


def _closing(text: str, opening: int) -> int:
    """Where the bracket at `opening` is closed; brackets within strings don't count."""
    depth = 0
    quote = None
    for position in range(opening, len(text)):
        char = text[position]
        if quote is not None:
            quote = None if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
            if depth == 0:
                return position
    raise ExpressionError(
        "unquoted-expression",
        "this expression isn't closed: YAML ends a plain value at a comma or a bracket in "
        "`{…}` and `[…]`",
        opening - 1,
        len(text),
        help='quote the expression: "$(…)"',
    )
