"""A new name for a layer, a block, a var or an arg, wherever it is named."""

from dataclasses import dataclass
from pathlib import Path

from netspec.diagnostics import Severity
from netspec.editor.lines import offsets
from netspec.editor.occurrences import Occurrence, Occurrences
from netspec.editor.snapshot import Snapshot, take
from netspec.language.names import is_identifier, problem, value_problem


class CannotRename(Exception):
    """Why something can't get another name, or not that one; for the user to read."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What to write between two offsets of a text."""

    start: int
    end: int
    text: str


def renamable(names: Occurrences, offset: int) -> Occurrence:
    """The name at an offset, if it can be another; CannotRename otherwise."""
    found = names.at(offset)
    if found is None:
        raise CannotRename("there is no name here that the spec defines")
    every, source = names.of(found.target), names.snapshot.source
    if not found.target.sure:
        raise CannotRename(f"`{found.target.name}` holds an expression, or isn't written down")
    elsewhere = next((each for each in every if each.span.source is not source), None)
    if elsewhere is not None:
        raise CannotRename(f"`{found.target.name}` is named in {elsewhere.span.source.name} too")
    last = found.target.name.rpartition(".")[2]
    for each in every:
        start, end = offsets(each.span)
        if source.text[start:end].strip("\"'") != last:
            raise CannotRename(f"`{found.target.name}` isn't written out in {each.span}")
    return found


def rename(names: Occurrences, offset: int, new: str, folder: Path | None = None) -> list[Edit]:
    """The changes that give what stands at an offset a new name; CannotRename where that is no name
    for it, or the spec would have another mistake then.
    """
    found = renamable(names, offset)
    kind = found.target.kind
    wrong = problem(new) if kind == "layer" else None
    if kind in ("var", "arg", "index", "column"):
        wrong = value_problem(new, "a value's name is letters, digits and `_`")
    elif kind != "layer" and not is_identifier(new):
        wrong = "a name is letters, digits and `_`", None
    if wrong is not None:
        raise CannotRename(wrong[0])
    text, edits = names.snapshot.source.text, []
    for each in names.of(found.target):
        start, end = offsets(each.span)
        quote = text[start] if text[start] in "\"'" else ""
        edits.append(Edit(start, end, f"{quote}{new}{quote}"))
    edits.sort(key=lambda edit: edit.start)
    _check(names.snapshot, applied(text, edits), folder)
    return edits


def applied(text: str, edits: list[Edit]) -> str:
    """The text with changes made to it, which are in order and don't touch."""
    pieces, at = [], 0
    for each in edits:
        pieces += [text[at : each.start], each.text]
        at = each.end
    return "".join([*pieces, text[at:]])


def _check(before: Snapshot, text: str, folder: Path | None) -> None:
    """Refuse a name that makes a mistake where there was none, or another network."""
    after = take(text, before.source.name, folder)
    known = {each.code for each in before.diagnostics}
    for each in after.diagnostics:
        if each.severity is Severity.ERROR and each.code not in known:
            raise CannotRename(each.message)
    graphs = before.graph, after.graph
    if graphs[0] is not None and (graphs[1] is None or _wiring(graphs[0]) != _wiring(graphs[1])):
        raise CannotRename("the layers would read others than they do")


def _wiring(graph: object) -> list[tuple[str, tuple[int, ...]]]:
    """The types of the layers, each with the numbers of those that it reads."""
    from netspec.graph import Graph

    assert isinstance(graph, Graph)
    number = {blob.name: at for at, blob in enumerate(graph.inputs)}
    found = []
    for node in graph.nodes:
        found.append((node.type, tuple(number[blob.name] for blob in node.bottoms)))
        for blob in node.tops:
            number[blob.name] = len(number)
    return found
