"""The docstring of an emitted file: what the spec says, and where the file comes from."""

from pathlib import Path

import pytest

import netspec
from tests.lower.torch_checks import check_text

SPEC = """
netspec: 1
name: Net
doc: {doc}
inputs: {{data: [N, 3, 8, 8]}}
vars: {{width: 4}}
layers:
  - {{name: conv, type: Convolution, num_output: $width, kernel_size: 3}}
"""


@pytest.mark.parametrize(
    "doc",
    ["'\"Quoted\" at the start.'", "'At the end \"quoted\"'", '\'""" and \\ within\'', "Plain."],
)
def test_any_doc_is_a_docstring_as_a_formatter_leaves_it(doc: str) -> None:
    check_text(netspec.loads(SPEC.format(doc=doc)).to_source())


def written(source: str) -> str:
    return next(line for line in source.splitlines() if line.startswith("Written by netspec"))


def test_the_bytes_are_the_same_wherever_the_file_lies(tmp_path: Path) -> None:
    sources = set()
    for folder in ("a", "b"):
        file = tmp_path / folder / "net.yaml"
        file.parent.mkdir()
        file.write_text(SPEC.format(doc="Plain."), encoding="utf-8")
        sources.add(netspec.load(file).to_source())
    (source,) = sources
    assert " from net.yaml (sha256 " in written(source)


def test_what_was_asked_for_beside_the_text_is_told() -> None:
    graph = netspec.loads(SPEC.format(doc="Plain."), inputs={"data": ["N", 3, 9, 9]}, width=8)
    assert " from <string> with width=8, data=Nx3x9x9 (sha256 " in written(graph.to_source())
