"""Predicted peaks beside those that are measured in the emitted modules."""

from collections.abc import Sequence
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import netspec
from netspec import Network, Phase
from netspec.analysis.memory.passes import forward, step
from netspec.verify.examples import concrete, sizes_for
from tests.allocator import Counting, inference_peak, profiled_peak, size_of

WITHIN = 0.03
"""How far from a measured peak the predicted one may be; most are the same to a thousandth."""
ON_META = ["alexnet", "vgg16", "resnet18", "resnet50", "googlenet", "densenet121", "mobilenet_v2"]
ON_META += ["unet", "swin_t"]
ON_CPU = ["captioner", "vit_b_16", "gpt2"]
"""Networks with attention, which PyTorch does in one step on the CPU and in several on `meta`."""
SMALLER: dict[str, dict[str, Any]] = {
    "gpt2": {"depth": 2, "num_positions": 128, "num_words": 4000},
    "vit_b_16": {"num_layers": 3},
}


def load(name: str) -> Network:
    return netspec.load(name, **SMALLER.get(name, {}))


def inputs_for(view: Network, device: str) -> list[Tensor]:
    """Zeros of usual sizes; a batch has two items."""
    sizes = sizes_for(view)
    made = []
    for blob in view.inputs:
        dtype = getattr(torch, blob.type.dtype)
        made.append(torch.zeros(concrete(blob.shape, sizes), dtype=dtype, device=device))
    return made


def gradients(model: nn.Module, inputs: Sequence[Tensor], losses: Sequence[str]) -> None:
    """A pass forward and back: from the losses, or with a gradient as large as each result."""
    given = model(*inputs)
    results = given if isinstance(given, dict) else {"": given}
    ends = (
        [results[name] for name in losses] if len(results) > 1 and losses else [*results.values()]
    )
    torch.autograd.backward(ends, [torch.ones_like(each) for each in ends])


def training_peak(graph: Network, device: str) -> int:
    """The most bytes that are alive in a training step without an optimizer."""
    model = graph.to_torch(init=False).to(device).train()
    view = graph.phase(Phase.TRAIN)
    tensors = [*model.parameters(), *model.buffers()]
    counting = Counting()
    counting.leave_out(tensors)
    inputs = inputs_for(view, device)
    with counting:
        for each in inputs:
            counting.count(each)
        gradients(model, inputs, [*view.losses])
    return counting.peak + size_of(tensors)


def check_inference(name: str, device: str) -> None:
    graph = load(name).phase(Phase.TEST)
    found = forward(graph, sizes_for(graph)).peak().bytes
    measured = inference_peak(graph.to_torch(init=False).to(device), inputs_for(graph, device))
    assert found == pytest.approx(measured, rel=WITHIN)


def check_training(name: str, device: str) -> None:
    graph = load(name)
    found = step(graph, sizes_for(graph.phase(Phase.TRAIN)), "SGD").peak().bytes
    assert found == pytest.approx(training_peak(graph, device), rel=WITHIN)


@pytest.mark.parametrize("name", ON_META)
def test_inference(name: str) -> None:
    check_inference(name, "meta")


@pytest.mark.parametrize("name", ON_META)
def test_training(name: str) -> None:
    check_training(name, "meta")


@pytest.mark.parametrize("name", ON_CPU)
def test_both_on_the_cpu(name: str) -> None:
    check_inference(name, "cpu")
    check_training(name, "cpu")


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v2"])
def test_by_the_profiler(name: str) -> None:
    """Kernels take memory for themselves, too, which the other allocator doesn't see."""
    graph = load(name)
    model, view = graph.to_torch().train(), graph.phase(Phase.TRAIN)
    inputs = inputs_for(view, "cpu")
    made = profiled_peak(lambda: gradients(model, inputs, [*view.losses]))
    measured = made + size_of([*model.parameters(), *model.buffers(), *inputs])
    assert step(graph, sizes_for(view), "SGD").peak().bytes == pytest.approx(measured, rel=WITHIN)
