"""What autograd keeps of every stock network is what is predicted, to the byte.

It is counted on `meta`, where nothing is computed: networks of any size take a moment. Where other
kernels run there than on the CPU, or a loop looks at numbers, it's counted on the CPU.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch

import netspec
from netspec.analysis.saved import saved
from netspec.eager.open_size import OpenSize
from netspec.graph import Graph, Node, Phase, Size
from netspec.graph.sizes import rows_of, substitute, symbols
from netspec.layers.attention import Attending
from netspec.lower.torch import to_torch
from netspec.stock_table import stock_networks
from netspec.verify.inputs import inputs_for
from tests.analysis.hooks import Step, kept, without_onednn

SIDE = 8
"""What stands for a height, a width and other symbols."""
ON_THE_CPU = {"ROIPooling", "ROIAlign", "Proposal", "MultiBoxLoss"}


QUICK = {
    "alexnet",
    "convnext_tiny",
    "densenet121",
    "fcn8s",
    "googlenet_bn",
    "lenet",
    "mobilenet_v3_small",
    "prelu_net_a",
    "resnet18",
    "se_resnext50_32x4d",
    "shufflenet_v2_x0_5",
    "swin_t",
    "unet",
}
"""Networks that tell most in a moment; the others are slow together."""


def _networks() -> list[object]:
    names = [each.name for each in stock_networks()]
    return [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in names]


@pytest.mark.parametrize("name", _networks())
def test_a_stock_network(name: str) -> None:
    graph = netspec.load(name)
    device = "cpu" if any(map(_differs_on_meta, graph.nodes)) else "meta"
    with torch.device(device):
        model = to_torch(graph, init=device == "cpu").train()
    try:
        formula: Size | None = saved(graph).total
    except OpenSize:
        formula = None
    for batch in (1, 2) if device == "cpu" else (1, 2, 3):
        sizes = {name: batch if name == "N" else SIDE for name in symbols_of(graph)}
        try:
            with without_onednn():
                found = kept(model, inputs(graph, sizes, device))
        except ValueError:
            if batch > 1:
                raise
            continue  # a single number has no variance
        rows: dict[str, Size] = _rows(graph, found)
        predicted = substitute(saved(graph, sizes=sizes).total, rows)
        assert predicted == found.size, sizes
        if formula is not None and batch > 1:
            assert substitute(formula, {**sizes, **rows}) == predicted, sizes


def _differs_on_meta(node: Node) -> bool:
    """Whether other kernels run there, or numbers are looked at: attention without a mask is one
    step on the CPU.
    """
    fused = isinstance(node.layer, Attending) and len(node.bottoms) in (1, 3)
    return fused or node.type in ON_THE_CPU


def symbols_of(graph: Graph) -> set[str]:
    return set().union(*(symbols(each) for blob in graph.inputs for each in blob.shape))


def inputs(graph: Graph, sizes: Mapping[str, int], device: str) -> dict[str, torch.Tensor]:
    view = graph.phase(Phase.TRAIN)
    if device == "cpu":
        arrays = inputs_for(graph, sizes, 0, "float32")
        for node in graph.nodes:
            if node.type == "Proposal":  # the image's height, width and scale
                arrays[node.bottoms[2].name] = np.array([[16 * SIDE, 16 * SIDE, 1]], np.float32)
        return {blob.name: torch.from_numpy(arrays[blob.name]) for blob in view.inputs}
    found: dict[str, torch.Tensor] = {}
    for blob in view.inputs:
        shape: Any = tuple(blob.shape.substitute({**sizes}))
        kind = getattr(torch, blob.type.dtype)
        found[blob.name] = torch.zeros(shape, dtype=kind, device="meta")
    return found


def _rows(graph: Graph, found: Step) -> dict[str, Size]:
    """How many rows there turned out to be: of proposals, of priors that matched an object."""
    rows: dict[str, Size] = {}
    for node in graph.nodes:
        if node.type == "MultiBoxLoss":
            rows[str(rows_of(node.path))] = found.matches
        elif node.type == "Proposal":
            rows[str(rows_of(node.path))] = len(found.results[node.tops[0].name])
    return rows
