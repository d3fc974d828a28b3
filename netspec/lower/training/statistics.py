"""What sees a batch as a whole."""

from collections.abc import Sequence

from netspec.graph import Graph, Node, Phase
from netspec.lower.training.freezing import frozen_owners
from netspec.recipes import Recipe


def statistical(graph: Graph, recipe: Recipe) -> Sequence[Node]:
    """The layers that take the statistics of a batch as they are trained: what is frozen as a whole
    has its own.
    """
    frozen = frozen_owners(graph, recipe)
    return [
        node
        for node in graph.phase(Phase.TRAIN).nodes
        if node.layer.takes_statistics
        and (not node.parameters or any(each.owner not in frozen for each in node.parameters))
    ]
