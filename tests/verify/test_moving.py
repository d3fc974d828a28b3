"""Whether a comparison would notice: parameters that move nothing, and what is compared for it."""

import numpy as np
import pytest

import netspec
from netspec.graph.needed import needed_by_results
from netspec.lower.onnx.options import Options
from netspec.lower.weights import fresh
from netspec.verify import verify
from netspec.verify.compared import before_every_saturation, before_saturation
from netspec.verify.torch_network import TorchNetwork
from netspec.verify.varied import varied
from tests.verify.networks import DEAD, SMALL, loads

LAST = {
    "Softmax": "{name: last, type: Softmax}",
    "LogSoftmax": "{name: last, type: LogSoftmax}",
    "Sigmoid": "{name: last, type: Sigmoid}",
    "TanH": "{name: last, type: TanH}",
    "HardSigmoid": "{name: last, type: HardSigmoid}",
    "ReLU6": "{name: last, type: ReLU6}",
    "Clip": "{name: last, type: Clip, min: 1000, max: 1001}",
    "Threshold": "{name: last, type: Threshold, threshold: 10000}",
    "ArgMax": "{name: last, type: ArgMax, axis: 1}",
    "Normalize": "{name: last, type: Normalize}",
    "LayerNorm": "{name: last, type: LayerNorm}",
}


@pytest.mark.parametrize("last", LAST)
def test_what_a_last_layer_hides_is_compared(last: str) -> None:
    """Scores so large that hardly anything is left of them."""
    graph = loads(
        f"""
  - {{name: conv, type: Convolution, num_output: 4, kernel_size: 3}}
  - name: scores
    type: InnerProduct
    num_output: 5
    weight_filler: {{type: gaussian, std: 5}}
  - {LAST[last]}
"""
    )
    assert [blob.name for blob in before_saturation(graph.phase("TEST"))] == ["scores"]
    result = verify(graph)
    assert result.ok
    assert [each.name for each in result.inner] == ["scores"]
    assert not result.unmoved
    held = [each for each in graph.parameters if each.dtype == "float32"]
    assert result.moved == len(held)


def test_layers_that_hand_on_are_looked_through() -> None:
    view = loads(
        """
  - {name: conv, type: Convolution, num_output: 4, kernel_size: 3}
  - {name: soft, type: Softmax}
  - {name: flat, type: Flatten}
  - {name: other, type: Convolution, num_output: 4, kernel_size: 3, bottom: data}
  - {name: plain, type: Flatten}
  - {name: both, type: Concat, bottom: [flat, plain]}
  - {name: best, type: ArgMax, axis: 1}
"""
    ).phase("TEST")
    assert [blob.name for blob in before_saturation(view)] == ["conv", "both"]
    assert [blob.name for blob in before_every_saturation(view)] == ["conv", "both"]


def test_only_what_results_depend_on_is_looked_at() -> None:
    graph = loads(
        SMALL.replace("name: fc,", "name: fc, allow: [unused-layer],"), more="outputs: relu"
    )
    view = graph.phase("TEST")
    assert [node.path for node in needed_by_results(view)] == ["conv", "relu"]
    result = verify(graph)
    assert result.ok
    assert result.moved == 2


def test_a_dead_rectifier_makes_it_inconclusive() -> None:
    result = verify(loads(DEAD))
    assert result.result == "inconclusive"
    assert not result.ok
    assert dict(result.unmoved) == {
        "conv.weight": "relu",
        "conv.bias": "relu",
        "lost.weight": "relu",
        "lost.bias": "relu",
        "fc.weight": "fc",
    }
    assert result.moved == 1


def test_comparing_all_layers_leaves_what_reads_zeros() -> None:
    assert dict(verify(loads(DEAD), layers=True).unmoved) == {"fc.weight": "fc"}


INCONCLUSIVE = {
    "zero input": "{name: hide, type: Power, scale: 0}",
    "a constant": "{name: hide, type: Power, scale: 0, shift: 3}",
}


@pytest.mark.parametrize("hide", INCONCLUSIVE)
def test_a_layer_that_gives_the_same_whatever_it_reads(hide: str) -> None:
    result = verify(loads(SMALL.replace("{name: relu, type: ReLU}", INCONCLUSIVE[hide])))
    assert result.result == "inconclusive"
    assert {"conv.weight", "conv.bias"} <= set(result.unmoved)
    assert set(result.unmoved.values()) <= {"hide", "fc"}


def test_weights_of_zeros_that_are_given_hide_what_is_before_them() -> None:
    graph = loads(SMALL)
    weights = {name: np.array(each) for name, each in fresh(graph).items()}
    weights["fc.weight"][:] = 0
    result = verify(graph, Options(weights))
    assert dict(result.unmoved) == {"conv.weight": "fc", "conv.bias": "fc"}


def test_fresh_constants_are_moved_so_that_they_hide_nothing() -> None:
    graph = loads(SMALL.replace("num_output: 5", "num_output: 5, weight_filler: {value: 0}"))
    assert set(fresh(graph)["fc.weight"].ravel().tolist()) == {0.0}
    result = verify(graph)
    assert result.ok
    assert result.moved == 4


def test_moved_constants_are_all_different_and_those_of_the_seed() -> None:
    graph = loads("  - {name: bn, type: BatchNorm}\n  - {name: again, type: BatchNorm}")
    weights, same, other = varied(graph, 0), varied(graph, 0), varied(graph, 1)
    values = [value for name in weights for value in np.ravel(weights[name]) if name[-1] != "d"]
    assert len(set(values)) == len(values) == 24
    assert all(weights[f"bn.{name}"].min() > 0.5 for name in ("weight", "running_var"))
    assert weights["bn.num_batches_tracked"] == 0
    assert np.array_equal(weights["bn.bias"], same["bn.bias"])
    assert not np.array_equal(weights["bn.bias"], other["bn.bias"])


def test_parameters_that_share_values_are_moved_alike() -> None:
    graph = loads(
        """
  - {name: a, type: InnerProduct, num_output: 4, param: [{name: w}, {name: b}]}
  - {name: c, type: InnerProduct, num_output: 4, param: [{name: w}, {name: b}]}
""",
        "{data: [N, 4]}",
    )
    weights = varied(graph, 0)
    assert np.array_equal(weights["a.bias"], weights["c.bias"])
    result = verify(graph)
    assert result.ok
    assert result.moved == 2


GATE = """
  - {name: conv, type: Convolution, num_output: 4, kernel_size: 3}
  - {name: gate, type: Convolution, num_output: 4, kernel_size: 1, bottom: conv,
     bias_filler: {type: constant, value: 10000}}
  - {name: sigmoid, type: Sigmoid}
  - {name: product, type: Eltwise, operation: PROD, bottom: [conv, sigmoid]}
"""


def test_what_a_saturated_gate_hides_is_compared_where_it_has_to_be() -> None:
    result = verify(loads(GATE))
    assert result.ok
    assert [each.name for each in result.inner] == ["gate"]
    open_gate = verify(loads(GATE.replace("10000", "0")))
    assert open_gate.ok
    assert not open_gate.inner


def test_a_bias_that_a_normalization_takes_away_is_compared_before_it() -> None:
    layers = """
  - {name: conv, type: Convolution, num_output: 4, kernel_size: 3}
  - {name: norm, type: InstanceNorm}
  - {name: out, type: Convolution, num_output: 4, kernel_size: 3}
"""
    result = verify(loads(layers))
    assert result.ok
    assert [each.name for each in result.inner] == ["conv"]


def test_a_layer_without_a_gradient_is_tried_in_earnest() -> None:
    layers = """
  - {name: conv, type: Convolution, num_output: 4, kernel_size: 3}
  - {name: threshold, type: Threshold}
  - {name: fc, type: InnerProduct, num_output: 5}
"""
    result = verify(loads(layers))
    assert result.ok
    assert result.moved == 4


def test_running_statistics_count() -> None:
    layers = "  - {name: bn, type: BatchNorm, affine: false}"
    result = verify(loads(layers))
    assert result.ok
    assert result.moved == 2


DEEP = """
  - name: block
    repeat: 40
    layers:
      - {name: conv, type: Convolution, num_output: 8, kernel_size: 3, pad: 1, bias_term: false}
      - {name: bn, type: BatchNorm}
      - {name: sum, type: Eltwise, bottom: [bn, input]}
"""
"""Residual blocks that double what they read, as long as statistics are means of 0 and variances of
1: a bias of 0.1 is then nothing beside it.
"""


def test_a_deep_network_gets_statistics_with_which_its_biases_show() -> None:
    graph = loads(DEEP, "{data: [N, 8, 8, 8]}")
    result = verify(graph)
    assert result.ok
    assert result.moved == len(graph.parameters) - 40
    network = TorchNetwork(graph, varied(graph, 0))
    before = network.model.state_dict()["block.39.bn.running_mean"].clone()
    inputs = {"data": np.random.default_rng(0).standard_normal((2, 8, 8, 8)).astype(np.float32)}
    settled = network.settle(inputs)
    assert not np.array_equal(settled["block.39.bn.running_mean"], before)
    variances = [values for name, values in settled.items() if name.endswith("var")]
    assert all(float(values.min()) > 0 for values in variances)


def test_statistics_stay_where_a_batch_is_too_small_to_have_any() -> None:
    layers = """
  - {name: bn, type: BatchNorm}
  - {name: pool, type: Pooling, pool: AVE, global_pooling: true}
  - {name: last, type: BatchNorm}
"""
    graph = loads(layers, "{data: [1, 3, 8, 8]}")
    network = TorchNetwork(graph, varied(graph, 0))
    settled = network.settle({"data": np.ones((1, 3, 8, 8), np.float32)})
    assert list(settled) == ["bn.running_mean", "bn.running_var"]
    state = network.model.state_dict()
    assert all(np.array_equal(values, state[name]) for name, values in settled.items())


def test_the_network_is_left_as_it_was() -> None:
    graph = loads(SMALL)
    network = TorchNetwork(graph, fresh(graph))
    frozen = [(name, each.requires_grad) for name, each in network.model.named_parameters()]
    before = {name: each.clone() for name, each in network.model.state_dict().items()}
    from netspec.verify.moving import unmoving, where_it_ends

    inputs = {"data": np.ones((2, 3, 16, 16), np.float32)}
    assert unmoving(network, inputs, ["fc"]) == []
    where_it_ends(network, inputs, ["conv.weight"])
    with network.in_double():
        pass
    after = network.model.state_dict()
    assert all(bool((after[name] == each).all()) for name, each in before.items())
    assert all(each.grad is None for each in network.model.parameters())
    assert frozen == [(name, each.requires_grad) for name, each in network.model.named_parameters()]


def test_stock() -> None:
    result = verify(netspec.load("resnet20"))
    assert result.ok
    assert result.moved == sum(
        each.dtype == "float32" for each in netspec.load("resnet20").parameters
    )
