"""Predicted peaks beside those that are measured in the emitted modules."""

from collections.abc import Sequence
from contextlib import nullcontext
from itertools import groupby
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import netspec
from netspec import Network, Phase
from netspec.analysis.memory.passes import forward, step
from netspec.stock_table import stock_networks
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


class Judged(torch.autograd.Function):
    """A number of a result, whose gradient is as large as that, as a loss's would be."""

    @staticmethod
    def forward(ctx: Any, result: Tensor) -> Tensor:
        ctx.shape = result.shape
        return result.new_zeros(())

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return gradient.new_ones(ctx.shape)


def gradients(
    model: nn.Module,
    inputs: Sequence[Tensor],
    losses: Sequence[str],
    lower: torch.dtype | None = None,
) -> None:
    """A pass forward and back: from the losses, or with a gradient as large as each result; with a
    lower type the pass forward is below autocast.
    """
    device = inputs[0].device.type
    with torch.autocast(device, lower) if lower is not None else nullcontext():
        given = model(*inputs)
    results = given if isinstance(given, dict) else {"": given}
    if losses:
        ends = [results[name] for name in losses] if len(results) > 1 else [*results.values()]
    else:
        ends = [Judged.apply(each) for each in results.values()]  # type: ignore[no-untyped-call]
    torch.autograd.backward(ends)


def training_peak(graph: Network, device: str, lower: torch.dtype | None = None) -> int:
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
        gradients(model, inputs, [*view.losses], lower)
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


@pytest.mark.parametrize("layer", ["PReLU", "Scale", "Scale, bias_term: true"])
def test_gradients_that_are_summed(layer: str) -> None:
    """What is stretched over a blob gets a gradient as large as that first."""
    inputs = "inputs: {data: [N, 8, 10, 10]}"
    for first in ("", "  - {type: Convolution, num_output: 8, kernel_size: 1}\n"):
        text = f"netspec: 1\nname: Net\n{inputs}\nlayers:\n{first}  - {{type: {layer}}}\n"
        graph = netspec.loads(text)
        found = step(graph, sizes_for(graph), "SGD").peak().bytes
        assert found == pytest.approx(training_peak(graph, "cpu"), rel=0.01), first


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v2"])
def test_by_the_profiler(name: str) -> None:
    """Kernels take memory for themselves, too, which the other allocator doesn't see."""
    graph = load(name)
    model, view = graph.to_torch().train(), graph.phase(Phase.TRAIN)
    inputs = inputs_for(view, "cpu")
    made = profiled_peak(lambda: gradients(model, inputs, [*view.losses]))
    measured = made + size_of([*model.parameters(), *model.buffers(), *inputs])
    assert step(graph, sizes_for(view), "SGD").peak().bytes == pytest.approx(measured, rel=WITHIN)


def others() -> list[str]:
    """The other stock networks of a file each, whose rows don't show only when they run."""
    found = []
    for _, members in groupby(stock_networks(), key=lambda each: each.file):
        smallest = min(members, key=lambda each: each.params)
        if smallest.task != "detection" or smallest.name.startswith("yolo"):
            found.append(smallest.name)
    return [name for name in found if name not in ON_META + ON_CPU]


def device_for(graph: Network) -> str:
    attends = any(node.type in ("Attention", "MultiHeadAttention") for node in graph.nodes)
    return "cpu" if attends else "meta"


@pytest.mark.slow
@pytest.mark.parametrize("name", others())
def test_other_networks(name: str) -> None:
    device = device_for(load(name))
    check_inference(name, device)
    check_training(name, device)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v2", "vit_b_16"])
def test_below_autocast(name: str) -> None:
    graph = load(name)
    found = step(graph, sizes_for(graph.phase(Phase.TRAIN)), "SGD", "bfloat16").peak().bytes
    assert found == pytest.approx(training_peak(graph, "cpu", torch.bfloat16), rel=WITHIN)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
@pytest.mark.parametrize("name", ["resnet50", "mobilenet_v2", "densenet121"])
def test_on_a_gpu(name: str) -> None:
    graph, batch = netspec.load(name), 32
    model = graph.to_torch().cuda().train()
    optimizer = torch.optim.Adam(model.parameters())
    for _ in range(2):
        torch.cuda.reset_peak_memory_stats()
        gradients(model, [torch.zeros(batch, 3, 224, 224, device="cuda")], [])
        optimizer.step()
        optimizer.zero_grad()
    measured = torch.cuda.max_memory_allocated()
    assert graph.memory(batch).peak_bytes == pytest.approx(measured, rel=WITHIN)
