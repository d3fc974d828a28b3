"""The rows and the totals of a summary."""

from pathlib import Path

import pytest

import netspec
from netspec.analysis.columns.catalogue import MODULES, column
from netspec.analysis.columns.figures import Asked
from netspec.analysis.roofline import Device
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


def test_a_batch_multiplies_nothing_that_is_not_of_it() -> None:
    """A product of two tables is worked out once for all items: 4·3·5, and 5·4 an item."""
    net = netspec.loads(
        """
        netspec: 1
        name: Net
        inputs: {data: [N, 5]}
        layers:
          - {name: a, type: Parameter, shape: [4, 3]}
          - {name: b, type: Parameter, shape: [3, 5]}
          - {name: once, type: MatMul, bottom: [a, b]}
          - {name: each, type: MatMul, bottom: [data, once], transpose: true}
        """
    )
    made = summarize(net, asked=Asked(batch=7))
    assert made.values(column("macs")) == [0, 0, 60, 7 * 20]
    assert made.values(column("flops")) == [0, 0, 120, 7 * 40]
    assert made.totals["macs"] == 60 + 7 * 20
    torch = summarize(net, asked=Asked(batch=7, convention="torch"))
    assert torch.totals["torch"] == 2 * (60 + 7 * 20)
    slow = Device("slow", "A slow one", {"float32": 1.0}, 1e9, 1000, "")
    timed = summarize(net, asked=Asked(batch=7, device=slow))
    assert timed.values(column("time"))[2:] == [120, 280]


def test_every_column_is_documented() -> None:
    text = COSTS.read_text(encoding="utf-8")
    table = text.partition("| column | what it is |")[2].partition("\n\n")[0]
    assert [name for name in MODULES if f"`{name}`" not in table] == []
