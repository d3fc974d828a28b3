"""Text on its way out: what would show otherwise than it is, escaped.

Names in a spec are checked when it is read. Other text is anybody's: the name of a file, what a
spec says of itself. It must not move a terminal's cursor, begin a line of a log, turn the direction
of what stands behind it, or hide, wherever it goes: messages, tables, emitted source, ONNX files.
Lone surrogates, which stand for bytes of a file name that aren't UTF-8, can't be written at all.
"""

JOINERS = "\u200c\u200d"
"""They hide nothing: Persian, Hindi and emoji are written with them."""


def is_printable(char: str) -> bool:
    """Whether a character shows as what it is; spaces of any width do, line breaks don't."""
    return char.isprintable() or char in JOINERS or (char.isspace() and _is_blank(char))


def printable(text: str) -> str:
    """A text for a line: all else is escaped, line breaks and tabs too."""
    return text if text.isprintable() else "".join(map(_escaped, text))


def printable_lines(text: str) -> str:
    """A text of several lines: its line breaks (`\\n`) and tabs stay."""
    if text.isprintable():
        return text
    return "".join(char if char in "\n\t" else _escaped(char) for char in text)


def encodable(text: str) -> str:
    """The text itself, but for what no encoding has: lone surrogates, escaped."""
    return text.encode("utf-8", "backslashreplace").decode()


def _escaped(char: str) -> str:
    return char if is_printable(char) else repr(char)[1:-1]


def _is_blank(char: str) -> bool:
    from unicodedata import category

    return category(char) == "Zs"
