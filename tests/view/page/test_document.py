"""The page as a file: it fetches nothing, runs its own script alone, and what specs say is text."""

import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from netspec import loads
from netspec.spec_page import file_of
from tests.cli.conftest import Run, run
from tests.view.networks import RESIDUAL
from tests.view.test_files import HOSTILE

__all__ = ["run"]
pytest.importorskip("graphlay")


class Elements(HTMLParser):
    """The elements of a page: their tags and attributes, and the text in each kind."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._tag = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._tag = tag

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self._tag, []).append(data)

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


def digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def test_it_stands_by_itself() -> None:
    page = file_of(loads(RESIDUAL), "TEST")
    elements = Elements(page)
    links = [each[name] for _, each in elements.found for name in ("src", "href") if name in each]
    assert links == ["data:,"]
    assert not re.search(r"url\((?!#)|@import|https?://(?!www\.w3\.org/2000/svg\b)", page)
    handlers = [key for _, each in elements.found for key in each if key.startswith("on")]
    assert not handlers
    assert page == file_of(loads(RESIDUAL), "TEST")


def test_only_its_own_script_may_run() -> None:
    page = file_of(loads(RESIDUAL), "TEST")
    (policy,) = [each["content"] for each in Elements(page).of("meta") if "http-equiv" in each]
    assert policy is not None
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    script, style = page.rpartition("<script>")[2], page.partition("<style>")[2]
    assert rules["script-src"] == digest(script.partition("</script>")[0])
    assert rules["style-src"] == digest(style.partition("</style>")[0])


def test_names_and_docs_are_text() -> None:
    plain = Elements(file_of(loads(RESIDUAL), "TEST"))
    page = file_of(loads(HOSTILE), "TEST")
    hostile = Elements(page)
    assert [tag for tag, _ in hostile.found] == [tag for tag, _ in plain.found]
    data = data_of(page)
    assert data["graph"]["doc"] == '</title><script>alert(1)</script> "quoted" & \\N'
    (block,) = [each for each in data["graph"]["templates"][-1]["boxes"] if each["k"] == "block"]
    assert "\\u202e" in block["d"]
    assert "\u202e" not in json.dumps(data, ensure_ascii=False)


def test_the_text_and_what_is_said_of_it(run: Run, tmp_path: Path) -> None:
    spec, page = tmp_path / "net.yaml", tmp_path / "net.html"
    spec.write_text(RESIDUAL.replace("blocks:\n", "vars: {unread: 1}\nblocks:\n"))
    assert run("compile", str(spec), "-o", str(page)).status == 0
    data = data_of(page.read_text(encoding="utf-8"))
    assert "\n".join(data["text"]["lines"]) == spec.read_text()
    (said,) = data["diagnostics"]
    assert (said["code"], said["severity"], said["line"], said["column"]) == (
        *("unused-var", "warning", 4, 8),
    )
    assert said["file"] == data["text"]["name"]


def test_without_a_file(run: Run) -> None:
    told = run("compile", "-", "-o", "-", "--to", "html", "--phase", "train", stdin=RESIDUAL)
    data = data_of(told.out)
    assert data["graph"]["phase"] == "TRAIN"
    assert data["text"]["name"] == "<stdin>"


def test_without_the_extra(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(__import__("sys").modules, "graphlay", None)
    told = run("compile", "lenet", "-o", str(tmp_path / "net.html"))
    assert told.status == 1
    assert "install it with `pip install 'netspec-compiler[draw]'`" in told.err
    assert not [*tmp_path.iterdir()]
