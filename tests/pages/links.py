"""The pages, their headings and their links, as a forge shows them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parent.parent.parent
INDEX = "docs/index.md"
PAGES = [
    path.relative_to(ROOT).as_posix()
    for path in (*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/**/*.md")))
]
ELSEWHERE = re.compile(r"[a-z]+:")


@dataclass(frozen=True, slots=True)
class Link:
    """Where a link of a page leads: a file from the repository's root on, and a heading there."""

    text: str
    file: str
    anchor: str


@cache
def _tokens(page: str) -> list[Token]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return MarkdownIt("commonmark").enable("table").parse(text)


@cache
def anchors(page: str) -> frozenset[str]:
    """What a link to a heading of the page can name, by GitHub's rule."""
    found: dict[str, int] = {}
    for mark, inline in zip(_tokens(page), _tokens(page)[1:], strict=False):
        if mark.type == "heading_open":
            words = "".join(each.content for each in inline.children or ())
            slug = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
            again = found.get(slug, 0)
            found[slug] = again + 1
            found |= {f"{slug}-{again}": 1} if again else {}
    return frozenset(found)


def links(page: str) -> Iterator[Link]:
    """The links of a page that lead into the repository."""
    for token in _tokens(page):
        children = token.children or []
        for number, each in enumerate(children):
            if each.type == "link_open":
                to = str(each.attrs["href"])
                if not ELSEWHERE.match(to):
                    file, _, anchor = to.partition("#")
                    yield Link(_words(children[number + 1 :]), _placed(page, file), anchor)


def _words(after: list[Token]) -> str:
    end = next(number for number, each in enumerate(after) if each.type == "link_close")
    return "".join(each.content for each in after[:end])


def _placed(page: str, file: str) -> str:
    """A file that a page names, from the repository's root on."""
    if not file:
        return page
    path = ROOT.joinpath(page).parent.joinpath(file).resolve()
    return path.relative_to(ROOT).as_posix()
