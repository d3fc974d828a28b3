"""The pages as a site: it builds without a warning, is searched without a server, and needs no
other host.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.pages.links import INDEX, ROOT, links

pytest.importorskip("furo", reason="the site is built with what the extra `docs` installs")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    options = ["--quiet", "--fail-on-warning", "--conf-dir", "docs", "--doctree-dir"]
    command = [sys.executable, "-m", "sphinx", *options, str(folder / "trees"), ".", str(folder)]
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return folder


def test_every_page_is_there_and_the_folder_opens_at_the_index(site: Path) -> None:
    for page in (INDEX, *(link.file for link in links(INDEX))):
        assert (site / page).with_suffix(".html").exists(), page
    opened = (site / "index.html").read_text()
    assert f"url={INDEX.removesuffix('.md')}.html" in opened


def test_the_sidebar_is_the_index(site: Path) -> None:
    page = (site / INDEX).with_suffix(".html").read_text(encoding="utf-8")
    (sidebar,) = re.findall(r'<div class="sidebar-tree">(.*?)</div>', page, re.DOTALL)
    shown = re.findall(r'<a class="reference internal" href="([^"]+)">([^<]+)</a>', sidebar)
    assert [text for _, text in shown] == [link.text for link in links(INDEX)]


LOADED = re.compile(
    r"""<(?:script|img|iframe)[^>]+src=["']([^"']+)|<link[^>]+href=["']([^"']+)|"""
    r"""url\(["']?([^)"']+)|@import ["']([^"']+)"""
)


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    text = "".join(each.read_text() for each in [*site.rglob("*.html"), *site.rglob("*.css")])
    found = {name for groups in LOADED.findall(text) for name in groups if name}
    assert found
    assert not [name for name in found if re.match("(https?:)?//", name)]


def test_search_finds_headings(site: Path) -> None:
    text = (site / "searchindex.js").read_text(encoding="utf-8")
    index: Any = json.loads(text.removeprefix("Search.setIndex(").removesuffix(")"))
    pages = index["docnames"]
    titles = {title.lower(): places for title, places in index["alltitles"].items()}
    for heading, page, anchor in [
        ("lrn", "docs/layers", "lrn"),
        ("unknown-field (error)", "docs/errors", "unknown-field-error"),
        ("compile", "docs/commands", "compile"),
    ]:
        places = titles[heading]
        assert [pages.index(page), anchor] in places
