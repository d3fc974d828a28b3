"""Who reads a blob that Caffe would have overwritten: text for a help, found in the text alone."""

from collections.abc import Iterator

from netspec.language.document import Document, Entry
from netspec.language.values import Field
from netspec.listed import listed

MAX_READERS = 4
"""Of more readers than these the last are only counted."""


def readers_behind(document: Document, writer: Entry, name: str) -> str:
    """The lines of those behind `writer` that mean what it would have written over `name`.

    The next that writes over it in its turn is the last of them. Outputs of the scope count, if
    nothing does. Empty where nobody names it.
    """
    for entries, outputs in _lists(document):
        place = next((n for n, entry in enumerate(entries) if entry is writer), None)
        if place is None:
            continue
        readers, final = _readers(entries[place + 1 :], name)
        lines = [str(each.node.line) for each in readers]
        if final and name in _names(outputs):
            assert outputs is not None
            lines.append(str(outputs.node.line))
        more = len(lines) - MAX_READERS
        shown = [*lines[:MAX_READERS], f"{more} more"] if more > 0 else lines
        return f"line{'s' * (len(lines) > 1)} {listed(shown)}" if lines else ""
    return ""


def _readers(entries: tuple[Entry, ...], name: str) -> tuple[list[Entry], bool]:
    """The readers, and whether no other entry writes over the blob."""
    readers: list[Entry] = []
    for entry in entries:
        readers += [each for each in _within(entry) if name in _names(each.fields.get("bottom"))]
        if name in _names(entry.fields.get("top")) and not entry.repeats:
            return readers, False
    return readers, True


def _within(entry: Entry) -> Iterator[Entry]:
    """An entry and those of the groups in it, which see the names around them."""
    waiting = [entry]
    while waiting:
        each = waiting.pop()
        yield each
        waiting += reversed(each.body or ())


def _names(field: Field | None) -> list[str]:
    """The names that a field lists, as far as they hold no expression."""
    value = field.compiled if field is not None and not field.broken else []
    return [str(each) for each in (value if isinstance(value, list) else [value])]


def _lists(document: Document) -> Iterator[tuple[tuple[Entry, ...], Field | None]]:
    """All lists of entries, each with the outputs of its scope."""
    waiting = [(document.layers, document.outputs)]
    waiting += [(block.layers, block.outputs) for block in document.blocks.values()]
    while waiting:
        entries, outputs = waiting.pop()
        yield entries, outputs
        for entry in entries:
            if entry.body is not None:
                waiting.append((entry.body, entry.fields.get("outputs")))
