"""That a graph is whole, and stays so in every pass over it."""

from netspec.graph import Graph, Phase
from netspec.graph.check import faults
from netspec.lower.onnx.passes.precision import cast
from netspec.lower.onnx.passes.simplify import fold_batchnorm, without_identities, without_unread


def check_whole(graph: Graph) -> None:
    """Look at the graph, at its views, and at what the passes make of these."""
    _check(graph)
    assert graph.with_nodes(graph.nodes) == graph
    _check(cast(graph, "float16"))
    for phase in Phase if graph.view is None else ():
        _check(graph.phase(phase))
    view = graph.phase(Phase.TEST)
    needed = _checked(without_unread(view))
    alive = _checked(without_identities(needed))
    # How the weights change is no matter here, so that none are needed.
    folded, _ = fold_batchnorm(alive, {})
    _check(folded)
    _check(cast(folded, "bfloat16"))


def _checked(graph: Graph) -> Graph:
    _check(graph)
    return graph


def _check(graph: Graph) -> None:
    assert faults(graph) == []
