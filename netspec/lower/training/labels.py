"""What labels may be, as the layers that read them say."""

from netspec.graph import Blob, Graph


def classes_of(graph: Graph, blob: Blob) -> int | None:
    """How many classes the labels in an input are of; None where a layer doesn't say it."""
    found = [
        node.layer.labels_below([each.type for each in node.bottoms])
        for node in graph.nodes
        for number in node.layer.labels
        if node.bottoms[number] == blob
    ]
    known = [each for each in found if isinstance(each, int)]
    return min(known) if len(known) == len(found) > 0 else None
