"""What the tables of `docs/from` say that netspec writes is a layer; limits that a page states."""

import re
from pathlib import Path

import pytest

from netspec import loads
from netspec.elaborate import body, budget, inputs, limits, tabulate
from netspec.expressions import parser, tokens, values
from netspec.language import library, names
from netspec.source import reader

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
GIVEN = (
    "inputs: {x: [N, 8, 32, 32], y: [N, 8, 32, 32], seq: [N, 16, 8], vec: [N, 8], "
    "ids: {shape: [N, 16], dtype: int64}, label: {shape: [N], dtype: int64, phase: TRAIN}}"
)
"""What the tables take for granted."""


def rows(text: str) -> list[tuple[str, str]]:
    """The first cell and all others of each row of a page's tables."""
    return re.findall(r"^\| (.+?) \| (.*) \|$", text, re.MULTILINE)


PAIRS = [
    (page.stem, left, right)
    for page in sorted(DOCS.glob("from/*.md"))
    for left, cells in rows(page.read_text(encoding="utf-8"))
    for right in re.findall("`(type: [A-Z][^`]*)`", cells)
]


@pytest.mark.parametrize(("page", "left", "right"), PAIRS)
def test_each_is_a_layer(page: str, left: str, right: str) -> None:
    """And what stands first in a row on PyTorch is in the source that comes of it."""
    outputs = "outputs: [x]" if "TRAIN" in right else ""
    network = loads(
        f"netspec: 1\nname: Net\nallow: [unused-input]\n{GIVEN}\n"
        f"layers:\n  - {{name: layer, {right}}}\n{outputs}\n"
    )
    if page == "pytorch":
        code = re.match("`([^`]+)`", left)
        assert code is not None
        assert code[1] in network.to_source()


def test_every_page_has_some() -> None:
    assert {page for page, _, _ in PAIRS} == {"caffe", "keras", "pytorch"}


def test_the_limits_of_the_language() -> None:
    text = (DOCS / "language.md").read_text(encoding="utf-8").partition("\n## Limits\n")[2]
    assert limits.MAX_ELEMENTS == 2**40
    assert dict(rows(text)[1:]) == {
        "a file, with all that `use` brings in": f"{reader.MAX_BYTES // 2**20} MiB; "
        f"{library.MAX_FILES} files",
        "nesting of YAML": f"{reader.MAX_DEPTH} levels",
        "what aliases stand for": f"{reader.MAX_EXPANSION:,} values",
        "layers of a network": f"{budget.MAX_LAYERS:,}",
        "scopes within each other": f"{body.MAX_SCOPES}",
        "a name": f"{names.MAX_NAME} characters",
        "axes of an input": f"{inputs.MAX_RANK}",
        "elements of a blob or a parameter": "2⁴⁰",
        "a formula's elements": f"{tabulate.MAX_NUMBERS:,}",
        "an expression": f"{tokens.MAX_LENGTH:,} characters, nested {parser.MAX_DEPTH} levels deep",
        "a list or a string that an expression gives": f"{values.MAX_LENGTH:,} elements",
        "the formula of a symbolic size": f"{values.MAX_FORMULA} characters",
    }
