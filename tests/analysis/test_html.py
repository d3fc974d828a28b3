"""What a notebook shows of a network."""

from dataclasses import replace
from html.parser import HTMLParser

import netspec

VOID = {"br", "img", "input", "link", "meta", "hr"}


class Page(HTMLParser):
    """The elements of a page, which must be closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.rows: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        assert tag not in VOID
        self.open.append(tag)
        given = dict(attrs)
        assert given.keys() <= {"class", "style", "title"}
        self.rows += [str(given["title"])] if "title" in given else []

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_scopes_fold() -> None:
    net = netspec.load("resnet50")
    page = Page(net._repr_html_())
    assert page.seen.count("details") == 4 + 16 + 4  # stages, blocks, projections
    assert {*page.rows} >= {node.path for node in net}
    assert "resnet50 (TEST): data N×3×224×224 → fc N×1000" in page.text
    assert "parameters   25,557,032\n" in page.text
    assert not {*page.seen} - {"div", "style", "b", "span", "details", "summary", "pre"}


def test_names_are_text() -> None:
    name = "<script>alert(1)</script>"
    page = Page(replace(netspec.load("lenet"), name=name)._repr_html_())
    assert "script" not in page.seen
    assert f"{name} (TEST)" in page.text


def deep(repeats: int, layers: int) -> netspec.Network:
    body = "".join(f"      - {{name: r{n}, type: ReLU}}\n" for n in range(layers))
    return netspec.loads(
        "netspec: 1\nname: Deep\ninputs: {data: [N, 3]}\n"
        f"blocks:\n  block:\n    layers:\n{body}"
        f"layers:\n  - {{name: stage, type: block, repeat: {repeats}}}\n"
    )


def test_a_page_stays_small() -> None:
    page = Page(deep(300, 30)._repr_html_())
    assert 900 <= len(page.rows) <= 1001
    page = Page(deep(3_000, 1)._repr_html_())
    assert len(page.rows) <= 1001
    flat = "".join(f"  - {{name: r{n}, type: ReLU}}\n" for n in range(3_000))
    net = netspec.loads(f"netspec: 1\nname: Flat\ninputs: {{data: [N, 3]}}\nlayers:\n{flat}")
    page = Page(net._repr_html_())
    assert len(page.rows) == 1_000
    assert "… and 2,000 more" in page.text
