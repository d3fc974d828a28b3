"""A graph that computes with another floating-point type."""

from dataclasses import replace

from netspec.graph import Blob, Graph, Node


def cast(graph: Graph, dtype: str) -> Graph:
    """The graph's nodes, inputs and results with every float32 of that type instead.

    The tree of scopes stays as it was.
    """
    if dtype == "float32":
        return graph
    blobs: dict[str, Blob] = {}

    def converted(blob: Blob) -> Blob:
        if blob.name not in blobs:
            kind = replace(blob.type, dtype=_converted(blob.type.dtype, dtype))
            blobs[blob.name] = replace(blob, type=kind)
        return blobs[blob.name]

    def node(old: Node) -> Node:
        return replace(
            old,
            bottoms=tuple(map(converted, old.bottoms)),
            tops=tuple(map(converted, old.tops)),
            parameters=tuple(
                replace(each, dtype=_converted(each.dtype, dtype)) for each in old.parameters
            ),
        )

    return replace(
        graph,
        inputs=tuple(map(converted, graph.inputs)),
        results=tuple(map(converted, graph.results)),
        nodes=tuple(map(node, graph.nodes)),
    )


def _converted(dtype: str, wanted: str) -> str:
    return wanted if dtype == "float32" else dtype
