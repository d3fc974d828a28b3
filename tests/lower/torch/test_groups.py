"""`param_groups`: the multipliers of the spec, for any optimizer."""

from typing import Any

import pytest
import torch

import netspec
from netspec.lower.torch import to_torch
from tests.lower.torch.checks import checked_source

SPEC = """
netspec: 1
name: Net
inputs: {{data: [N, 3, 8, 8]}}
layers:
  - {{name: conv1, type: Convolution, num_output: 4, kernel_size: 3, param: {conv1}}}
  - {{name: relu1, type: ReLU}}
  - {{name: conv2, type: Convolution, num_output: 4, kernel_size: 3, param: {conv2}}}
  - {{name: fc, type: InnerProduct, num_output: 5, param: {fc}}}
"""
PLAIN = "[{lr_mult: 1}]"
CAFFE = "[{lr_mult: 1}, {lr_mult: 2, decay_mult: 0}]"

CASES = {
    "all the same": (PLAIN, PLAIN, PLAIN),
    "all at another rate": ("[{lr_mult: 3}, {lr_mult: 3}]",) * 3,
    "biases": (CAFFE, CAFFE, CAFFE),
    "a new last layer": (PLAIN, PLAIN, "[{lr_mult: 10}, {lr_mult: 20}]"),
    "a new last layer, and biases": (CAFFE, CAFFE, "[{lr_mult: 10}, {lr_mult: 20}]"),
    "frozen": ("[{lr_mult: 0}, {lr_mult: 0}]", PLAIN, CAFFE),
    "many digits": ("[{lr_mult: 0.333333333333}, {lr_mult: 12345678, decay_mult: 0}]",) * 3,
    "large": ("[{lr_mult: 1e16}, {lr_mult: 1e-7, decay_mult: 1e+20}]",) * 3,
    "shared": ("[{name: w}]", PLAIN, "[{lr_mult: 2}]"),
}


@pytest.mark.parametrize("case", CASES)
def test_groups_hold_the_multipliers(case: str) -> None:
    conv1, conv2, fc = CASES[case]
    graph = netspec.loads(SPEC.format(conv1=conv1, conv2=conv2, fc=fc))
    checked_source(graph)
    model: Any = to_torch(graph)
    groups = model.param_groups(lr=0.1, weight_decay=0.01)
    found = {
        parameter: (group["lr"], group["weight_decay"])
        for group in groups
        for parameter in group["params"]
    }
    assert sum(len(group["params"]) for group in groups) == len(found)
    assert found.keys() <= set(model.parameters())
    for parameter in graph.parameters:
        tensor = model.get_parameter(parameter.name)
        if parameter.trainable:
            expected = (0.1 * parameter.lr_mult, 0.01 * parameter.decay_mult)
            assert found[tensor] == expected
    for optimizer in (torch.optim.SGD, torch.optim.AdamW):
        optimizer(groups)


def test_the_common_cases_are_short() -> None:
    plain = netspec.loads(SPEC.format(conv1=PLAIN, conv2=PLAIN, fc=PLAIN))
    assert "params = [*self.parameters()]" in plain.to_source()
    biases = netspec.loads(SPEC.format(conv1=CAFFE, conv2=CAFFE, fc=CAFFE))
    assert '{"params": biases, "lr": 2 * lr, "weight_decay": 0.0},' in biases.to_source()


def test_shared_weights_stand_in_one_group() -> None:
    graph = netspec.loads("""
netspec: 1
name: Net
inputs: {data: [N, 4, 8, 8]}
layers:
  - {name: a, type: Convolution, num_output: 4, kernel_size: 1, param: [{name: w, lr_mult: 3}]}
  - {name: b, type: Convolution, num_output: 4, kernel_size: 1, param: [{name: w, lr_mult: 3}]}
  - {name: c, type: Convolution, num_output: 4, kernel_size: 1}
""")
    checked_source(graph)
    model: Any = to_torch(graph)
    groups = model.param_groups(lr=0.5, weight_decay=0)
    (weight,) = (group for group in groups if group["lr"] == 1.5)
    assert [parameter is model.a.weight for parameter in weight["params"]] == [True]
    assert sum(len(group["params"]) for group in groups) == 5
