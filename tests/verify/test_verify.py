"""`netspec verify`: what it runs a network on, what it compares, and what it says of failures."""

import math
from dataclasses import replace

import pytest

from netspec.cli.verification import render
from netspec.layers.activation import ReLU
from netspec.lower.onnx.emitter import Emitter
from netspec.lower.onnx.layers.catalogue import LOWERINGS
from netspec.verify import verify
from netspec.verify.result import Difference, Verification
from tests.verify.networks import SMALL, loads


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
    assert broken_relu in result.invalid["onnx"]
    (refused,) = result.refused
    assert refused.startswith("ONNX Runtime can't run it: ")
    assert broken_relu in refused


def test_a_layer_that_differs_fails_though_the_outputs_agree() -> None:
    near, far = Difference("fc", (1,), 0.0, 0.0), Difference("conv", (1,), 1.0, 1.0)
    result = Verification(
        name="net",
        tolerance=1e-5,
        absolute_tolerance=0.0,
        outputs=(near,),
        shapes_checked=2,
        wrong_shapes=(),
        parameters_checked=2,
        wrong_parameters=(),
        layers=(far, near),
    )
    assert not result.ok
    assert result.first_difference == far


def test_an_output_that_a_target_lacks_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    from netspec.lower.onnx.running import OnnxFile

    monkeypatch.setattr(OnnxFile, "outputs", lambda self, inputs: {})
    result = verify(loads(SMALL))
    assert not result.ok
    assert math.isinf(result.outputs[0].relative)


def test_bfloat16_is_run_by_onnxs_evaluator() -> None:
    from netspec.lower.onnx.options import Options

    result = verify(loads(SMALL), Options(dtype="bfloat16"), layers=True)
    assert result.ok
    assert result.runners == {"onnx": "onnx's reference evaluator"}
    assert 0 < result.outputs[0].relative < 0.05


def test_wide_sums_in_bfloat16_are_added_up_in_float32() -> None:
    """As whatever computes with bfloat16 does: in bfloat16 a sum of ones stops at 256."""
    from netspec.lower.onnx.options import Options

    layers = """
  - {name: fc, type: InnerProduct, num_output: 2048}
  - {name: ln, type: LayerNorm, axis: 1}
  - {name: prob, type: Softmax}
  - {name: inn, type: InstanceNorm, bottom: image}
  - {name: gn, type: GroupNorm, group: 3, bottom: image}
  - {name: mean, type: Pooling, pool: AVE, global_pooling: true, bottom: image}
"""
    inputs = "{data: [N, 8], image: [N, 3, 64, 64]}"
    graph = loads(layers, inputs, "outputs: [ln, prob, inn, gn, mean]")
    result = verify(graph, Options(dtype="bfloat16"))
    assert result.ok
    assert all(0 < each.relative < 0.01 for each in result.outputs)
    assert all(trial.outputs for trial in result.trials)


def test_what_onnxs_evaluator_refuses_is_said(broken_relu: str) -> None:
    from netspec.lower.onnx.options import Options

    (refused,) = verify(loads(SMALL), Options(dtype="bfloat16")).refused
    assert refused.startswith("onnx's reference evaluator can't run it: ")
    assert broken_relu in refused


def test_a_result_that_is_a_parameter() -> None:
    graph = loads("  - {name: c, type: Parameter, shape: [3]}", "{data: [N, 3]}")
    assert verify(graph).ok


def test_what_pytorch_says_is_said_with_the_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    from netspec.verify.torch_network import TorchNetwork

    graph = loads(SMALL)
    whole = TorchNetwork._given

    def narrowed(network: TorchNetwork, *given: object) -> dict[str, object]:
        return {n: t[..., :2] for n, t in whole(network, *given).items()}  # type: ignore[arg-type]

    monkeypatch.setattr(TorchNetwork, "_given", narrowed)
    (refused,) = verify(graph).refused
    assert refused.startswith("PyTorch can't run it: Calculated padded input size")
    assert refused.endswith(" (in conv, Convolution)")


def test_what_onnx_runtime_says_names_no_file_of_ours(broken_relu: str) -> None:
    (refused,) = verify(loads(SMALL)).refused
    assert "/" not in refused
    assert "ONNXRuntimeError" not in refused


def test_a_size_that_is_promised_for_some_heights_alone_is_noticed() -> None:
    """What the rules of Crop let through, at the sizes that show it."""
    layers = """
  - {name: pool, type: Pooling, kernel_size: 2, stride: 2}
  - {name: up, type: Deconvolution, num_output: 3, kernel_size: 2, stride: 2}
"""
    graph = loads(layers, "{data: [N, 3, H, W]}")
    top = replace(graph.nodes[-1].tops[0], type=graph.inputs[0].type)
    last = replace(graph.nodes[-1], tops=(top,))
    nodes = (*graph.nodes[:-1], last)
    wrong = replace(
        graph,
        nodes=nodes,
        results=(top,),
        root=replace(graph.root, members=nodes, outputs=(top,)),
    )
    result = verify(wrong)
    assert not result.wrong_shapes
    (trial,) = (each for each in result.trials if not result.passed(each))
    assert trial.title == "odd sizes (N = 3, H = 31, W = 33)"
    assert trial.wrong_shapes == ("up: predicted (3, 3, 31, 33), PyTorch made (3, 3, 30, 32)",)
    assert result.result == "failed"


def test_what_pytorch_alone_refuses_at_an_edge_is_its_own_limit() -> None:
    """Statistics of a single number, which ONNX Runtime takes."""
    graph = loads("  - {name: norm, type: InstanceNorm}", "{data: [N, 3, H, W]}")
    result = verify(graph)
    assert result.ok
    least = result.trials[0]
    assert least.title == "least sizes (N = 1, H = 1, W = 1)"
    assert least.limit is not None
    assert least.limit.startswith("PyTorch can't run it: Expected more than 1 spatial element")
    assert least.limit.endswith(" (in norm, InstanceNorm)")
    text = render(result)
    assert "  --  with least sizes (N = 1, H = 1, W = 1) ONNX Runtime gives what is pred" in text
