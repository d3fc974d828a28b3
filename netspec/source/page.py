"""A spec's text as a person would write it: an entry a line, in flow style, and comments."""

from collections.abc import Iterable, Iterator
from typing import Any

from netspec.source.flow import as_flow

WIDTH = 100


class Comment(str):
    """A line of a list of entries that says something to people alone."""

    __slots__ = ()


def page(document: dict[str, Any], head: Iterable[str] = ()) -> str:
    """The text of a document, its keys in their order; `head` are comments at its top.

    Entries of `layers` are mappings, or comments; so are those within blocks.
    """
    lines = [line for each in head for line in _comment(each, "")]
    for key, value in document.items():
        if key == "blocks":
            lines.append("blocks:")
            for name, block in value.items():
                lines.append(f"  {as_flow(name)}:")
                lines += _body(block, "    ")
        elif key == "layers":
            lines += _entries(value, "")
        elif isinstance(value, dict):
            lines.append(f"{key}:")
            lines += [f"  {as_flow(name)}: {as_flow(each)}" for name, each in value.items()]
        else:
            lines.append(f"{key}: {as_flow(value)}")
    return "\n".join(lines) + "\n"


def _body(block: dict[str, Any], indent: str) -> Iterator[str]:
    for key, value in block.items():
        if key == "layers":
            yield from _entries(value, indent)
        else:
            start = f"{indent}{key}: "
            yield from _filled(start, value, indent + "  ")


def _entries(entries: Iterable[Any], indent: str) -> Iterator[str]:
    yield f"{indent}layers:"
    for entry in entries:
        if isinstance(entry, Comment):
            yield from _comment(entry, f"{indent}  ")
        else:
            yield from _filled(f"{indent}  - ", entry, f"{indent}    ")


def _filled(start: str, value: Any, indent: str) -> Iterator[str]:
    """A value in flow style, over several lines where it is too long for one."""
    if not isinstance(value, dict):
        yield start + as_flow(value)
        return
    pieces = [f"{as_flow(k)}: {as_flow(each)}," for k, each in value.items()]
    line = start + "{"
    for piece in [*pieces[:-1], *(last[:-1] + "}" for last in pieces[-1:])]:
        fresh = line.endswith("{")
        if not fresh and len(line) + 1 + len(piece) > WIDTH:
            yield line
            line = f"{indent} {piece}"
        else:
            line += piece if fresh else f" {piece}"
    yield line if pieces else line + "}"


def _comment(text: str, indent: str) -> Iterator[str]:
    """A comment's words, as many to a line as go there."""
    line = f"{indent}#"
    for word in text.split():
        if len(line) + 1 + len(word) > WIDTH and line != f"{indent}#":
            yield line
            line = f"{indent}#"
        line += f" {word}"
    yield line
