"""How Sphinx makes a site of the pages: `make docs`.

Why Sphinx, with MyST to read Markdown and Furo for the looks: of the well-kept generators it is the
one that takes any warning for an error, whose search finds headings, in a folder that no server
serves, and that fetches no font and no script. (MkDocs has had no release since 2024, and Material,
which stands on it, mends faults alone; what its authors make instead, Zensical, is before its 1.0.)

The pages are plain Markdown: a forge shows them as they are, without a directive in sight, and
tests/pages checks them without Sphinx. Two things follow. The navigation is what the lists of
index.md link to, under its headings. And the site has the folders of the repository, so that a link
from page to page is the same in both.
"""

import re
from pathlib import Path

from pygments.lexers import ProtoBufLexer
from sphinx.application import Sphinx

from netspec import __version__

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"^- \[([^]]+)\]\(([^)#]+)\.md", re.MULTILINE)
INDEX = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
OUTSIDE = re.findall(r"\]\(\.\./(\w+)\.md\)", INDEX)  # pages at the root that it leads to

project = "netspec"
author = "The netspec authors"
version = release = __version__

extensions = ["myst_parser"]
root_doc = "docs/index"
include_patterns = ["docs/**.md", *(f"{name}.md" for name in OUTSIDE)]
exclude_patterns = [path.name for path in ROOT.iterdir() if path.is_dir() and path.name != "docs"]
myst_heading_anchors = 6  # those that a forge gives
smartquotes = False  # `--` is an option's beginning
nitpicky = True
suppress_warnings = ["misc.highlighting_failure"]  # of examples that show a mistake

html_theme = "furo"
html_title = f"netspec {version}"
html_copy_source = html_show_sourcelink = html_show_copyright = html_use_index = False


def navigation(index: str) -> str:
    """The toctrees for the lists of the index: a heading's list is a part of the sidebar."""
    made = ""
    for section in index.split("\n## ")[1:]:
        title, _, text = section.partition("\n")
        pages = "\n".join(f"{called} <{page}>" for called, page in LINK.findall(text))
        made += f"\n```{{toctree}}\n:hidden:\n:caption: {title}\n\n{pages}\n```\n"
    return made


def add_navigation(app: Sphinx, name: str, source: list[str]) -> None:
    if name == root_doc:
        source[0] += navigation(source[0])


def open_at_the_index(app: Sphinx, error: Exception | None) -> None:
    """The folder itself opens at the index, which lies one below."""
    if error is None:
        to = f'<meta http-equiv="refresh" content="0; url={root_doc}.html">'
        page = f'<!DOCTYPE html><html lang="en"><title>netspec</title>{to}</html>\n'
        Path(app.outdir, "index.html").write_text(page, encoding="utf-8")


def setup(app: Sphinx) -> None:
    app.add_lexer("prototxt", ProtoBufLexer)
    app.connect("source-read", add_navigation)
    app.connect("build-finished", open_at_the_index)
