"""What memory it takes to run a network, as far as its graph tells."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from netspec.graph import Graph, Node, Shape, Size
from netspec.graph.sizes import substitute

WORKING = "float32"
"""What layers compute in."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of it: what that is, its bytes, and the layer that has it; None of an input."""

    called: str
    size: int
    node: Node | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """The bytes it takes at the least, and the largest piece of it."""

    size: int
    largest: Piece


def memory(graph: Graph, sizes: Mapping[str, int], copies: int) -> Memory:
    """What it takes with numbers for the symbols, where blobs are kept until the end, as a pass
    back needs them, and where there are so many copies of the weights.
    """
    weights, blobs = [*_weights(graph, copies)], [*_blobs(graph, sizes)]
    working = max(_working(graph, sizes), key=lambda each: each.size, default=None)
    pieces = [*weights, *blobs, *filter(None, [working])]
    total = sum(each.size for each in pieces)
    return Memory(total, max(pieces, key=lambda each: each.size))


def tensors(graph: Graph) -> int:
    """The bytes of a network's own tensors: weights, buffers and constants."""
    given = (node for node in graph.nodes if node.layer.is_constant and not node.parameters)
    constants = [_number(top.shape.elements, {}) for node in given for top in node.tops]
    return sum(each.size for each in _weights(graph, copies=1)) + 4 * sum(constants)


def _weights(graph: Graph, copies: int) -> Iterator[Piece]:
    for node in graph.nodes:
        for each in node.parameters:
            if not (each.shared or node.reused):
                called = f"`{each.name}`, {Shape(each.shape)}"
                yield Piece(called, copies * each.elements * _bytes(each.dtype), node)


def _blobs(graph: Graph, sizes: Mapping[str, int]) -> Iterator[Piece]:
    given = [(blob, None) for blob in graph.inputs]
    kept = (node for node in graph.nodes if node.layer.keeps_tops and not node.is_parameter)
    made = [(top, node) for node in kept for top in node.tops]
    for blob, node in (*made, *given):
        shape = blob.shape.substitute(dict(sizes))
        count = _number(shape.elements, sizes)
        yield Piece(f"`{blob.name}`, {shape}", count * _bytes(blob.type.dtype), node)


def _working(graph: Graph, sizes: Mapping[str, int]) -> Iterator[Piece]:
    for node in graph.nodes:
        types = ([blob.type for blob in blobs] for blobs in (node.bottoms, node.tops))
        count = _number(node.layer.workspace(*types), sizes)
        called = f"what `{node.path}` computes with on the way, {count:,} numbers"
        yield Piece(called, count * _bytes(WORKING), node)


def _number(size: Size, sizes: Mapping[str, int]) -> int:
    """The number that a size is; 0 for one that shows only when the network runs."""
    found = substitute(size, dict(sizes))
    return found if isinstance(found, int) else 0


def _bytes(dtype: str) -> int:
    """The bytes of an element.

    >>> _bytes("float32"), _bytes("bool")
    (4, 1)
    """
    bits = "".join(filter(str.isdigit, dtype))
    return int(bits) // 8 if bits else 1
