"""`netspec summary`: each of its options, and what is said of wrong ones."""

import json

import pytest

from netspec.analysis.columns.catalogue import MODULES, column
from tests.cli.conftest import Run

SPEC = """\
netspec: 1
name: Tiny
inputs: {data: [N, 3, 8, 8]}
layers:
  - {name: conv, type: Convolution, num_output: 2, kernel_size: 3}
  - {name: norm, type: BatchNorm}
  - {name: fc, type: InnerProduct, num_output: 4, param: [{lr_mult: 0}]}
"""


def layers(run: Run, *options: str) -> list[dict[str, object]]:
    made = json.loads(run("summary", "-", "--format", "json", *options, stdin=SPEC).out)
    found: list[dict[str, object]] = made["layers"]
    return found


def test_columns_as_asked_for(run: Run) -> None:
    out = run("summary", "-", "--columns", "macs,name,buffers", stdin=SPEC).out
    assert out.splitlines()[2:7] == [
        " MACs  layer  buffers",
        "---------------------",
        "1,944  conv",
        "       norm         4",
        "  288  fc",
    ]


def test_columns_beside_those_that_json_has(run: Run) -> None:
    conv, _, fc = layers(run, "--columns", "trainable_params,share")
    usual = ["name", "type", "bottom", "top", "params", "macs", "flops", "activations"]
    assert [*fc] == [*usual, "trainable_params", "share"]
    assert (fc["params"], fc["trainable_params"]) == (292, 4)
    assert (conv["share"], fc["share"]) == (1944 / 2232, 288 / 2232)


def test_a_column_that_is_not_there(run: Run) -> None:
    result = run("summary", "-", "--columns", "name,mac", stdin=SPEC)
    assert result.status == 2
    assert result.out == ""
    words = " ".join(result.err.split())
    said = "Invalid value for --columns: no column is called 'mac'; did you mean `macs`? "
    assert f"{said}The columns are {', '.join(MODULES)}" in words
    result = run("summary", "-", "--columns", "", stdin=SPEC)
    assert "no column is called ''; the columns are name, " in " ".join(result.err.split())


@pytest.mark.parametrize("name", MODULES)
def test_every_column_stands_under_its_name(name: str) -> None:
    found = column(name)
    assert found.name == name
    assert found.heading
    assert found.about


def test_a_batch(run: Run) -> None:
    one, three = layers(run), layers(run, "--batch", "3")
    for each, all in zip(one, three, strict=True):
        for name in ("macs", "flops", "activations"):
            assert all[name] == 3 * int(str(each[name]))
        assert all["params"] == each["params"]
