"""The editor service as a language server, on pygls: what is asked is passed on, and what is
answered put in the protocol's terms.

Only this and `answers` import pygls, which takes half a second.
"""

import asyncio
import logging
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO

from lsprotocol import types
from pygls import uris
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer

from netspec._version import __version__
from netspec.diagnostics import Span
from netspec.editor import answers
from netspec.editor.actions import actions
from netspec.editor.hints import hints
from netspec.editor.hover import hover
from netspec.editor.navigation import definition, references
from netspec.editor.occurrences import Occurrence
from netspec.editor.outline import outline
from netspec.editor.rename import CannotRename, renamable, rename
from netspec.editor.session import Reading, Session

DELAY = 0.01
"""How many seconds a check waits, so that what is asked right behind a key is answered first."""


def folder_of(uri: str, roots: Iterable[str]) -> Path | None:
    """Where `use` of a document may look: in the folder of its file, unless links lead out of the
    workspace folder that it was opened in.
    """
    path = uris.to_fs_path(uri)
    if path is None or not uri.startswith("file:"):
        return None
    folder = Path(path).parent
    around = [Path(root) for root in roots if folder.is_relative_to(root)]
    try:
        inside = all(folder.resolve().is_relative_to(root.resolve()) for root in around)
    except (OSError, RuntimeError):
        return None
    return folder if inside else None


class Server(LanguageServer):
    """A server that says on standard error what it has no answer for: where the editor can't be
    written to, telling it so would fail again, without end.
    """

    def report_server_error(self, error: Exception, source: object) -> None:
        if not isinstance(error, JsonRpcException):  # which is an answer
            print(f"netspec lsp: {error}", file=sys.stderr)


class Service:
    """The open documents of one editor."""

    def __init__(self, server: LanguageServer, *, diagnostics: bool) -> None:
        self.server = server
        self.diagnostics = diagnostics
        self.sessions: dict[str, Session] = {}
        self.checks: dict[str, asyncio.Task[None]] = {}
        self.worker = ThreadPoolExecutor(1)

    def open(self, uri: str) -> None:
        workspace = self.server.workspace
        roots = [uris.to_fs_path(each) for each in (*workspace.folders, workspace.root_uri or "")]
        folder = folder_of(uri, [root for root in roots if root is not None])
        name = Path(uris.to_fs_path(uri) or "spec.yaml").name
        encoding = str(getattr(workspace.position_encoding, "value", workspace.position_encoding))
        self.sessions[uri] = Session(name, folder, "", encoding)
        self.changed(uri)

    def changed(self, uri: str) -> None:
        """Take over a document's text, and have it checked unless that is under way."""
        session = self.sessions.get(uri)
        if session is None:
            return
        session.text = self.server.workspace.get_text_document(uri).source
        if uri not in self.checks:
            self.checks[uri] = asyncio.get_running_loop().create_task(self._check(uri, session))

    def close(self, uri: str) -> None:
        check = self.checks.pop(uri, None)
        if check is not None:
            check.cancel()
        if self.sessions.pop(uri, None) is not None:
            self._publish(uri, [])

    async def _check(self, uri: str, session: Session) -> None:
        """Check a document, and once more if it has changed meanwhile: no more than one check is
        under way, however fast one types, and what is said is said of the text as it is.
        """
        loop = asyncio.get_running_loop()
        try:
            while True:
                await asyncio.sleep(DELAY)
                session.keep(await loop.run_in_executor(self.worker, session.check))
                if session.is_current:
                    break
        finally:
            if self.checks.get(uri) is asyncio.current_task():
                del self.checks[uri]
        self._publish(uri, answers.diagnostics(session, uri))
        self._refresh_hints()

    def _publish(self, uri: str, found: list[types.Diagnostic]) -> None:
        if self.diagnostics:
            params = types.PublishDiagnosticsParams(uri=uri, diagnostics=found)
            self.server.text_document_publish_diagnostics(params)

    def _refresh_hints(self) -> None:
        workspace = self.server.client_capabilities.workspace
        hint = None if workspace is None else workspace.inlay_hint
        if hint is not None and hint.refresh_support:
            self.server.workspace_inlay_hint_refresh(None)

    def checked(self, uri: str) -> Session | None:
        """A document that has been checked once: editors ask for the outline and for hints as they
        open one, and not again before it changes.
        """
        session = self.sessions.get(uri)
        if session is not None and session.latest is None:
            session.refresh()
        return session

    def at(self, params: Any) -> tuple[Session, Reading, int] | None:
        """The document that is asked about, what was last read of it, and the place there."""
        session = self.checked(params.text_document.uri)
        if session is None or session.good is None or not session.is_ours:
            return None
        offset = session.lines.offset(params.position.line, params.position.character)
        return session, session.good, session.since(session.good.snapshot).back(offset)

    def located(self, uri: str, spans: Iterable[Span]) -> list[types.Location]:
        session = self.sessions[uri]
        found = (answers.location(session, uri, span) for span in spans)
        return [each for each in found if each is not None]


def make_server(*, diagnostics: bool = True) -> LanguageServer:
    """The server, which is yet to be started; without `diagnostics` it reports no mistakes."""
    server = Server("netspec", __version__)
    # An answer that is an error is logged with its traceback; the editor shows the message.
    logging.getLogger("pygls").setLevel(logging.CRITICAL)
    service = Service(server, diagnostics=diagnostics)
    _documents(server, service)
    _questions(server, service)
    _places(server, service)
    _changes(server, service)
    return server


def serve(stdin: BinaryIO, stdout: BinaryIO, *, diagnostics: bool = True) -> None:
    """Serve one editor until it leaves."""
    make_server(diagnostics=diagnostics).start_io(stdin, stdout)


def _documents(server: LanguageServer, service: Service) -> None:
    """Documents come, change and go."""

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def _(params: types.DidOpenTextDocumentParams) -> None:
        service.open(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def _(params: types.DidChangeTextDocumentParams) -> None:
        service.changed(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    async def _(params: types.DidSaveTextDocumentParams) -> None:
        for uri in list(service.sessions):  # others may use the file that was saved
            service.changed(uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    async def _(params: types.DidCloseTextDocumentParams) -> None:
        service.close(params.text_document.uri)


def _questions(server: LanguageServer, service: Service) -> None:
    """What could stand here, what is this, what comes of it."""

    @server.feature(
        types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=[" ", ".", "$"])
    )
    def _(params: types.CompletionParams) -> types.CompletionList | None:
        session = service.sessions.get(params.text_document.uri)
        if session is None:
            return None
        offset = session.lines.offset(params.position.line, params.position.character)
        found = session.complete(offset)
        return None if found is None else answers.completions(session, *found)

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def _(params: types.HoverParams) -> types.Hover | None:
        asked = service.at(params)
        found = None if asked is None else hover(asked[1].names, asked[2])
        if asked is None or found is None:
            return None
        text = types.MarkupContent(types.MarkupKind.Markdown, found.text)
        return types.Hover(text, answers.span_range(asked[0], found.span))

    @server.feature(types.TEXT_DOCUMENT_INLAY_HINT)
    def _(params: types.InlayHintParams) -> list[types.InlayHint]:
        session = service.checked(params.text_document.uri)
        if session is None or session.shaped is None:
            return []
        move = session.since(session.shaped)
        start, end = answers.offsets_of(session, params.range)
        found = hints(session.shaped, move.back(start), move.back(end))
        return answers.inlay_hints(session, move, found)

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def _(params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        session = service.checked(params.text_document.uri)
        if session is None or session.good is None or not session.is_ours:
            return []
        document = session.good.snapshot.document
        assert document is not None
        return answers.symbols(session, outline(document))


def _places(server: LanguageServer, service: Service) -> None:
    """Where something is defined, and who names it."""

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    def _(params: types.DefinitionParams) -> list[types.Location]:
        asked = service.at(params)
        spans = [] if asked is None else definition(asked[1].names, asked[2])
        return service.located(params.text_document.uri, spans) if spans else []

    @server.feature(types.TEXT_DOCUMENT_REFERENCES)
    def _(params: types.ReferenceParams) -> list[types.Location]:
        asked = service.at(params)
        declared = params.context.include_declaration
        if asked is None:
            return []
        spans = references(asked[1].names, asked[2], declaration=declared)
        return service.located(params.text_document.uri, spans)

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
    def _(params: types.DocumentHighlightParams) -> list[types.DocumentHighlight]:
        asked = service.at(params)
        found = None if asked is None else asked[1].names.at(asked[2])
        if asked is None or found is None:
            return []
        spans = (each.span for each in asked[1].names.of(found.target))
        ranges = (answers.span_range(asked[0], span) for span in spans)
        return [types.DocumentHighlight(each) for each in ranges if each is not None]


def _changes(server: LanguageServer, service: Service) -> None:
    """Changes of the text: names, and what helps against mistakes."""

    def changing(params: Any, change: "Callable[[Session, Reading, int], Any]") -> Any:
        session = service.sessions.get(params.text_document.uri)
        if session is None or not session.is_ours:
            return None
        session.refresh()
        assert session.latest is not None
        if session.latest.document is None or session.good is None:
            raise JsonRpcInvalidParams("the spec can't be read as it is")
        offset = session.lines.offset(params.position.line, params.position.character)
        try:
            return change(session, session.good, offset)
        except CannotRename as error:
            raise JsonRpcInvalidParams(str(error)) from None

    @server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
    def _(params: types.PrepareRenameParams) -> types.Range | None:
        def prepare(session: Session, reading: Reading, offset: int) -> types.Range | None:
            found: Occurrence = renamable(reading.names, offset)
            return answers.span_range(session, found.span)

        made: types.Range | None = changing(params, prepare)
        return made

    @server.feature(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))
    def _(params: types.RenameParams) -> types.WorkspaceEdit | None:
        uri = params.text_document.uri

        def change(session: Session, reading: Reading, offset: int) -> types.WorkspaceEdit:
            edits = rename(reading.names, offset, params.new_name, session.folder)
            return answers.edited(session, uri, edits)

        made: types.WorkspaceEdit | None = changing(params, change)
        return made

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix]),
    )
    def _(params: types.CodeActionParams) -> list[types.CodeAction]:
        session = service.sessions.get(params.text_document.uri)
        if session is None or not session.is_ours:
            return []
        session.refresh()
        assert session.latest is not None
        found = actions(session.latest, *answers.offsets_of(session, params.range))
        return [answers.code_action(session, params.text_document.uri, each) for each in found]
