"""A training step in channels-last order, to run in a process of its own.

PyTorch's CPU build can end the process in such steps of tiny networks, so this one has the widths
of a network that people train.
"""

import torch
from torch import Tensor, nn

import netspec
from netspec.lower.torch import Options, to_torch


def is_channels_last(value: Tensor) -> bool:
    return value.is_contiguous(memory_format=torch.channels_last)


def check() -> None:
    """What comes undrawn, then loaded, stays in that order, and trains as the plain form does."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    graph = netspec.load("resnet18", num_classes=10)
    plain = to_torch(graph)
    last = to_torch(graph, init=False, options=Options(channels_last=True))
    last.load_state_dict(plain.state_dict())
    assert all(is_channels_last(value) for value in last.parameters() if value.dim() == 4)
    features: list[Tensor] = []
    last.get_submodule("layer2").register_forward_hook(lambda *given: features.append(given[2]))
    data = torch.randn(2, 3, 64, 64)
    found, expected = (_step(model, data) for model in (last, plain))
    assert is_channels_last(features[0])
    assert found.keys() == expected.keys()
    for name, gradient in found.items():
        scale = float(expected[name].abs().max())
        torch.testing.assert_close(gradient, expected[name], rtol=1e-3, atol=1e-3 * scale)


def _step(model: nn.Module, data: Tensor) -> dict[str, Tensor]:
    """The gradients of a step."""
    model.train()(data).logsumexp(1).sum().backward()
    gradients = {name: value.grad for name, value in model.named_parameters()}
    return {name: each for name, each in gradients.items() if each is not None}
