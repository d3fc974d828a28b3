"""Blobs whose numbers mean something to the layers that read them: boxes in images, and labels."""

from collections.abc import Sequence

from netspec.graph.ir import Graph
from netspec.graph.nodes import Blob


def regions(graph: Graph) -> list[tuple[Blob, Blob]]:
    """The blobs that are read as boxes, each with the images that they lie in."""
    return [
        (node.bottoms[number], node.bottoms[0])
        for node in graph.nodes
        for number in node.layer.regions
    ]


def labels(graph: Graph) -> list[Blob]:
    """The blobs that are read as the numbers of classes."""
    return [node.bottoms[number] for node in graph.nodes for number in node.layer.labels]


def meaningful(graph: Graph) -> list[Blob]:
    """All of them, each once."""
    boxes = [blob for blob, _ in regions(graph)]
    return list(dict.fromkeys([*boxes, *labels(graph)]))


def sources(graph: Graph, blobs: Sequence[Blob]) -> set[str]:
    """The inputs that blobs may be made of, by layers without arithmetic."""
    makers = {top.name: node for node in graph.nodes for top in node.tops}
    waiting = [blob.name for blob in blobs]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        node = makers.get(name)
        if name not in seen and node is not None and node.flops == 0:
            waiting += [blob.name for blob in node.bottoms]
        seen.add(name)
    return {blob.name for blob in graph.inputs} & seen
