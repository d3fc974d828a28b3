"""What it takes at the least to run a network in any target and to go back, as `verify` does."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from netspec.analysis.memory.tensors import tensors
from netspec.graph import Graph, Node, Size
from netspec.graph.sizes import substitute
from netspec.graph.types import element_bytes

WORKING = "float32"
"""What layers compute in."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of it: what that is, its bytes, and the layer that has it; None of an input."""

    called: str
    size: int
    node: Node | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """The bytes it takes at the least, and the largest part of it."""

    size: int
    largest: Part


def needed_to_run(graph: Graph, sizes: Mapping[str, int], copies: int) -> Need:
    """What it takes with numbers for the symbols, where blobs are kept until the end, as a pass
    back needs them, and where there are so many copies of the weights.
    """
    weights = [
        Part(f"`{each.name}`, {each.shape}", copies * each.bytes(), each.node)
        for each in tensors(graph)
        if each.parameter is not None
    ]
    blobs = [*_blobs(graph, sizes)]
    working = max(_working(graph, sizes), key=lambda each: each.size, default=None)
    parts = [*weights, *blobs, *filter(None, [working])]
    total = sum(each.size for each in parts)
    return Need(total, max(parts, key=lambda each: each.size))


def _blobs(graph: Graph, sizes: Mapping[str, int]) -> Iterator[Part]:
    given = [(blob, None) for blob in graph.inputs]
    kept = (node for node in graph.nodes if node.layer.keeps_tops and not node.is_parameter)
    made = [(top, node) for node in kept for top in node.tops]
    for blob, node in (*made, *given):
        shape = blob.shape.substitute(dict(sizes))
        count = _number(shape.elements, sizes)
        yield Part(f"`{blob.name}`, {shape}", count * element_bytes(blob.type.dtype), node)


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
