"""The editor service as editors have it: a process that is spoken to over its streams."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.editor.spec import SPEC

pytest.importorskip("pygls", reason="the extra `lsp` isn't installed")
pytest_lsp = pytest.importorskip("pytest_lsp", reason="pytest-lsp isn't installed")

from lsprotocol import types  # noqa: E402 (only where it is there)

CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
Talk = Callable[["Editor"], Awaitable[None]]


class Editor:
    """An editor with one document open."""

    def __init__(self, client: Any, folder: Path, encoding: str) -> None:
        self.client = client
        self.encoding = encoding
        self.folder = folder
        self.uri = (folder / "net.yaml").as_uri()
        self.text = ""
        self.version = 0

    @property
    def document(self) -> types.TextDocumentIdentifier:
        return types.TextDocumentIdentifier(self.uri)

    async def open(self, text: str, *, told: bool = True) -> list[types.Diagnostic]:
        self.text = text
        item = types.TextDocumentItem(self.uri, "yaml", 0, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return await self.told() if told else []

    async def told(self) -> list[types.Diagnostic]:
        await self.client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        return list(self.client.diagnostics[self.uri])

    async def type(self, old: str, new: str) -> list[types.Diagnostic]:
        """Write something else, in one place, and wait for what is said of it."""
        self.write(old, new)
        return await self.told()

    def write(self, old: str, new: str) -> None:
        start = self.text.index(old)
        place = types.Range(self.place(start), self.place(start + len(old)))
        self.text = self.text.replace(old, new, 1)
        self.version += 1
        document = types.VersionedTextDocumentIdentifier(uri=self.uri, version=self.version)
        change = types.TextDocumentContentChangePartial(range=place, text=new)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))

    def place(self, offset: int) -> types.Position:
        """A place in the units that were agreed on, by Python's own codec."""
        line = self.text[:offset].rpartition("\n")[2]
        codec, width = CODECS[self.encoding]
        return types.Position(self.text[:offset].count("\n"), len(line.encode(codec)) // width)

    def at(self, words: str) -> types.Position:
        before, _, after = words.partition("|")
        return self.place(self.text.index(before + after) + len(before))

    def words(self, place: types.Range) -> str:
        """The words of a range on one line."""
        codec, width = CODECS[self.encoding]
        line = self.text.split("\n")[place.start.line].encode(codec)
        start, end = place.start.character * width, place.end.character * width
        return line[start:end].decode(codec)


def talk(folder: Path, told: Talk, *options: str, encoding: str | None = None) -> None:
    async def session() -> None:
        client = pytest_lsp.make_test_lsp_client()
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        await client.start_io(sys.executable, "-m", "netspec", "lsp", *options, env=environment)
        capabilities = pytest_lsp.client_capabilities("neovim")
        offered = None if encoding is None else [types.PositionEncodingKind(encoding)]
        capabilities.general = types.GeneralClientCapabilities(position_encodings=offered)
        result = await client.initialize_session(
            types.InitializeParams(capabilities=capabilities, root_uri=folder.as_uri())
        )
        agreed = result.capabilities.position_encoding
        assert encoding in (None, agreed)
        try:
            await told(Editor(client, folder, agreed))
        finally:
            await client.shutdown_session()
            await client.stop()

    asyncio.run(session())


def test_a_session_of_edits(tmp_path: Path) -> None:
    async def edits(editor: Editor) -> None:
        client = editor.client
        assert await editor.open(SPEC) == []

        (wrong,) = await editor.type("type: Pooling", "type: Poolin")
        assert editor.words(wrong.range) == "Poolin"
        assert (wrong.source, wrong.code) == ("netspec", "unknown-type")
        assert wrong.message.endswith("\nhelp: did you mean `Pooling`?")
        context = types.CodeActionContext([wrong])
        (action,) = await client.text_document_code_action_async(
            types.CodeActionParams(editor.document, wrong.range, context)
        )
        (edit,) = action.edit.changes[editor.uri]
        assert (edit.range, edit.new_text) == (wrong.range, "Pooling")
        assert await editor.type("type: Poolin", "type: Pooling") == []

        (wrong,) = await editor.type(
            "  - {name: fc", "  - {name: new, type: ReLU, bottom: \n  - {name: fc"
        )
        assert wrong.code == "yaml-syntax"
        found = await client.text_document_completion_async(
            types.CompletionParams(editor.document, editor.at("type: ReLU, bottom: |\n"))
        )
        assert [each.label for each in found.items][:2] == ["pool", "features"]
        hints = await client.text_document_inlay_hint_async(
            types.InlayHintParams(
                editor.document, types.Range(types.Position(0, 0), types.Position(99, 0))
            )
        )
        assert len(hints) == 11  # those of the last text that gave a network
        place = types.DefinitionParams(editor.document, editor.at("features.b|}"))
        (there,) = await client.text_document_definition_async(place)
        assert editor.words(there.range) == "b"
        assert await editor.type("  - {name: new, type: ReLU, bottom: \n", "") == []

        hover = await client.text_document_hover_async(
            types.HoverParams(editor.document, editor.at("{name: st|em"))
        )
        assert hover.contents.value.startswith("```text\nstem: N×8×32×32\n")
        readers = await client.text_document_references_async(
            types.ReferenceParams(
                types.ReferenceContext(False), editor.document, editor.at("{name: st|em")
            )
        )
        assert sorted(each.range.start.line for each in readers) == [16, 17, 21]
        symbols = await client.text_document_document_symbol_async(
            types.DocumentSymbolParams(editor.document)
        )
        assert [each.name for each in symbols][-1] == "layers"
        edit = await client.text_document_rename_async(
            types.RenameParams(editor.document, editor.at("{name: st|em"), "trunk")
        )
        assert {each.new_text for each in edit.changes[editor.uri]} == {"trunk"}
        taken = types.RenameParams(editor.document, editor.at("{name: st|em"), "pool")
        with pytest.raises(Exception, match="`pool` is the name of something else here"):
            await client.text_document_rename_async(taken)

    talk(tmp_path, edits)


def test_what_is_asked_right_behind_opening_is_answered(tmp_path: Path) -> None:
    """An outline that was empty would stay so until the next key."""

    async def asks(editor: Editor) -> None:
        await editor.open(SPEC, told=False)
        symbols = await editor.client.text_document_document_symbol_async(
            types.DocumentSymbolParams(editor.document)
        )
        assert "layers" in [each.name for each in symbols]

    talk(tmp_path, asks)


def test_what_is_said_last_is_of_the_text_as_it_is(tmp_path: Path) -> None:
    async def edits(editor: Editor) -> None:
        await editor.open(SPEC)
        for _ in range(10):
            editor.write("type: Pooling", "type: Poolin")
            editor.write("type: Poolin", "type: Pooling")
        editor.write("name: Net", "name: 'N t'")
        found = await editor.told()
        while [each.code for each in found] != ["bad-name"]:
            found = await editor.told()

    talk(tmp_path, edits)


@pytest.mark.parametrize("encoding", [None, "utf-8"])
def test_places_count_in_units_that_are_agreed_on(tmp_path: Path, encoding: str | None) -> None:
    async def edits(editor: Editor) -> None:
        text = SPEC.replace("{name: a, type: ReLU}", "{doc: 𝄞 𝄞, name: a, type: ReLu}")
        (wrong,) = await editor.open(text)
        assert editor.words(wrong.range) == "ReLu"
        assert await editor.type("ReLu", "ReLU") == []
        place = types.DefinitionParams(editor.document, editor.at("[|a, stem"))
        (there,) = await editor.client.text_document_definition_async(place)
        assert editor.words(there.range) == "a"
        more = 2 if encoding is None else 6  # units beyond one for each of the two characters
        assert there.range.start.character == len("      - {doc: 𝄞 𝄞, name: ") + more
        assert editor.encoding == (encoding or "utf-16")

    talk(tmp_path, edits, encoding=encoding)


def test_the_chain_of_blocks_is_told(tmp_path: Path) -> None:
    async def edits(editor: Editor) -> None:
        (wrong,) = await editor.open(
            SPEC.replace("kernel_size: 3, pad: 1, stride", "kernel_size: 99, stride")
        )
        assert wrong.code == "size-underflow"
        (related,) = wrong.related_information or ()
        assert related.location.uri == editor.uri
        assert related.location.range.start.line == 16
        assert related.message.startswith("in block unit, used as body.0 at net.yaml:17:5")

    talk(tmp_path, edits)


def test_used_files_are_read_in_the_workspace_alone(tmp_path: Path) -> None:
    block = "netspec: 1\nblocks:\n  twice:\n    layers:\n      - {type: ReLU}\n"
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    for folder in (outside, inside):
        folder.mkdir()
        (folder / "blocks.yaml").write_text(block)
    (inside / "link").symlink_to(outside)
    using = SPEC.replace("name: Net\n", "name: Net\nuse: blocks.yaml\n").replace(
        "{name: a, type: ReLU}", "{name: a, type: twice}"
    )

    async def edits(editor: Editor) -> None:
        assert await editor.open(using) == []
        place = types.DefinitionParams(editor.document, editor.at("type: twi|ce"))
        (there,) = await editor.client.text_document_definition_async(place)
        assert there.uri == (inside / "blocks.yaml").as_uri()
        assert there.range.start == types.Position(2, 2)
        place = types.DefinitionParams(editor.document, editor.at("use: blo|cks.yaml"))
        (there,) = await editor.client.text_document_definition_async(place)
        assert there.range.start == types.Position(0, 0)
        (wrong, *_) = await editor.type("use: blocks.yaml", "use: ../outside/blocks.yaml")
        assert wrong.message.startswith("`use` stays under the folder of the spec")
        editor.uri = (inside / "link" / "net.yaml").as_uri()
        (wrong, *_) = await editor.open(using)
        assert wrong.code == "use-path"

    talk(inside, edits)


def test_other_files_and_other_checkers_are_left_alone(tmp_path: Path) -> None:
    async def other(editor: Editor) -> None:
        assert await editor.open("services:\n  a: [1, 2]\n") == []
        asked = types.DocumentSymbolParams(editor.document)
        assert not await editor.client.text_document_document_symbol_async(asked)
        (wrong,) = await editor.type("services:\n", "netspec: 1\nname: [\n")
        assert wrong.code == "yaml-syntax"

    async def silent(editor: Editor) -> None:
        await editor.open(SPEC.replace("type: Pooling", "type: Poolin"), told=False)
        context = types.CodeActionContext([])
        (action,) = await editor.client.text_document_code_action_async(
            types.CodeActionParams(
                editor.document, types.Range(types.Position(0, 0), types.Position(99, 0)), context
            )
        )
        assert action.title == "Write Pooling"
        assert editor.uri not in editor.client.diagnostics

    talk(tmp_path, other)
    talk(tmp_path, silent, "--no-diagnostics")
