"""`netspec verify`: what it runs a network on, what it compares, and what it says of failures."""

import math

import numpy as np
import pytest

import netspec
from netspec.layers.activation import ReLU
from netspec.lower.onnx.catalogue import LOWERINGS
from netspec.lower.onnx.emitter import Emitter
from netspec.verify import verify
from netspec.verify.examples import BATCH, inputs_for, sizes_for
from netspec.verify.result import Difference, Verification


def loads(layers: str, inputs: str = "{data: [N, 3, 16, 16]}", more: str = "") -> netspec.Graph:
    return netspec.loads(f"netspec: 1\nname: Net\ninputs: {inputs}\nlayers:\n{layers}\n{more}")


SMALL = """
  - {name: conv, type: Convolution, num_output: 4, kernel_size: 3}
  - {name: relu, type: ReLU}
  - {name: fc, type: InnerProduct, num_output: 5}
"""


@pytest.mark.parametrize("pool", ["ROIPooling", "ROIAlign"])
@pytest.mark.parametrize("seed", range(3))
def test_regions_are_boxes_within_the_image(pool: str, seed: int) -> None:
    layers = f"  - {{name: roi, type: {pool}, pooled_h: 2, pooled_w: 3, bottom: [data, rois]}}"
    graph = loads(layers, "{data: [N, 3, 24, 16], rois: [R, 5]}")
    sizes = sizes_for(graph)
    rois = inputs_for(graph, sizes, seed, "float32")["rois"].astype(np.float64)
    assert rois.shape == (sizes["R"], 5)
    assert set(rois[:, 0]) <= set(range(BATCH))
    assert (rois[:, 1:3] <= rois[:, 3:5]).all()
    assert (rois[:, 1:] >= 0).all()
    assert (rois[:, 1:] <= 16).all()
    assert verify(graph, layers=True).ok


def test_every_symbol_has_a_size_of_its_own() -> None:
    graph = loads(
        "  - {name: roi, type: ROIAlign, pooled_h: 2, pooled_w: 3, bottom: [data, rois]}",
        "{data: [N, 3, H, W], rois: [R, 5]}",
    )
    sizes = sizes_for(graph)
    assert len(set(sizes.values())) == len(sizes) == 4
    assert sizes["N"] == BATCH


def test_open_images_are_as_large_as_the_network_needs() -> None:
    pools = "  - {name: pool, type: Pooling, kernel_size: 2, stride: 2, repeat: 8}"
    graph = loads(pools, "{data: [N, 1, H, W]}")
    assert sizes_for(graph) == {"N": 2, "H": 256, "W": 384}
    assert verify(graph).ok


def test_one_value_a_channel_is_no_obstacle_to_a_pass_in_training() -> None:
    layers = """
  - {name: pool, type: Pooling, pool: AVE, global_pooling: true}
  - {name: bn, type: BatchNorm}
  - {name: aux, type: InnerProduct, num_output: 2, phase: TRAIN}
  - {name: fc, type: InnerProduct, num_output: 2, bottom: bn}
"""
    assert verify(loads(layers, "{data: [1, 3, 8, 8]}", "outputs: [fc, aux]")).ok


def test_a_chain_without_names_takes_its_input_by_place() -> None:
    assert verify(loads("  - {type: ReLU6}\n  - {type: Mish}"), layers=True).ok


def test_inputs_of_either_phase_are_given_in_both() -> None:
    inputs = """
  label: {shape: [N], dtype: int64, phase: TRAIN}
  data: [N, 4]
  mask: {shape: [N, 3], phase: TEST}
  other: [N, 3]"""
    layers = """
  - {name: fc, type: InnerProduct, num_output: 3, bottom: data}
  - {name: sum, type: Eltwise, bottom: [fc, other]}
  - {name: loss, type: SoftmaxWithLoss, bottom: [sum, label], phase: TRAIN}
  - {name: masked, type: Eltwise, bottom: [sum, mask], phase: TEST}
"""
    assert verify(loads(layers, inputs, "outputs: [sum, masked]")).ok


@pytest.fixture
def broken_relu(monkeypatch: pytest.MonkeyPatch) -> str:
    """A lowering that writes an operator that there isn't."""

    def lowered(layer: ReLU, emitter: Emitter) -> None:
        emitter.top("NoSuchOperator", emitter.bottoms)

    monkeypatch.setitem(LOWERINGS, ReLU, lowered)  # type: ignore[misc]
    return "NoSuchOperator"


def test_what_onnx_runtime_refuses_is_said_beside_the_checker(broken_relu: str) -> None:
    result = verify(loads(SMALL))
    assert not result.ok
    assert result.invalid is not None
    assert broken_relu in result.invalid
    (refused,) = result.refused
    assert refused.startswith("ONNX Runtime can't run it: ")
    assert broken_relu in refused


def test_a_layer_that_differs_fails_though_the_outputs_agree() -> None:
    near, far = Difference("fc", (1,), 0.0, 0.0), Difference("conv", (1,), 1.0, 1.0)
    result = Verification("net", 1e-5, 0.0, (near,), 2, (), 2, (), layers=(far, near))
    assert not result.ok
    assert result.first_difference == far


def test_an_output_that_a_target_lacks_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    from netspec.verify.running import OnnxFile

    monkeypatch.setattr(OnnxFile, "outputs", lambda self, inputs: {})
    result = verify(loads(SMALL))
    assert not result.ok
    assert math.isinf(result.outputs[0].relative)


def test_bfloat16_is_run_by_onnxs_evaluator() -> None:
    from netspec.lower.onnx import Options

    result = verify(loads(SMALL), Options(dtype="bfloat16"), layers=True)
    assert result.ok
    assert result.runner == "onnx's reference evaluator"
    assert 0 < result.outputs[0].relative < 0.05
