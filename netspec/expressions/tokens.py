"""The tokens of an expression, and what is wrong with one."""

import re

from netspec.quick import frozen

MAX_LENGTH = 1_000


class ExpressionError(Exception):
    """An expression can't be read or has no value; `start` and `end` are offsets in its text."""

    def __init__(
        self, code: str, message: str, start: int = 0, end: int = 0, help: str | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.start = start
        self.end = end
        self.help = help


_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)(?:[eE][-+]?[0-9]+)?)
      | (?P<name>[A-Za-z_][A-Za-z_0-9]*)
      | (?P<string>'[^'\\]*'|"[^"\\]*")
      | (?P<operator>\*\*|//|==|!=|<=|>=|[-+*/%<>()\[\],.:])
      | (?P<end>\Z)
    )""",
    re.VERBOSE,
)
WORDS = frozenset(("and", "or", "not", "in", "if", "else", "True", "False", "true", "false"))


@frozen
class Token:
    kind: str
    text: str
    start: int
    end: int


def tokenize(text: str) -> list[Token]:
    """The tokens of an expression, the last of kind `end`."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError("too-large", f"an expression of over {MAX_LENGTH} characters")
    tokens = []
    position = 0
    while True:
        match = _TOKEN.match(text, position)
        if match is None:
            start = position + len(text[position:]) - len(text[position:].lstrip())
            raise ExpressionError(
                "expression-syntax",
                f"`{text[start]}` has no meaning in an expression",
                start,
                start + 1,
            )
        kind = match.lastgroup
        assert kind is not None
        word = match.group(kind)
        if kind == "name" and word in WORDS:
            kind = "word"
        tokens.append(Token(kind, word, match.start(match.lastgroup or 0), match.end()))
        if kind == "end":
            return tokens
        position = match.end()
