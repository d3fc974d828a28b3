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
from netspec.graph import Graph, Phase, Size
from netspec.graph.sizes import rows_of, substitute, symbols
from netspec.lower.torch import to_torch
from netspec.verify.inputs import inputs_for
from tests.analysis.hooks import Step, kept, without_onednn
from tests.stock import every_network

SIDE = 8
"""What stands for a height, a width and other symbols."""
ON_THE_CPU = {"MultiHeadAttention", "ROIPooling", "ROIAlign", "Proposal", "MultiBoxLoss"}


@pytest.mark.parametrize("name", every_network())
def test_a_stock_network(name: str) -> None:
    graph = netspec.load(name)
    device = "cpu" if ON_THE_CPU & {node.type for node in graph.nodes} else "meta"
    with torch.device(device):
        model = to_torch(graph, init=device == "cpu").train()
    try:
        formula: Size | None = saved(graph).total
    except OpenSize:
        formula = None
    for batch in (1, 2) if device == "cpu" else (1, 2, 3):
        sizes = {name: batch if name == "N" else SIDE for name in _symbols(graph)}
        try:
            with without_onednn():
                found = kept(model, _inputs(graph, sizes, device))
        except ValueError:
            if batch > 1:
                raise
            continue  # a single number has no variance
        rows: dict[str, Size] = _rows(graph, found)
        predicted = substitute(saved(graph, sizes=sizes).total, rows)
        assert predicted == found.size, sizes
        if formula is not None and batch > 1:
            assert substitute(formula, {**sizes, **rows}) == predicted, sizes


def _symbols(graph: Graph) -> set[str]:
    return set().union(*(symbols(each) for blob in graph.inputs for each in blob.shape))


def _inputs(graph: Graph, sizes: Mapping[str, int], device: str) -> dict[str, torch.Tensor]:
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
            assert len(found.results[node.tops[0].name]) > 0
    return rows
