"""From a name to what it means, and from that to all who name or read it."""

from collections.abc import Iterator
from pathlib import Path

from netspec.diagnostics import Span
from netspec.editor.lines import offsets
from netspec.editor.occurrences import Occurrence, Occurrences, Target
from netspec.language.document import Entry
from netspec.source import Scalar, Sequence


def definition(names: Occurrences, offset: int) -> list[Span]:
    """Where what is named at an offset is defined: the producer of a bottom, a block, a var, a file
    that `use` names.
    """
    found = names.at(offset)
    if found is not None:
        spans = [each.span for each in names.of(found.target) if each.defines]
        return [*_block_behind(names, found), *spans]
    return list(_used_file(names, offset))


def _block_behind(names: Occurrences, found: Occurrence) -> Iterator[Span]:
    """The block that a var names, where a type says the var."""
    given = None if found.entry is None else found.entry.fields.get("type")
    if found.entry is None or given is None or found.target.kind != "var":
        return
    block = names.areas.block_of(found.entry)
    (first, last), (start, end) = offsets(given.span), offsets(found.span)
    if (
        block is not None
        and first <= start
        and end <= last
        and found.span.source is given.node.source
    ):
        yield names.document.blocks[block].key.span


def references(names: Occurrences, offset: int, *, declaration: bool = False) -> list[Span]:
    """Where what is named at an offset is named elsewhere; of a layer also who reads it by standing
    behind it. With `declaration` its definition too.
    """
    found = names.at(offset)
    if found is None:
        return []
    every = names.of(found.target)
    spans = [each.span for each in every if declaration or not each.defines]
    return [*spans, *_readers_by_place(names, every, found.target)]


def _readers_by_place(
    names: Occurrences, every: list[Occurrence], target: Target
) -> Iterator[Span]:
    """Entries that say no bottom, behind one that defines the target."""
    for each in every:
        if not each.defines or each.entry is None or target.kind != "layer":
            continue
        spot = names.areas.spots[id(each.entry)]
        following = spot.area.entries[spot.at + 1 : spot.at + 2]
        yield from (entry.span for entry in following if _reads_before(entry))


def _reads_before(entry: Entry) -> bool:
    """Whether an entry reads what stands before it."""
    opens = entry.scope or entry.body is None
    return opens and "bottom" not in entry.fields and not any("bottom" in e for e in _rows(entry))


def _rows(entry: Entry) -> Iterator[frozenset[str]]:
    yield from (frozenset(each) for each in entry.instances or ())


def _used_file(names: Occurrences, offset: int) -> Iterator[Span]:
    """The beginning of the file whose name stands at an offset."""
    given = names.document.top.get("use")
    for each in given.items if isinstance(given, Sequence) else [given]:
        if isinstance(each, Scalar):
            start, end = offsets(each.span)
            if start <= offset <= end:
                wanted = str(Path(names.document.source_text.name).parent / each.text)
                files = names.document.files[1:]
                yield from (Span(file, 1, 1, 1, 1) for file in files if file.name == wanted)
