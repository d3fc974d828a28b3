"""Layers that write over what they read, in the form that does so."""

from collections.abc import Mapping

from netspec.graph import Graph
from netspec.graph import in_place as graph_in_place
from netspec.lower.torch.registry import Lowered


def in_place(graph: Graph, lowered: Mapping[str, Lowered]) -> dict[str, Lowered]:
    """The lowerings, each in its form in place if it has one that's safe.

    Of netspec's own layers their classes say which can; of others their lowerings.
    """
    over = graph_in_place.in_place(
        graph,
        lambda node: node.layer.writes_over or lowered[node.path].in_place is not None,
        lambda node: node.layer.overwritable or lowered[node.path].overwritable,
    )
    return {
        node.path: (lowered[node.path].in_place if node.path in over else None)
        or lowered[node.path]
        for node in graph.nodes
    }
