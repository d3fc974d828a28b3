"""`verify --nonfinite`: the layers at which targets begin to treat NaN and infinities apart."""

import pytest

from netspec.layers.activation import ReLU
from netspec.layers.pooling import Pooling
from netspec.lower.onnx.emitter import Emitter
from netspec.lower.onnx.layers.catalogue import LOWERINGS
from netspec.verify import verify
from netspec.verify.inputs import inputs_for
from netspec.verify.nonfinite import planted
from tests.verify.networks import SMALL, loads

POOL = """
  - {name: conv, type: Convolution, num_output: 4, kernel_size: 3}
  - {name: pool, type: Pooling, kernel_size: 2, stride: 2}
  - {name: after, type: ReLU}
"""


def test_nothing_is_said_unless_asked_for() -> None:
    result = verify(loads(SMALL))
    assert result.nonfinite is None
    assert result.to_json()["nonfinite"] is None


def test_alike() -> None:
    result = verify(loads(SMALL), nonfinite=True)
    assert result.nonfinite == ()
    assert result.ok


def test_the_layer_at_which_it_begins() -> None:
    """ONNX Runtime's MaxPool leaves NaN out, PyTorch's carries it."""
    result = verify(loads(POOL), nonfinite=True)
    (found,) = result.nonfinite or ()
    assert (found.value, found.layer, found.type) == ("nan", "pool", "Pooling")
    assert found.torch > found.other


@pytest.mark.parametrize("known", ["ONNX Runtime leaves NaN out", None])
def test_what_is_known_is_no_fault(known: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pooling, "nonfinite", known)
    result = verify(loads(POOL), nonfinite=True)
    assert result.result == ("failed" if known is None else "verified")
    assert [each.known for each in result.nonfinite or ()] == [known]


def test_a_fault_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    def lowered(layer: ReLU, emitter: Emitter) -> None:
        (bottom,) = emitter.bottoms
        zero = emitter.step("zero", "Sub", [bottom, bottom], emitter.node.tops[0].type)
        emitter.top("Max", [bottom, zero])

    layers = """
  - {name: relu, type: ReLU}
"""
    assert verify(loads(layers), nonfinite=True).nonfinite == ()
    monkeypatch.setitem(LOWERINGS, ReLU, lowered)  # type: ignore[misc]
    result = verify(loads(layers), nonfinite=True)
    assert {each.value for each in result.nonfinite or ()} == {"inf", "-inf"}
    assert result.result == "failed"


def test_one_element_of_each_input_but_of_boxes_and_labels() -> None:
    graph = loads(
        """
  - {name: roi, type: ROIAlign, pooled_h: 2, pooled_w: 3, bottom: [data, rois]}
  - {name: fc, type: InnerProduct, num_output: 4}
  - {name: accuracy, type: Accuracy, bottom: [fc, label]}
""",
        "{data: [2, 3, 24, 16], rois: [4, 5], label: {shape: [4], dtype: int64}}",
    )
    inputs = inputs_for(graph, {}, 0, "float32")
    every = list(planted(graph, inputs))
    assert [str(value) for value, _ in every] == ["nan", "inf", "-inf"]
    for _, made in every:
        changed = {name: int((made[name] != inputs[name]).sum()) for name in inputs}
        assert changed == {"data": 1, "rois": 0, "label": 0}
