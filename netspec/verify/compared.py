"""Which values of a network are compared: its results, and what goes into layers that hide it."""

from netspec.graph import Blob, Graph
from netspec.graph.needed import needed_by_results


def before_saturation(view: Graph) -> list[Blob]:
    """What goes into the last layers of a phase that saturate, in the order of the graph.

    A last layer is one that a result comes from, or the one before a last layer that saturates
    too, or that has no arithmetic and so only hands on what it reads.
    """
    makers = view.makers
    waiting = [makers[blob.name] for blob in view.results if blob.name in makers]
    found: set[str] = set()
    seen: set[str] = set()
    while waiting:
        node = waiting.pop()
        if node.path in seen or not (node.layer.saturates or node.flops == 0):
            continue
        seen.add(node.path)
        if node.layer.saturates:
            found.update(blob.name for blob in node.bottoms)
        waiting += [makers[blob.name] for blob in node.bottoms if blob.name in makers]
    return _ordered(view, found)


def before_every_saturation(view: Graph) -> list[Blob]:
    """What goes into any layer that saturates, in the order of the graph."""
    saturating = (node for node in needed_by_results(view) if node.layer.saturates)
    return _ordered(view, {blob.name for node in saturating for blob in node.bottoms})


def _ordered(view: Graph, names: set[str]) -> list[Blob]:
    """Those of the layers' tops that are no results."""
    results = {blob.name for blob in view.results}
    tops = (top for node in view for top in node.tops)
    return [top for top in tops if top.name in names and top.name not in results]
