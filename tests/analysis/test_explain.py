"""Two conventions of one network, reconciled."""

import json

import pytest

import netspec
from netspec.analysis.conventions import CONVENTIONS
from netspec.analysis.explain import Explanation, explain
from netspec.analysis.explain_text import render
from netspec.graph.sizes import total
from tests.specs.measuring import stock

SMALL = """
netspec: 1
name: Small
inputs: {data: [N, 3, 8, 8]}
layers:
  - {name: conv, type: Convolution, num_output: 8, kernel_size: 3, pad: 1}
  - {name: bn, type: BatchNorm}
  - {name: relu, type: ReLU}
  - {name: fc, type: InnerProduct, num_output: 10, bias_term: false}
"""


def adds_up(found: Explanation) -> None:
    assert total(part.difference for part in found.kinds) == found.difference
    assert total(row.difference for row in found.rows) == found.difference
    for row in found.rows:
        assert total(part.difference for part in row.parts) == row.difference
        assert row.difference == row.other - row.one


@pytest.mark.parametrize("name", ["alexnet_owt", "resnet50", "fcn_resnet50", "captioner"])
@pytest.mark.parametrize("other", [name for name in CONVENTIONS if name != "macs"])
def test_differences_add_up(name: str, other: str) -> None:
    """Formulas too."""
    graph = stock(name)
    found = explain(graph, "macs", other)
    adds_up(found)
    assert found.totals[0] == graph.macs
    back = explain(graph, other, "macs")
    assert back.difference == -1 * found.difference


def test_what_makes_fvcores_resnet() -> None:
    """facebookresearch/fvcore#133 wonders that it is 4.11, not 4.09 and not 8."""
    found = explain(stock("resnet50"), "macs", "fvcore")
    assert found.difference == 4111512576 - 4089184256
    made = {str(part.kind): part.difference for part in found.kinds if part.difference}
    assert made == {"batch norm": 2 * 11113984, "adaptively pooled elements": 2048 * 7 * 7}
    assert {row.type for row in found.rows} == {"BatchNorm", "Pooling"}


def test_text() -> None:
    found = render(explain(netspec.loads(SMALL), "macs", "thop"))
    head, rest = found.split("\n\nkind ", 1)
    assert head.splitlines()[0] == "Small: macs and thop, for one item of the batch"
    assert (
        "kind " + rest.split("\n\nBeside")[0]
        == """\
kind         amount  × macs  × thop    macs    thop  difference
---------------------------------------------------------------
convolution  13,824       1       1  13,824  13,824           0
linear        5,120       1       1   5,120   5,120           0
batch norm      512       0       4       0   2,048      +2,048
total                                18,944  20,992      +2,048

layer  type       macs   thop  difference  made by
-----------------------------------------------------
bn     BatchNorm     0  2,048      +2,048  batch norm"""
    )
    assert "\n- nn.GroupNorm and nn.MultiheadAttention count as nothing\n" in found


def test_several_kinds_make_a_layer() -> None:
    found = render(explain(netspec.loads(SMALL), "macs", "flops"))
    (line,) = (line for line in found.splitlines() if line.startswith("conv "))
    assert line.split("  ")[-1] == "+13,824 convolution, +512 convolution bias"


def test_no_difference() -> None:
    text = SMALL.replace("  - {name: bn, type: BatchNorm}\n", "")
    found = explain(netspec.loads(text), "macs", "thop")
    assert found.difference == 0
    assert "\nNo layer of it is counted otherwise.\n" in render(found)


def test_formulas() -> None:
    text = SMALL.replace("8, 8]", "H, W]").partition("  - {name: fc")[0]
    found = explain(netspec.loads(text), "macs", "torchinfo")
    assert str(found.difference) == "8*H*W"
    assert "+8*H*W" in render(found)


def test_json() -> None:
    found = explain(netspec.loads(SMALL), "macs", "torch").to_json()
    assert json.loads(json.dumps(found)) == found
    assert found["totals"] == {"macs": 18944, "torch": 37888}
    assert found["difference"] == 18944
    assert [each["name"] for each in found["conventions"]] == ["macs", "torch"]
    assert found["layers"][0] == {
        "name": "conv",
        "type": "Convolution",
        "counts": {"macs": 13824, "torch": 27648},
        "difference": 13824,
        "kinds": [
            {
                "kind": "convolution",
                "unit": "multiply-add",
                "amount": 13824,
                "counts": {"macs": 13824, "torch": 27648},
                "difference": 13824,
            }
        ],
    }


def test_one_convention_is_not_two() -> None:
    with pytest.raises(ValueError, match="'macs' is one convention; two are compared"):
        explain(stock("lenet"), "macs", "macs")
    with pytest.raises(ValueError, match="there is no convention 'mac'"):
        explain(stock("lenet"), "mac", "flops")
