"""What optimizers hold, beside what torch.optim really holds."""

from collections.abc import Callable, Iterable

import pytest
import torch
from torch import Tensor, nn
from torch.optim import SGD, Adam, AdamW, Optimizer

import netspec
from netspec.analysis.memory.optimizers import OPTIMIZERS, size_of
from netspec.analysis.memory.tensors import trained
from tests.allocator import Counting
from tests.allocator import size_of as bytes_of

Maker = Callable[[Iterable[nn.Parameter]], Optimizer]
MAKERS: dict[str, Maker] = {
    "SGD": lambda parameters: SGD(parameters, lr=0.1, foreach=True),
    "momentum": lambda parameters: SGD(parameters, lr=0.1, momentum=0.9, foreach=True),
    "Adam": lambda parameters: Adam(parameters, foreach=True),
    "AdamW": lambda parameters: AdamW(parameters, foreach=True),
}
TEXT = """
netspec: 1
name: Net
inputs: {data: [N, 3, 8, 8]}
layers:
  - {name: conv, type: Convolution, num_output: 5, kernel_size: 3, bias_term: false}
  - {name: bn, type: BatchNorm}
  - {name: frozen, type: Convolution, num_output: 6, kernel_size: 1, param: [{lr_mult: 0}]}
  - {name: fc, type: InnerProduct, num_output: 7}
  - {name: again, type: InnerProduct, num_output: 7}
  - {name: last, reuse: again}
"""


def held(optimizer: Optimizer) -> list[Tensor]:
    states = optimizer.state.values()
    return [each for state in states for each in state.values() if isinstance(each, Tensor)]


@pytest.mark.parametrize("name", MAKERS)
def test_to_the_byte(name: str) -> None:
    """The state of every trained weight, and what a step takes besides where it goes through all of
    them at a time, as on a GPU.
    """
    graph = netspec.loads(TEXT)
    model = graph.to_torch()
    parameters = [each for each in model.parameters() if each.requires_grad]
    weights = trained(graph)
    assert size_of(weights) == bytes_of(parameters)
    for each in parameters:
        each.grad = torch.zeros_like(each)
    optimizer = MAKERS[name](parameters)
    optimizer.step()
    assert OPTIMIZERS[name].state(weights) == bytes_of(held(optimizer))
    counting = Counting()
    counting.leave_out([*parameters, *held(optimizer)])
    counting.leave_out(each.grad for each in parameters if each.grad is not None)
    with counting:
        optimizer.step()
    assert OPTIMIZERS[name].workspace(weights) == counting.peak


def test_names() -> None:
    assert set(OPTIMIZERS) == set(MAKERS)
