"""`netspec layers`."""

import subprocess
import sys
from pathlib import Path

import pytest

from netspec.layers import CATALOGUE
from tests.cli.conftest import Run

DOCS = Path(__file__).parents[2] / "docs" / "layers.md"


def test_all_layers_by_family(run: Run) -> None:
    out = run("layers").out
    for name, layer in CATALOGUE.items():
        assert f"\n  {name} " in out
        assert f"{layer.family}\n" in out
    assert out.endswith("\n\n`netspec layers TYPE` prints the page of one.\n")
    assert max(map(len, out.splitlines())) <= 80


def test_a_page(run: Run) -> None:
    result = run("layers", "Flatten")
    assert (result.status, result.err) == (0, "")
    assert (
        result.out
        == """\
Flatten (shape)

Make one axis of several neighbouring ones.

Fields
  axis: integer; 1 unless given
      the first axis; negative: from the back (elsewhere start_dim)
  end_axis: integer; -1 unless given
      the last axis; negative: from the back (elsewhere end_dim)
  and those of every layer: name, bottom, top, repeat, first, index, when,
  otherwise, phase, param, allow, doc

Reads       one bottom
Elements    anything
Gives       one top: the axes from `axis` to `end_axis` become one, their
            product
Parameters  none
MACs        none
FLOPs       none: it only moves elements
Backward    in the example autograd keeps nothing
Source      Caffe's flatten_layer.cpp

Example
  netspec: 1
  name: Example
  inputs: {data: [N, 256, 6, 6]}
  layers:
    - {name: flatten, type: Flatten}
"""
    )


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("convolution", "Convolution (weights)"),
        ("conv2d", "Convolution (weights)"),
        ("batch_norm", "BatchNorm (normalization)"),
        ("CrossEntropyLoss", "SoftmaxWithLoss (losses)"),
    ],
)
def test_names_in_any_case_and_of_others(run: Run, name: str, title: str) -> None:
    result = run("layers", name)
    assert result.out.splitlines()[0] == title
    assert result.status == 0


@pytest.mark.parametrize(
    ("name", "help"),
    [
        ("Convolutoin", "did you mean `Convolution`?"),
        ("Flaten", "did you mean `Flatten`?"),
        ("CrossEntropyLos", "did you mean `SoftmaxWithLoss`?"),
        ("Neg", "it is `Power` with `scale: -1`"),
        ("Wurlitzer", "`netspec layers` lists them"),
    ],
)
def test_unknown_layers(run: Run, name: str, help: str) -> None:
    result = run("layers", name)
    assert result.status == 1
    assert result.out == ""
    assert result.err == (
        f"error[unknown-type]: there is no layer type `{name}`\n  = help: {help}\n"
    )


def test_the_documentation_is_up_to_date(run: Run) -> None:
    assert DOCS.read_text() == run("layers", "--format", "markdown").out, "run `make docs`"


def test_it_imports_no_framework() -> None:
    code = (
        "import sys; sys.argv = ['netspec', 'layers', 'Convolution']\n"
        "from netspec.cli.app import program\n"
        "program(sys.argv[1:])(standalone_mode=False)\n"
        "assert not {'torch', 'onnx', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
