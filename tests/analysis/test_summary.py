"""The rows and the totals of a summary."""

from pathlib import Path

import pytest

import netspec
from netspec.analysis.columns.catalogue import MODULES, column
from netspec.analysis.columns.figures import Asked
from netspec.analysis.summary import summarize
from netspec.graph.sizes import total

SUMS = ("params", "trainable_params", "buffers", "macs", "flops", "activations")
COSTS = Path(__file__).resolve().parents[2] / "docs" / "costs.md"


@pytest.mark.parametrize("name", ["resnet18", "gpt2", "fast_rcnn_vgg16", "yolov3"])
@pytest.mark.parametrize("depth", [None, 1, 2])
def test_rows_sum_up_to_the_totals(name: str, depth: int | None) -> None:
    made = summarize(netspec.load(name), depth)
    for each in SUMS:
        values = made.values(column(each))
        assert total(values) == made.totals[each]  # type: ignore[arg-type]


def test_a_batch_multiplies_formulas_too() -> None:
    net = netspec.load("yolov3")
    one, four = summarize(net), summarize(net, asked=Asked(batch=4))
    assert str(four.totals["macs"]) == "779456512*H*W"
    assert str(one.totals["macs"]) == "194864128*H*W"


def test_every_column_is_documented() -> None:
    text = COSTS.read_text(encoding="utf-8")
    table = text.partition("| column | what it is |")[2].partition("\n\n")[0]
    assert [name for name in MODULES if f"`{name}`" not in table] == []
