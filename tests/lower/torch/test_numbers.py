"""Layers that have numbers for names, or names that differ in one."""

import pytest
from torch import nn

import netspec
from netspec.language.names import problem
from netspec.lower.torch import to_torch
from tests.lower.torch.checks import checked_source


def network(layers: str, blocks: str = "") -> netspec.Graph:
    blocks = f"blocks:\n{blocks}" if blocks else ""
    return netspec.loads(
        f"netspec: 1\nname: Net\ninputs: {{data: [N, 4, 9, 11]}}\n{blocks}\nlayers:\n{layers}"
    )


def test_a_numbered_layer_with_weights_is_an_item() -> None:
    layers = """
  - {name: a, type: ReLU}
  - {type: Convolution, num_output: 4, kernel_size: 1}
"""
    graph = network(layers)
    source = checked_source(graph)
    assert "class Net(nn.ModuleDict):" in source
    assert 'self["0"] = nn.Conv2d(4, 4, 1)\n' in source
    assert 'return self["0"](self.a(data))\n' in source
    assert list(to_torch(graph).state_dict()) == ["0.weight", "0.bias"]


def test_a_numbered_layer_that_is_another_applied_again_is_no_item() -> None:
    layers = """
  - {name: a, type: Convolution, num_output: 4, kernel_size: 1}
  - {name: b, layers: [{name: c, type: ReLU}, {name: d, type: TanH}]}
  - {reuse: a}
  - {reuse: b}
"""
    source = checked_source(network(layers))
    assert "class Net(nn.Module):" in source


DICTIONARY = sorted(set(dir(nn.ModuleDict)) - set(dir(nn.Module)))


@pytest.mark.parametrize("name", [name for name in DICTIONARY if problem(name) is None])
def test_a_name_that_a_dictionary_of_modules_has_beside_a_number(name: str) -> None:
    layers = f"""
  - {{name: {name}, type: InnerProduct, num_output: 4, weight_filler: {{type: xavier}}}}
  - {{type: InnerProduct, num_output: 4}}
"""
    graph = network(layers)
    checked_source(graph)
    keys = [f"{name}.weight", f"{name}.bias", "0.weight", "0.bias"]
    assert list(to_torch(graph).state_dict()) == keys


def test_a_numbered_parameter() -> None:
    layers = """
  - {type: Convolution, num_output: 4, kernel_size: 1}
  - {type: Parameter, shape: [4]}
  - {name: scaled, type: Scale, bottom: ["0", "1"], axis: 1}
"""
    graph = network(layers)
    source = checked_source(graph)
    assert 'self.register_parameter("1", nn.Parameter(torch.zeros(4)))' in source
    assert 'self.get_parameter("1")' in source
    assert 'self["0"](data)' in source


def test_a_group_of_numbers_is_a_class_of_its_own() -> None:
    """Called several times, each time as one."""
    layers = """
  - name: units
    repeat: 2
    layers:
      - {type: Convolution, num_output: 4, kernel_size: 1}
      - {type: Convolution, num_output: 4, kernel_size: 1}
      - {type: Eltwise, bottom: [previous, input]}
"""
    source = checked_source(network(layers))
    assert source.count("class Units(nn.ModuleDict):") == 1
    assert "nn.Sequential(Units(), Units())" in source


def test_numbered_layers_that_are_not_in_all_instances() -> None:
    """What tools follow is whether there is such a module; an arg that several ask is kept once."""
    blocks = """
  unit:
    args: {k: required}
    layers:
      - {name: conv, type: Convolution, num_output: 4, kernel_size: 1}
      - {type: PReLU, when: $(k == 1)}
      - {type: ReLU, when: $(k == 2)}
      - {name: sum, type: Eltwise, bottom: [previous, input]}
      - {type: ReLU, when: $(k == 0)}
"""
    layers = "  - {name: units, type: unit, repeat: 3, k: $i}"
    source = checked_source(network(layers, blocks))
    assert 'if hasattr(self, "0"):\n' in source
    assert source.count("self.k = k\n") == 1
    assert "if self.k == 2:" in source
    assert "if self.k == 0:" in source


def test_numbered_layers_that_a_dotted_name_puts_together_are_a_list() -> None:
    layers = """
  - {name: heads.0, type: Convolution, num_output: 4, kernel_size: 1, bottom: data}
  - {name: heads.1, type: Convolution, num_output: 4, kernel_size: 1, bottom: data}
  - {name: both, type: Concat, bottom: [heads.0, heads.1]}
"""
    source = checked_source(network(layers))
    assert "self.heads = nn.ModuleList([nn.Conv2d(4, 4, 1), nn.Conv2d(4, 4, 1)])" in source
    assert "self.heads[0](data)" in source


def test_a_network_of_numbers_is_a_sequential() -> None:
    layers = "  - {type: Convolution, num_output: 4, kernel_size: 1}\n  - {type: ReLU}"
    source = checked_source(network(layers))
    assert "class Net(nn.Sequential):" in source
    assert "def forward" not in source


STACK = """
  stack:
    args: {depth: required}
    layers:
      - {name: conv$(i + 1), type: Convolution, num_output: 4, kernel_size: 1, repeat: $depth}
"""


def test_layers_that_differ_in_an_index_are_called_as_one() -> None:
    layers = """
  - {name: a, type: stack, depth: 4}
  - {name: b, type: stack, depth: 12}
  - {name: c, reuse: b.conv12}
  - {name: d, reuse: b}
"""
    graph = network(layers, STACK)
    source = checked_source(graph)
    assert "class Stack(nn.Sequential):" in source
    assert source.count("class Stack") == 1
    assert '            self.add_module(f"conv{i + 1}", nn.Conv2d(width, 4, 1))\n' in source
    assert "x = self.b(self.a(data))\n        x = self.b.conv12(x)\n" in source


@pytest.mark.parametrize(
    "more",
    ["{name: relu, type: ReLU}", "{name: conv5, type: Eltwise, bottom: [conv4, input]}"],
)
def test_others_beside_layers_that_differ_in_an_index(more: str) -> None:
    source = checked_source(
        network("  - {name: a, type: stack, depth: 4}", f"{STACK}      - {more}")
    )
    assert "class Stack(nn.Module):" in source
    assert "def forward(self, x: Tensor) -> Tensor:" in source
