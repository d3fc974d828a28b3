"""What it takes at the least to run a network in any target and to go back, as `verify` does."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from netspec.analysis.memory.account import inference
from netspec.analysis.memory.tensors import tensors
from netspec.analysis.memory.timeline import Piece, Timeline
from netspec.eager.open_size import OpenSize
from netspec.graph import Graph, Node, Size
from netspec.graph.sizes import substitute
from netspec.graph.types import element_bytes
from netspec.quick import frozen

WORKING = "float32"
"""What layers compute in."""


@frozen
class Part:
    """A part of it: what that is, its bytes, and the layer that has it; None of an input."""

    called: str
    size: int
    node: Node | None = None


@frozen
class Need:
    """The bytes it takes at the least, and the largest part of it."""

    size: int
    largest: Part


def needed_to_run(graph: Graph, sizes: Mapping[str, int], copies: int) -> Need:
    """What it takes with numbers for the symbols, where there are so many copies of the weights.

    PyTorch keeps for a pass back what autograd asks for; another target may hold all that a layer
    computes with on the way. It's the more of both.
    """
    weights = [
        Part(f"`{each.name}`, {each.shape}", copies * each.bytes(), each.node)
        for each in tensors(graph)
        if each.parameter is not None
    ]
    kept = _kept(graph, sizes)
    working = max(_working(graph, sizes), key=lambda each: each.size, default=None)
    if working is not None and working.size > sum(each.size for each in kept):
        kept = [working]
    parts = [*weights, *kept, *_inputs(graph, sizes)]
    return Need(sum(each.size for each in parts), max(parts, key=lambda each: each.size))


def _inputs(graph: Graph, sizes: Mapping[str, int]) -> Iterator[Part]:
    for blob in graph.inputs:
        shape = blob.shape.substitute(dict(sizes))
        yield Part(f"`{blob.name}`, {shape}", _number(blob.type.bytes, sizes))


def _kept(graph: Graph, sizes: Mapping[str, int]) -> list[Part]:
    """What is alive in PyTorch when that is the most, in a pass forward that one back follows."""
    try:
        made = inference(graph, sizes, records=True).pieces
    except OpenSize:  # on what shows only when it runs
        return []
    pieces = [replace(each, size=_number(each.size, sizes)) for each in made]
    _, moment = Timeline(pieces, None).most(1)
    nodes = {node.path: node for node in graph.nodes}
    alive = (each for each in pieces if each.first <= moment <= each.last)
    return [_part(each, nodes, sizes) for each in alive]


def _part(piece: Piece, nodes: Mapping[str, Node], sizes: Mapping[str, int]) -> Part:
    assert piece.layer is not None
    assert isinstance(piece.size, int)
    node = nodes[piece.layer]
    for top in node.tops:
        if _number(top.type.bytes, sizes) == piece.size:
            shape = top.shape.substitute(dict(sizes))
            return Part(f"`{top.name}`, {shape}", piece.size, node)
    return Part(f"what `{node.path}` makes on the way", piece.size, node)


def _working(graph: Graph, sizes: Mapping[str, int]) -> Iterator[Part]:
    for node in graph.nodes:
        types = ([blob.type for blob in blobs] for blobs in (node.bottoms, node.tops))
        count = _number(node.layer.workspace(*types), sizes)
        called = f"what `{node.path}` computes with on the way, {count:,} numbers"
        yield Part(called, count * element_bytes(WORKING), node)


def _number(size: Size, sizes: Mapping[str, int]) -> int:
    """The number that a size is; 0 for one that shows only when the network runs."""
    found = substitute(size, dict(sizes))
    return found if isinstance(found, int) else 0
