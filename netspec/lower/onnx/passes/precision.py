"""What a network computes with: another floating-point type throughout, or in a layer alone."""

from collections.abc import Callable
from dataclasses import replace

from netspec.graph import Blob, Graph, Node

HALVES = ("float16", "bfloat16")
"""The types of half the length, whose every value float32 holds exactly."""


def cast(graph: Graph, dtype: str) -> Graph:
    """The graph with every float32 of that type instead."""
    if dtype == "float32":
        return graph
    blobs: dict[str, Blob] = {}

    def wanted(old: str) -> str:
        return dtype if old == "float32" else old

    def converted(blob: Blob) -> Blob:
        if blob.name not in blobs:
            blobs[blob.name] = _blob(blob, wanted)
        return blobs[blob.name]

    nodes = (_node(node, wanted, converted) for node in graph.nodes)
    return graph.with_nodes(nodes, inputs=tuple(map(converted, graph.inputs)))


def widened(node: Node) -> Node:
    """The node with float32 for every type of half the length."""

    def wanted(old: str) -> str:
        return "float32" if old in HALVES else old

    return _node(node, wanted, lambda blob: _blob(blob, wanted))


def _node(node: Node, wanted: Callable[[str], str], converted: Callable[[Blob], Blob]) -> Node:
    return replace(
        node,
        bottoms=tuple(map(converted, node.bottoms)),
        tops=tuple(map(converted, node.tops)),
        parameters=tuple(replace(each, dtype=wanted(each.dtype)) for each in node.parameters),
    )


def _blob(blob: Blob, wanted: Callable[[str], str]) -> Blob:
    return replace(blob, type=replace(blob.type, dtype=wanted(blob.type.dtype)))
