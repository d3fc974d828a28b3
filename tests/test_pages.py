"""The examples of all pages, run in order, in a folder for each page.

A `yaml` block becomes a file, `net.yaml`; a `python` block is run; a command of a `console` block
prints what is shown, as far as a line of `…`, and succeeds where nothing is. A comment right before
a block says what is otherwise: `<!-- file: NAME -->` names the file, `<!-- long run -->` leaves the
block to the slow tests, `<!-- not run: WHY -->` leaves it out.
"""

import io
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from netspec import load
from netspec.cli import main
from tests.pages.links import PAGES as EVERY_PAGE
from tests.plugins.site import EXAMPLE, install_example, look_anew

ROOT = Path(__file__).resolve().parent.parent
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
MADE = {  # from the code, or from examples that have tests of their own
    "docs/commands.md",
    "docs/errors.md",
    "docs/layers.md",
    "docs/python.md",
}
PAGES = [page for page in EVERY_PAGE if page not in MADE]
BLOCK = re.compile(r"^(?:<!-- ([^\n]*) -->\n)?```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
MARK = re.compile(r"file: [\w.]+|long run|not run: .+")


@dataclass(frozen=True, slots=True)
class Block:
    """An example, and what the comment before it says of it."""

    mark: str
    kind: str
    text: str


def blocks(page: str) -> Iterator[Block]:
    text = (ROOT / page).read_text(encoding="utf-8")
    for mark, kind, body in BLOCK.findall(text):
        yield Block(mark, kind, body)


def alexnet(folder: Path) -> None:
    """What a user has: weights for the classes of ImageNet."""
    import torch

    torch.save(load("alexnet").to_torch().state_dict(), folder / "alexnet.pth")


def resnet(folder: Path) -> None:
    from safetensors.torch import save_file

    save_file(load("resnet50").to_torch().state_dict(), folder / "resnet50.safetensors")


PREPARED: dict[str, Callable[[Path], None]] = {"README.md": alexnet, "docs/onnx.md": resnet}
"""What a page takes for granted, for its long runs."""
NEEDED = {
    "docs/drawing.md": ("graphlay", "resvg_py"),
    "docs/howto/plots.md": ("matplotlib",),
    "docs/viewing.md": ("graphlay",),
}
"""The modules of extras without which a page can't be run."""


def test_every_mark_is_understood() -> None:
    marks = [block.mark for page in PAGES for block in blocks(page) if block.mark]
    assert marks
    assert all(MARK.fullmatch(mark) for mark in marks)
    assert {page for page in PAGES for b in blocks(page) if b.mark == "long run"} == set(PREPARED)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where a page is run: the examples are there, and their package is installed."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    install_example(tmp_path / "site")
    monkeypatch.syspath_prepend(EXAMPLE)
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.setattr("netspec.cli.end_on_signals", lambda: None)  # they stay the tests' own
    monkeypatch.chdir(tmp_path)
    look_anew()
    yield tmp_path
    look_anew()


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.filterwarnings("ignore::netspec.SpecWarning")
def test_the_examples(page: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in NEEDED.get(page, ()):
        pytest.importorskip(module)
    walk([block for block in blocks(page) if block.mark != "long run"], monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("page", PREPARED)
@pytest.mark.filterwarnings("ignore::netspec.SpecWarning")
def test_the_long_examples(page: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    PREPARED[page](place)
    walk([block for block in blocks(page) if block.mark == "long run"], monkeypatch)


def walk(examples: list[Block], monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a page's examples, one after the other."""
    names: dict[str, Any] = {}
    for block in examples:
        if block.mark.startswith("not run: "):
            continue
        match block.kind:
            case "yaml" | "prototxt":
                Path(block.mark.removeprefix("file: ") or "net.yaml").write_text(block.text)
            case "python":
                exec(block.text, names)
            case "console":
                for example in re.findall(r"\$ (.*\n(?:[^$].*\n|\n)*)", block.text):
                    command, _, shown = example.partition("\n")
                    check_command(command, shown, monkeypatch)
            case "toml":
                assert block.text in (EXAMPLE / "pyproject.toml").read_text()
            case kind:
                pytest.fail(f"there is no way to run a block of {kind}")


def check_command(command: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command prints what is shown, and succeeds where nothing is."""
    program, *arguments = shlex.split(command, comments=True)
    if program == "make":
        assert f"\n.PHONY: {arguments[0] if arguments else 'help'}\n" in MAKEFILE
    elif program == "netspec":
        printed, status = run([program, *arguments], monkeypatch)
        start, *rest = re.split(r"^ *…\n", shown.strip("\n") + "\n", flags=re.MULTILINE)
        assert printed.startswith(start) if rest else printed == start or not shown
        assert shown or not status, printed
    else:
        done = subprocess.run([program, *arguments], check=True, stdout=subprocess.PIPE, text=True)
        assert done.stdout.strip("\n") == shown.strip("\n")


def run(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> tuple[str, int | str | None]:
    """All that the command prints, and its exit status."""
    written, status = io.BytesIO(), None
    output = io.TextIOWrapper(written, "utf-8", write_through=True)
    monkeypatch.setattr(sys, "argv", arguments)
    with redirect_stderr(output), redirect_stdout(output):
        try:
            main()
        except SystemExit as end:
            status = end.code
    return written.getvalue().decode(), status
