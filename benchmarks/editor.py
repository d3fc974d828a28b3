"""The editor service's time: from a keystroke to what is said of it, as an editor has it.

Specs of 1,000 layers, written out one by one and as instances of blocks, are changed by a key at a
time; each time the diagnostics of the text, a completion and a hover are waited for. Beside it, in
turn, the same keystrokes go to a server on pygls that does nothing but echo: what the protocol
takes. Needs the extras `lsp` and `dev`.
"""

import argparse
import asyncio
import sys
import time
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import pytest_lsp
from lsprotocol import types
from pygls.lsp.server import LanguageServer

KEYS = 30
LAYERS = 1_000


def flat(layers: int) -> str:
    """A network of layers written out one by one."""
    head = "netspec: 1\nname: Flat\ninputs: {data: [N, 8, 32, 32]}\nlayers:\n"
    conv = "  - {{name: conv{0}, type: Convolution, num_output: 8, kernel_size: 3, pad: 1}}\n"
    relu = "  - {{name: relu{0}, type: ReLU}}\n"
    return head + "".join((conv + relu).format(number) for number in range(layers // 2))


def blocks(layers: int) -> str:
    """As many layers, as instances of blocks of four that differ in what they are given."""
    unit = "  unit:\n    args: {planes: required}\n    layers:\n"
    for number in range(2):
        unit += (
            f"      - {{name: conv{number}, type: Convolution, num_output: $planes, "
            f"kernel_size: 3, pad: 1}}\n      - {{name: relu{number}, type: ReLU}}\n"
        )
    uses = "".join(
        f"  - {{name: unit{number}, type: unit, planes: {8 + number % 3}}}\n"
        for number in range(layers // 4)
    )
    head = "netspec: 1\nname: Blocks\ninputs: {data: [N, 8, 32, 32]}\nblocks:\n"
    return f"{head}{unit}layers:\n{uses}"


def echo() -> None:
    """A server that reports nothing of each text, as soon as it has it."""
    server = LanguageServer("echo", "0")

    def say(uri: str) -> None:
        params = types.PublishDiagnosticsParams(uri=uri, diagnostics=[])
        server.text_document_publish_diagnostics(params)

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def _(params: types.DidOpenTextDocumentParams) -> None:
        say(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def _(params: types.DidChangeTextDocumentParams) -> None:
        say(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_COMPLETION)
    def _(params: types.CompletionParams) -> types.CompletionList:
        return types.CompletionList(False, [])

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def _(params: types.HoverParams) -> types.Hover:
        return types.Hover("")

    server.start_io()


class Typist:
    """A client that types into one document."""

    def __init__(self, client: Any, text: str) -> None:
        self.client = client
        self.lines = text.split("\n")
        self.uri = Path("/spec.yaml").as_uri()
        self.document = types.TextDocumentIdentifier(self.uri)
        self.version = 0

    async def open(self) -> None:
        told = await self.waiting()
        item = types.TextDocumentItem(self.uri, "yaml", 0, "\n".join(self.lines))
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        await told

    async def waiting(self) -> "asyncio.Future[Any]":
        """What is done as soon as the next diagnostics are there."""
        told = self.client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        future: asyncio.Future[Any] = asyncio.ensure_future(told)
        await asyncio.sleep(0)  # lets it begin to wait
        return future

    async def key(self) -> dict[str, float]:
        """The seconds until the diagnostics of a text with one more key in its midst are there, and
        those of a completion and a hover asked for right behind another.
        """
        line = len(self.lines) // 2
        column = self.lines[line].index("}")
        found = {}
        told = await self.waiting()
        start = time.perf_counter()
        self._change(line, column, column, " ")
        await told
        found["diagnostics"] = time.perf_counter() - start
        told = await self.waiting()
        start = time.perf_counter()
        self._change(line, column, column, ",")
        asked = types.CompletionParams(self.document, types.Position(line, column + 1))
        await self.client.text_document_completion_async(asked)
        found["completion"] = time.perf_counter() - start
        await told
        start = time.perf_counter()
        place = types.Position(line, self.lines[line].index("type:") + 6)
        await self.client.text_document_hover_async(types.HoverParams(self.document, place))
        found["hover"] = time.perf_counter() - start
        told = await self.waiting()
        self._change(line, column, column + 2, "")
        await told
        return found

    def _change(self, line: int, start: int, end: int, text: str) -> None:
        place = types.Range(types.Position(line, start), types.Position(line, end))
        self.version += 1
        document = types.VersionedTextDocumentIdentifier(uri=self.uri, version=self.version)
        change = types.TextDocumentContentChangePartial(range=place, text=text)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))


async def measure(name: str, text: str, servers: dict[str, list[str]]) -> None:
    typists = {}
    for label, command in servers.items():
        client = pytest_lsp.make_test_lsp_client()
        await client.start_io(sys.executable, *command)
        await client.initialize_session(
            types.InitializeParams(capabilities=types.ClientCapabilities())
        )
        typists[label] = Typist(client, text)
        await typists[label].open()
    times: dict[str, list[dict[str, float]]] = {label: [] for label in typists}
    for _ in range(KEYS):
        for label, typist in typists.items():
            times[label].append(await typist.key())
    print(f"{name}: milliseconds from the key, the median and the 90th percentile of {KEYS}")
    for what in ("diagnostics", "completion", "hover"):
        line = f"  {what:12}"
        for label, found in times.items():
            taken = [each[what] * 1000 for each in found]
            line += f"  {label} {median(taken):6.1f} {quantiles(taken, n=10)[-1]:6.1f}"
        ours, theirs = (median(each[what] for each in found) for found in times.values())
        print(f"{line}  ratio {ours / theirs:.1f}")
    for typist in typists.values():
        await typist.client.shutdown_session()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--echo", action="store_true", help="be the server that echoes")
    if parser.parse_args().echo:
        echo()
        return
    servers = {"netspec": ["-m", "netspec", "lsp"], "echo": [__file__, "--echo"]}
    for name, make in (("written out", flat), ("in blocks", blocks)):
        asyncio.run(measure(f"{LAYERS:,} layers, {name}", make(LAYERS), servers))


if __name__ == "__main__":
    main()
