"""`netspec.sweep`: a row for each combination."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy
import pytest

import netspec
from netspec import SpecError
from netspec.analysis.summary import summarize
from netspec.sweeping.figures import FIGURES
from tests.sweeping.networks import SPEC, family, plan, written

OPEN = SPEC.replace("  - {name: fc, type: InnerProduct, num_output: 2}\n", "")
"""Without the layer that needs to know its bottom's size."""


def test_a_row_for_each_combination_in_order() -> None:
    rows = [*netspec.sweep(family(), width=[2, 4], kernels=[[3], [3, 3]])]
    asked = [(row["width"], row["kernels"]) for row in rows]
    assert asked == [(2, [3]), (2, [3, 3]), (4, [3]), (4, [3, 3])]
    # 3x3 convolutions of 3 channels with biases, and what two outputs weigh.
    assert [row["params"] for row in rows] == [56 + 146, 56 + 38 + 66, 112 + 290, 112 + 148 + 130]
    assert all(row["error"] is None for row in rows)


@pytest.mark.parametrize("name", ["resnet18", "alexnet", "googlenet", "vgg16"])
def test_figures_are_the_totals_of_the_summary(name: str) -> None:
    """With layers of the TRAIN phase alone, too (GoogLeNet has whole branches)."""
    (row,) = netspec.sweep(name, num_classes=7)
    totals = summarize(netspec.load(name, num_classes=7)).to_json()["totals"]
    assert [*row] == ["num_classes", *FIGURES, "error"]
    assert {figure: row[figure] for figure in FIGURES} == {n: totals[n] for n in FIGURES}


def test_figures_of_memory_are_there_where_they_are_named() -> None:
    totals = summarize(netspec.load("resnet18")).to_json()["totals"]
    least = totals["inference_peak_bytes"]
    asked = f"inference_peak_bytes <= {least} and weight_bytes > 0"
    (row,) = netspec.sweep("resnet18", num_classes=1000, where=asked)
    assert [*row] == ["num_classes", *FIGURES, "weight_bytes", "inference_peak_bytes", "error"]
    assert row["inference_peak_bytes"] == least
    assert [
        *netspec.sweep("resnet18", num_classes=1000, where=f"inference_peak_bytes < {least}")
    ] == []
    (row,) = netspec.sweep("resnet18", num_classes=1000, pareto="activation_bytes")
    assert row["activation_bytes"] == 4 * row["activations"]


def test_columns_that_are_named_are_there_in_their_order() -> None:
    (row,) = netspec.sweep(family(), width=[4], columns=["macs", "weight_bytes", "params", "macs"])
    assert [*row] == ["width", "macs", "weight_bytes", "params", "error"]
    assert row["weight_bytes"] == 4 * row["params"]
    (all_of_it,) = netspec.sweep(family(), width=[4])
    assert row["macs"] == all_of_it["macs"]
    # What the condition and the goals name comes behind.
    chosen = netspec.sweep(
        family(),
        width=[2, 4],
        columns=["depth"],
        where="buffers == 0",
        pareto="inference_peak_bytes",
    )
    (row,) = chosen
    assert [*row] == ["width", "depth", "buffers", "inference_peak_bytes", "error"]
    assert row["width"] == 2


def test_variants_come_first() -> None:
    rows = [*netspec.sweep(family(), variants=["plain", "deep"], width=[4, 8])]
    assert [*rows[0]][:2] == ["variant", "width"]
    assert [(row["variant"], row["width"]) for row in rows] == [
        ("plain", 4),
        ("plain", 8),
        ("deep", 4),
        ("deep", 8),
    ]
    assert rows[3]["params"] == netspec.loads(SPEC, variant="deep", width=8).params


def test_values_of_many_types() -> None:
    rows = [*netspec.sweep(family(), width=numpy.array([2, 4]), note="text", kernels=[(3,)])]
    assert [(row["width"], row["note"]) for row in rows] == [(2, "text"), (4, "text")]
    assert type(rows[0]["width"]) is int


def test_a_mistaken_combination_is_a_row() -> None:
    rows = [*netspec.sweep(family(), kernels=[[3], [9], [0, "x"]])]
    assert rows[0]["error"] is None
    assert rows[1]["error"] == (
        "tiny.yaml:7:88: Convolution would give N×4×0×0: its bottom N×3×8×8 is too small"
    )
    assert rows[1]["params"] is None
    assert rows[2]["error"].endswith("(and 1 more mistake)")


def test_a_figures_name_that_is_swept_stands_once() -> None:
    text = SPEC.replace("note: none", "macs: 3")
    (row,) = netspec.sweep(family(text), macs=[5])
    assert row["macs"] == 5
    assert [*row] == ["macs", *(name for name in FIGURES if name != "macs"), "error"]


def test_formulas() -> None:
    rows = [*netspec.sweep("squeezenet1_0", inputs={"data": ["N", 3, "H", 224]}, num_classes=[5])]
    assert isinstance(rows[0]["macs"], netspec.SymbolicSize)
    assert rows[0]["error"] is None


def test_outputs() -> None:
    (row,) = netspec.sweep(family(), outputs=["conv"], width=2)
    assert row["params"] == 56


def test_where() -> None:
    rows = [*netspec.sweep(family(), width=range(1, 9), where="params < 500 and width > 2")]
    assert [row["width"] for row in rows] == [3, 4]


def test_a_mistaken_row_stays_unless_the_condition_is_false_of_it() -> None:
    def widths(where: str) -> list[int]:
        return [row["width"] for row in netspec.sweep(family(), width=[0, 4, 8], where=where)]

    assert widths("params < 500") == [0, 4]
    assert widths("error == '' and params < 500") == [4]
    assert widths("width > 2 and params < 500") == [4]
    assert widths("width < 2 or params < 500") == [0, 4]


def test_a_condition_that_cant_be_told_is_a_rows_error() -> None:
    given: dict[str, Any] = {"inputs": {"data": ["N", 3, "H", "W"]}}
    rows = [*netspec.sweep(family(OPEN), width=[2, 4], where="macs < 5 or width < 3", **given)]
    assert [row["error"] for row in rows] == [
        "`macs < 5 or width < 3`: it can't be told of a formula; give the inputs fixed sizes"
    ] * 2
    assert rows[0]["params"] == 56
    rows = [*netspec.sweep(family(OPEN), width=[2, 4], where="width < 3 or macs < 5", **given)]
    assert rows[0]["error"] is None


def test_pareto() -> None:
    rows = [*netspec.sweep(family(), width=[2, 4, 0, 8], pareto=["macs", "+width"])]
    assert [row["width"] for row in rows] == [2, 4, 0, 8]
    rows = [*netspec.sweep(family(), width=[4, 2, 0, 8], pareto="macs,params")]
    assert [row["width"] for row in rows] == [2, 0]
    rows = [*netspec.sweep(family(), width=[4, 2], note="a", pareto="note")]
    assert rows[0]["error"] == "`note` can't be weighed, it is a string"
    given: dict[str, Any] = {"inputs": {"data": ["N", 3, "H", "W"]}}
    rows = [*netspec.sweep(family(OPEN), width=4, pareto="params,macs", **given)]
    assert rows[0]["error"] == (
        "`macs` can't be weighed, it is a formula: give the inputs fixed sizes"
    )


def said(error: pytest.ExceptionInfo[SpecError]) -> list[str]:
    return [f"{each.code}: {each.message}" for each in error.value.diagnostics]


def test_what_is_wrong_with_every_combination_is_an_error() -> None:
    with pytest.raises(SpecError) as caught:
        [*netspec.sweep(family(), widht=[1, 2])]
    assert said(caught) == ["unknown-var: tiny.yaml has no var `widht` to set"]
    with pytest.raises(SpecError) as caught:
        [*netspec.sweep(family(), variants=["plain", "depe"])]
    assert said(caught) == ["unknown-variant: tiny.yaml has no variant `depe`"]
    with pytest.raises(SpecError) as caught:
        [*netspec.sweep(family(), inputs={"image": [1, 3, 8, 8]}, width=[1])]
    assert said(caught) == ["unknown-var: tiny.yaml has no input `image`"]
    mistaken = SPEC.replace("num_output: 2", "num_outputs: 2")
    with pytest.raises(SpecError) as caught:
        [*netspec.sweep(family(mistaken), width=[1, 0])]
    assert "unknown-field: nothing here is called `num_outputs`" in said(caught)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"width": []}, ValueError, "`width` has no value to go through"),
        ({"width": [1], "where": "widht"}, ValueError, "no column is called `widht`"),
        ({"width": [1], "where": 3}, TypeError, "`where` should be a str, not 3"),
        (
            {"width": [1], "columns": ["mac"]},
            ValueError,
            r"did you mean `macs`\? The figures are params, trainable_params, buffers, macs, flops",
        ),
        ({"width": [1], "columns": ["time"]}, ValueError, "no figure is called 'time'"),
        ({"width": [1], "columns": "macs"}, TypeError, "`columns` should be a list of names"),
        ({"width": [1], "pareto": "mac"}, ValueError, "no column is called `mac`"),
        ({"width": [1], "jobs": 0}, ValueError, "`jobs` should be at least 1, not 0"),
        ({"variants": "plain"}, TypeError, "`variants` should be a list of names"),
        ({"variants": []}, ValueError, "`variant` has no value to go through"),
        ({"outputs": "fc"}, TypeError, "`outputs` should be a list of names"),
    ],
)
def test_wrong_calls_are_told_at_once(
    given: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        netspec.sweep(family(), **given)


def test_a_name_of_a_spec_will_do(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert [*netspec.sweep(path, width=[2])] == [*netspec.sweep(family(), width=[2])]
    (row,) = netspec.sweep(f"{path}:deep")
    assert [*row] == [*FIGURES, "error"]


def test_a_plan_says_its_columns() -> None:
    made = plan(width=[1, 2])
    assert made.columns == ("width", *FIGURES, "error")
    assert replace(made, outputs=("conv",)).row(0) != made.row(0)
