"""What the editor room says, in the terms of the language server protocol."""

from collections.abc import Iterable
from pathlib import Path

from lsprotocol import types
from pygls import uris

from netspec.diagnostics import Diagnostic, Severity, Span
from netspec.diagnostics.diagnostic import Note
from netspec.editor.actions import Action
from netspec.editor.completion import Item
from netspec.editor.cursor import Cursor
from netspec.editor.hints import Hint
from netspec.editor.lines import Lines, offsets
from netspec.editor.moves import Move
from netspec.editor.outline import Symbol
from netspec.editor.rename import Edit
from netspec.editor.session import Session
from netspec.printable import printable

SOURCE = "netspec"
_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
}
_COMPLETIONS = {
    "key": types.CompletionItemKind.Keyword,
    "field": types.CompletionItemKind.Field,
    "type": types.CompletionItemKind.Class,
    "block": types.CompletionItemKind.Struct,
    "layer": types.CompletionItemKind.Reference,
    "input": types.CompletionItemKind.Reference,
    "function": types.CompletionItemKind.Function,
    "word": types.CompletionItemKind.EnumMember,
}
_SYMBOLS = {
    "layer": types.SymbolKind.Function,
    "group": types.SymbolKind.Namespace,
    "block": types.SymbolKind.Class,
    "input": types.SymbolKind.Interface,
    "var": types.SymbolKind.Variable,
    "variant": types.SymbolKind.Constant,
    "section": types.SymbolKind.Module,
}


def offsets_of(session: Session, place: types.Range) -> tuple[int, int]:
    """The offsets of a range of the document's text."""
    start, end = place.start, place.end
    lines = session.lines
    return lines.offset(start.line, start.character), lines.offset(end.line, end.character)


def _range(lines: Lines, start: int, end: int) -> types.Range:
    return types.Range(types.Position(*lines.place(start)), types.Position(*lines.place(end)))


def span_range(session: Session, span: Span) -> types.Range | None:
    """The range of a place in what was last read of the document, where it is now; None if it has
    been changed or is in another file.
    """
    good = session.good.snapshot if session.good is not None else None
    for snapshot in (session.latest, good):
        if snapshot is not None and span.source is snapshot.source:
            move = session.since(snapshot)
            start, end = map(move.forward, offsets(span))
            if start is not None and end is not None:
                return _range(session.lines, start, end)
    return None


def location(session: Session, uri: str, span: Span) -> types.Location | None:
    """The place of a span, in the document or in a file that it uses."""
    own = span_range(session, span)
    if own is not None:
        return types.Location(uri, own)
    good = session.good.snapshot if session.good is not None else None
    known = [each.document for each in (session.latest, good) if each and each.document]
    used = any(span.source is file for document in known for file in document.files[1:])
    if not used or session.folder is None:
        return None
    target = uris.from_fs_path(str(session.folder / Path(span.source.name)))
    if target is None:
        return None
    return types.Location(target, _range(Lines(span.source.text, session.encoding), *offsets(span)))


def diagnostics(session: Session, uri: str) -> list[types.Diagnostic]:
    """What was said of the text when it was last checked."""
    latest = session.latest
    return [] if latest is None else [_diagnostic(session, uri, d) for d in latest.diagnostics]


def _diagnostic(session: Session, uri: str, found: Diagnostic) -> types.Diagnostic:
    place = None if found.span is None else span_range(session, found.span)
    message, related = printable(found.message), []
    if place is None:
        place = _range(session.lines, 0, session.lines.end(0))
        if found.span is not None:
            message = f"{printable(str(found.span))}: {message}"
            related += _related(session, uri, found.span, message)
    for note in found.notes:
        if isinstance(note, Note):
            related += _related(session, uri, note.span, printable(note))
        else:
            message += f"\n{printable(note)}"
    if found.help is not None:
        message += f"\nhelp: {printable(found.help)}"
    unused = found.severity is Severity.WARNING and found.code.startswith("unused-")
    return types.Diagnostic(
        range=place,
        message=message,
        severity=_SEVERITIES[found.severity],
        code=found.code,
        source=SOURCE,
        tags=[types.DiagnosticTag.Unnecessary] if unused else None,
        related_information=related or None,
    )


def _related(
    session: Session, uri: str, span: Span, text: str
) -> list[types.DiagnosticRelatedInformation]:
    at = location(session, uri, span)
    return [] if at is None else [types.DiagnosticRelatedInformation(at, text)]


def completions(session: Session, cursor: Cursor, items: list[Item]) -> types.CompletionList:
    """What could stand for the word at the cursor, in the order given."""
    place = _range(session.lines, cursor.start, cursor.end)
    found = {each.label: each for each in reversed(items)}
    made = [
        types.CompletionItem(
            label=each.label,
            kind=_COMPLETIONS.get(each.kind, types.CompletionItemKind.Variable),
            detail=printable(each.detail) or None,
            documentation=printable(each.doc) or None,
            sort_text=f"{number:05}",
            filter_text=each.label,
            text_edit=types.TextEdit(place, each.text),
        )
        for number, each in enumerate(reversed(found.values()))
    ]
    return types.CompletionList(is_incomplete=False, items=made)


def inlay_hints(session: Session, move: Move, found: Iterable[Hint]) -> list[types.InlayHint]:
    made = []
    for each in found:
        at = move.forward(each.offset)
        if at is not None:
            place = types.Position(*session.lines.place(at))
            made.append(types.InlayHint(place, each.text, padding_left=True))
    return made


def symbols(session: Session, found: Iterable[Symbol]) -> list[types.DocumentSymbol]:
    """Symbols whose places haven't been changed since they were read."""
    made = []
    for each in found:
        whole, at = span_range(session, each.span), span_range(session, each.at)
        if whole is not None and at is not None:
            kind, inner = _SYMBOLS[each.kind], symbols(session, each.parts)
            name = printable(each.name) or each.kind
            detail = printable(each.detail) or None
            made.append(types.DocumentSymbol(name, kind, whole, at, detail, children=inner))
    return made


def edited(session: Session, uri: str, edits: Iterable[Edit]) -> types.WorkspaceEdit:
    lines = session.lines
    made = [types.TextEdit(_range(lines, each.start, each.end), each.text) for each in edits]
    return types.WorkspaceEdit(changes={uri: made})


def code_action(session: Session, uri: str, action: Action) -> types.CodeAction:
    edit = Edit(action.start, action.end, action.text)
    return types.CodeAction(
        title=action.title,
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[_diagnostic(session, uri, action.diagnostic)],
        edit=edited(session, uri, [edit]),
        is_preferred=True,
    )
