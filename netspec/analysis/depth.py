"""How deep a network is, as its authors count: layers with weights, one behind the other."""

from netspec.graph import Graph, Node


def depth(graph: Graph) -> int:
    """The layers of weights along the longest path of a `graph` from an input to an output: 22 of
    GoogLeNet.

    A layer counts that multiplies by a matrix of learned weights or by a filter; a recurrent layer
    counts as many as are stacked in it, attention with its projections as one. Scales, shifts and
    tables that are looked up don't count. A layer that is applied again counts again.
    """
    depths = depths_of_blobs(graph)
    return max((depths.get(blob.name, 0) for blob in graph.results), default=0)


def depths_of_blobs(graph: Graph) -> dict[str, int]:
    """How many layers of weights stand on the longest path to each blob, the one that gives it
    included.
    """
    depths: dict[str, int] = {}
    for node in graph:
        before = max((depths.get(blob.name, 0) for blob in node.bottoms), default=0)
        reached = before + layers_of_weights(node)
        depths |= dict.fromkeys([blob.name for blob in node.tops], reached)
    return depths


def layers_of_weights(node: Node) -> int:
    """How many layers of weights a layer is."""
    learned = (each for each in node.parameters if not each.buffer)
    if all(len(each.shape) < 2 for each in learned) or node.macs == 0:
        return 0
    return node.layer.stacked
