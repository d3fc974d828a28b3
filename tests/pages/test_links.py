"""Every link of every page leads somewhere, and the index leads to every page."""

import re
import tomllib

import pytest

from tests.pages.links import INDEX, PAGES, ROOT, anchors, links


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    for link in links(page):
        assert (ROOT / link.file).exists(), link
        if link.anchor:
            assert link.anchor in anchors(link.file), link


@pytest.mark.parametrize("page", PAGES)
def test_every_page_that_is_named_is_there(page: str) -> None:
    """As code, which is how a page names one that isn't below the reader's finger."""
    for name in re.findall(r"`(docs/[\w/]+\.md)`", (ROOT / page).read_text(encoding="utf-8")):
        assert (ROOT / name).exists(), name


def test_headings_have_the_anchors_of_a_forge() -> None:
    assert {"instances-that-are-alike", "adding-a-layer"} <= anchors("CONTRIBUTING.md")


def test_the_index_leads_to_every_page_of_docs_once() -> None:
    named = [link.file for link in links(INDEX)]
    pages = [page for page in PAGES if page.startswith("docs/")]
    assert sorted([INDEX, *(name for name in named if name.startswith("docs/"))]) == pages
    assert {"README.md", "CONTRIBUTING.md", "CHANGELOG.md"} <= {*named}


def test_the_sdist_has_what_the_pages_lead_to() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    parts = project["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    led_to = {f"/{link.file.split('/')[0]}" for page in PAGES for link in links(page)}
    assert {"/docs", "/examples", "/README.md"} <= led_to <= {*parts}
