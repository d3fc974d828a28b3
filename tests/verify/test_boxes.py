"""Boxes that a network computes."""

import pytest

from netspec.cli.verification import render
from netspec.verify import verify
from netspec.verify.result import Verification
from tests.verify.networks import loads


def pooled(power: str, kind: str = "ROIPooling") -> Verification:
    layers = f"""
  - {{name: moved, type: Power, {power}, bottom: rois}}
  - {{name: pool, type: {kind}, pooled_h: 2, pooled_w: 2, bottom: [data, moved]}}
"""
    return verify(loads(layers, "{data: [N, 3, 16, 16], rois: [R, 5]}"))


@pytest.mark.parametrize("kind", ["ROIPooling", "ROIAlign"])
@pytest.mark.parametrize("power", ["shift: -3", "shift: 5"])
def test_what_is_no_box_is_inconclusive(kind: str, power: str) -> None:
    result = pooled(power, kind)
    assert result.result == "inconclusive"
    assert result.shapes_checked == 0
    reason = (
        "`pool` reads `moved` as boxes, but what the network makes there of the numbers it's run "
        "on are none within the batch"
    )
    assert f"\n  ??  {reason}\n" in render(result)
    assert result.to_json()["refused"] == [reason]


def test_what_is_a_box_is_compared() -> None:
    assert pooled("scale: 0.001").ok


def test_what_is_none_at_an_edge_alone() -> None:
    """The sizes are the usual ones, but an input of ones gives another item."""
    result = pooled("scale: 0.001, shift: 1.5")
    assert result.result == "inconclusive"
    assert [each.name for each in result.outputs] == ["pool"]
