"""The docstring of an emitted file: what the spec says, and where the file comes from."""

import subprocess
import sys
from pathlib import Path

import pytest

import netspec
from tests.lower.torch.checks import check_text

SPEC = """
netspec: 1
name: Net
doc: {doc}
inputs: {{data: [N, 3, 8, 8]}}
vars: {{width: 4}}
layers:
  - {{name: conv, type: Convolution, num_output: $width, kernel_size: 3}}
"""


def test_a_size_that_is_a_sum_stands_in_parentheses() -> None:
    spec = SPEC.format(doc="Plain.").replace("8, 8", "8, L")
    text = spec + "  - {type: Pad, axis: 3, after: 5}\n"
    assert "Output: 0, N x 4 x 6 x (L + 3)." in netspec.loads(text).to_source()


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


def test_the_main_guard_gives_numbers_that_layers_can_read(tmp_path: Path) -> None:
    """Items of the batch and classes: a random number is none of them."""
    graph = netspec.loads(
        """
netspec: 1
name: Net
inputs: {data: [N, 3, H, W], index: [R, 1], corners: [R, 4], label: [R]}
layers:
  - {name: rois, type: Concat, axis: 1, bottom: [index, corners]}
  - {name: roi, type: ROIAlign, pooled_h: 2, pooled_w: 2, bottom: [data, rois]}
  - {name: fc, type: InnerProduct, num_output: 5}
  - {name: accuracy, type: Accuracy, bottom: [fc, label]}
outputs: [fc, accuracy]
"""
    )
    source = graph.to_source()
    check_text(source)
    for shape in ("1, 1", "1, 4", "1"):
        assert f" torch.zeros({shape}),\n" in source
    file = tmp_path / "net.py"
    file.write_text(source)
    run = subprocess.run([sys.executable, file], capture_output=True, text=True, check=True)
    assert run.stdout == "fc torch.Size([1, 5])\naccuracy torch.Size([])\n"


def test_the_main_guard_gives_volumes_that_a_small_machine_holds() -> None:
    text = "netspec: 1\nname: Net\ninputs: {data: [N, 3, D, H, W]}\nlayers: [{type: ReLU}]\n"
    source = netspec.loads(text).to_source()
    assert "torch.randn(1, 3, 64, 64, 64)" in source
