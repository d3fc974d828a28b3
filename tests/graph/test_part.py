"""The part of a network that some results need: one smaller network, for every target."""

import numpy as np
import pytest
import torch

import netspec
from netspec.lower.flat import to_flat
from netspec.lower.onnx.model import to_model
from netspec.lower.onnx.options import Options
from netspec.lower.weights import fresh
from netspec.network import Network
from tests.checking import IMAGE, paths
from tests.lower.flat.test_flat import SHARED
from tests.promises import check_part

TWICE = (
    IMAGE
    + """blocks:
  head: {layers: [{name: fc, type: InnerProduct, num_output: 4}, {name: out, type: InnerProduct,
         num_output: 2, bottom: input}], outputs: [fc, out]}
layers:
  - {name: one, type: head, bottom: data}
  - {name: off, type: ReLU, bottom: data}
  - {name: two, reuse: one, bottom: off}
  - {name: sum, type: Eltwise, bottom: [one.fc, two.fc]}
outputs: [sum, one.out, two.out]
"""
)


def part(text: str, *outputs: str) -> Network:
    """A part of a network, which is a network like any other."""
    made = netspec.loads(text, outputs=outputs)
    check_part(netspec.loads(text), made)
    return made


def names(network: Network) -> list[str]:
    return [parameter.name for parameter in network.parameters]


def test_what_stands_behind_goes() -> None:
    whole, made = netspec.load("resnet18"), netspec.load("resnet18", outputs=["layer1"])
    check_part(whole, made)
    assert paths(made) == paths(whole)[:18]
    assert names(made) == names(whole)[: len(names(made))]
    assert list(made.outputs) == ["layer1"]
    assert made.params == 157_504
    assert made.root.members[-1].path == "layer1"
    assert made.root.outputs == made.results


def test_a_layer_within_a_block() -> None:
    made = netspec.load("resnet18", outputs=["layer1.0.conv1"])
    assert paths(made) == ["conv1", "bn1", "relu", "maxpool", "layer1.0.conv1"]
    (repeat,) = [scope for scope in made.root.members if scope.path == "layer1"]
    assert isinstance(repeat, netspec.graph.Scope)
    assert repeat.repeat
    assert [blob.name for blob in repeat.outputs] == ["layer1.0.conv1"]
    model = made.to_torch()
    assert isinstance(model, torch.nn.Module)
    assert model(torch.zeros(1, 3, 224, 224)).shape == (1, 64, 56, 56)


def test_losses_and_labels_go_unless_they_are_asked_for() -> None:
    whole = netspec.loads(SHARED)
    made = part(SHARED, "fc")
    assert [blob.name for blob in made.inputs] == ["left", "right"]
    assert made.losses == {}
    assert len(made.nodes) == len(whole.nodes) - 1
    made = part(SHARED, "loss")
    assert [blob.name for blob in made.inputs] == ["left", "right", "label"]
    assert made.losses == {"loss": 0.5}


def test_a_use_takes_the_place_of_what_it_repeats() -> None:
    """Its parameters bear the first one's name, and so does it."""
    made = part(SHARED, "b")
    assert paths(made) == ["a.conv", "a.relu"]
    assert names(made) == ["a.conv.weight", "a.conv.bias"]
    assert [blob.name for blob in made.inputs] == ["right"]
    assert list(made.outputs) == ["b"]
    assert made.root.members[0].path == "a"
    assert not any(node.reused for node in made.nodes)


def test_a_layer_takes_the_place_of_what_it_repeats() -> None:
    layers = """layers:
  - {name: a, type: Convolution, num_output: 3, kernel_size: 1}
  - {name: off, type: ReLU, bottom: data}
  - {name: b, reuse: a, bottom: off, top: t}
  - {name: c, reuse: a}
  - {name: sum, type: Eltwise, bottom: [a, c]}
"""
    made = part(IMAGE + layers, "c")
    assert [(node.path, node.module, node.reused) for node in made.nodes] == [
        ("off", "off", False),
        ("a", "a", False),
        ("c", "a", True),
    ]
    assert list(part(IMAGE + layers, "b").outputs) == ["b"]
    assert list(part(IMAGE + layers, "t").outputs) == ["t"]


def test_what_one_use_of_a_module_needs_all_uses_keep() -> None:
    made = part(TWICE, "one.fc", "two.out")
    assert paths(made) == ["one.fc", "one.out", "off", "two.fc", "two.out"]
    assert paths(part(TWICE, "two.out")) == ["off", "one.out"]
    assert paths(part(TWICE, "one.out")) == ["one.out"]


def test_the_first_use_is_kept_where_no_other_can_stand_in_its_place() -> None:
    text = (
        IMAGE
        + """blocks:
  b: {layers: [{name: x, type: BatchNorm}, {name: y, type: ReLU, bottom: input}],
      allow: [unused-layer]}
layers:
  - {name: a, type: b}
  - {name: c, reuse: a.x}
"""
    )
    assert paths(part(text, "c")) == ["a.x", "a.y", "c"]


def test_values_whose_owner_is_gone_belong_to_the_next() -> None:
    made = part(SHARED, "c")
    (weight, bias) = made.parameters
    assert (weight.name, weight.owner, bias.owner) == ("c.weight", "c.weight", "c.bias")
    assert made.left_out["a.conv.weight"] == "c.weight"
    assert made.left_out["a.conv.bias"] is None
    ours = netspec.loads(SHARED)
    values = {name: fresh(ours)[name] for name in fresh(ours) if name != "c.weight"}
    state = made.to_torch(weights=values).state_dict()
    np.testing.assert_array_equal(state["c.weight"].numpy(), values["a.conv.weight"])


def test_weights_of_the_whole_are_taken() -> None:
    whole = netspec.load("lenet")
    made = netspec.load("lenet", outputs=["pool2"])
    assert made.left_out == dict.fromkeys(["ip1.weight", "ip1.bias", "ip2.weight", "ip2.bias"])
    model = whole.to_torch()
    for weights in (model, model.state_dict()):
        state = made.to_torch(weights=weights).state_dict()
        assert list(state) == names(made)
        assert all(torch.equal(model.state_dict()[name], state[name]) for name in state)
        file = to_model(made, Options(weights))
        assert [each.name for each in file.graph.initializer if "/" not in each.name] == names(made)


def test_an_input_can_be_asked_for() -> None:
    made = part(SHARED, "right")
    assert (made.nodes, made.root.members) == ((), ())
    assert [blob.name for blob in made.inputs] == ["right"]


def test_a_network_without_a_needed_input_keeps_one() -> None:
    layers = """layers:
  - {name: p, type: Parameter, shape: [3]}
  - {name: s, type: Scale, bottom: [data, p], axis: 1}
"""
    made = part(IMAGE + layers, "p")
    assert paths(made) == ["p"]
    assert [blob.name for blob in made.inputs] == ["data"]


def test_costs_are_for_an_item_of_the_first_input_that_is_left() -> None:
    text = """netspec: 1
name: Net
inputs: {a: [M, 4], b: [N, 3]}
layers:
  - {name: x, type: InnerProduct, num_output: 2, bottom: a}
  - {name: y, type: InnerProduct, num_output: 5, bottom: b}
outputs: [x, y]
"""
    assert part(text, "y").macs == 15
    assert netspec.loads(to_flat(part(text, "y"))).macs == 15


@pytest.mark.parametrize("phase", ["TRAIN", "TEST"])
def test_phases(phase: str) -> None:
    text = (
        IMAGE
        + f"""layers:
  - {{name: a, type: ReLU}}
  - {{name: b, type: BatchNorm, bottom: a, phase: {phase}}}
  - {{name: c, type: TanH, bottom: a}}
outputs: [c, b]
"""
    )
    made = part(text, "b")
    assert [(node.path, node.phase) for node in made.nodes] == [("a", None), ("b", phase)]


def test_an_owner_of_both_phases_is_kept_for_sharers_of_one() -> None:
    dense = "type: InnerProduct, num_output: 3, bottom: data, param: [{name: w}]"
    text = (
        IMAGE
        + f"""layers:
  - {{name: a, {dense}}}
  - {{name: b, phase: TRAIN, {dense}}}
  - {{name: c, {dense}}}
outputs: [a, b, c]
"""
    )
    made = part(text, "b", "c")
    assert [parameter.owner for parameter in made.parameters if parameter.shared] == [
        "a.weight"
    ] * 2
    assert part(text, "c").parameters[0].owner == "c.weight"
