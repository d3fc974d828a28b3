"""Every stock network's MACs are half of what PyTorch counts on its module.

Most are counted on the device `meta`, where nothing is computed: on the CPU PyTorch misses
recurrent and attention layers. Detectors look at what they have found, and run on the CPU.
"""

from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

import netspec
from netspec.graph import Phase, Shape, Size
from netspec.graph.sizes import substitute
from netspec.graph.work import summed
from netspec.layers.roi import PSROIPooling
from netspec.lower.torch import instrumented
from netspec.stock_table import stock_networks
from netspec.verify.examples import sizes_for
from tests.agreement import with_rows
from tests.specs.measuring import stock

FINDING = ("ssd", "faster_rcnn_", "rfcn_")
"""Those that can't be counted without numbers, as the number of boxes decides what they do."""
PROPOSING = ("faster_rcnn_", "rfcn_")

QUICK = {
    *("alexnet", "captioner", "deeplab_largefov", "fast_rcnn_caffenet", "fcn32s", "googlenet_bn"),
    *("gpt2", "lenet", "mobilenet_v2", "resnet18", "shufflenet_v2_x0_5", "unet", "vit_b_16"),
}

EVERY = [
    name if name in QUICK else pytest.param(name, marks=pytest.mark.slow)
    for name in (each.name for each in stock_networks())
]


@pytest.mark.parametrize("name", EVERY)
def test_macs(name: str) -> None:
    graph = stock(name)
    if name.startswith(PROPOSING):
        graph = netspec.load(name, inputs={"data": [1, 3, 96, 128]})
    view = graph.phase(Phase.TEST)
    sizes: dict[str, Size] = {**sizes_for(view), "N": 1}
    if name.startswith(FINDING):
        counted = _by_running(graph, view, sizes)
    else:
        counted = _on_meta(graph, view, sizes)
    works = (node.layer.work(_types(node.bottoms), _types(node.tops)) for node in view)
    assert 2 * substitute(summed(works).macs, sizes) == counted


def _types(blobs: Any) -> list[Any]:
    return [blob.type for blob in blobs]


def _on_meta(graph: netspec.Graph, view: netspec.Graph, sizes: dict[str, Size]) -> int:
    with torch.device("meta"):
        model = graph.to_torch(init=False).eval().to("meta")
    counter = FlopCounterMode(display=False)
    with torch.device("meta"):
        inputs = [
            torch.empty(_shape(blob.shape, sizes), dtype=getattr(torch, blob.type.dtype))
            for blob in view.inputs
        ]
    with torch.no_grad(), counter:
        model(*inputs)
    return int(counter.get_total_flops())


def _by_running(graph: netspec.Graph, view: netspec.Graph, sizes: dict[str, Size]) -> int:
    """What is counted of a run, whose numbers of boxes are put among the sizes."""
    network = instrumented(graph)
    torch.manual_seed(0)
    for value in network.model.parameters():
        if value.dim() > 1:
            torch.nn.init.kaiming_normal_(value)
    inputs = [torch.rand(_shape(blob.shape, sizes)) for blob in view.inputs]
    if len(inputs) > 1:
        inputs[1] = torch.tensor([[96.0, 128.0, 1.0]])  # the image's height, width and scale
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        network.model.eval()(*inputs)
    for blob in (top for node in view for top in node.tops):
        sizes.update(with_rows(sizes, blob.shape, tuple(network.blobs[blob.name].shape)))
    if any(isinstance(node.layer, PSROIPooling) for node in view):
        # It averages by matrix products in PyTorch; otherwise there are convolutions alone.
        return int(counter.get_flop_counts()["Global"][torch.ops.aten.convolution])
    return int(counter.get_total_flops())


def _shape(shape: Shape, sizes: dict[str, Size]) -> list[int]:
    return [int(str(substitute(size, sizes))) for size in shape]
