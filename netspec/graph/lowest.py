"""The least sizes that a network runs at: where a window doesn't fit, back ends refuse to run."""

from collections.abc import Iterable, Sequence

from netspec.graph.bounds import Values, first, least_value, value
from netspec.graph.ir import Graph
from netspec.graph.nodes import Blob, Node
from netspec.graph.sizes import Size, SymbolicSize, symbols


class Lowest:
    """The lowest values of symbols, blob by blob: with lower ones it can't be computed.

    Nodes are looked at when a blob is first asked for, each once.
    """

    def __init__(self) -> None:
        self._of: dict[str, Values] = {}
        self._done = 0
        self._known: dict[Size, tuple[str, int] | None] = {}

    def of(self, nodes: Sequence[Node], blobs: Iterable[Blob]) -> Values:
        """Lowest values of the symbols that all these blobs can be computed at; 1 if unnamed.

        `nodes` are those of the network so far; they may grow from call to call.
        """
        for node in nodes[self._done :]:
            bounds = self._raised(self._joined(node.bottoms), node)
            for top in node.tops:
                self._of[top.name] = bounds
        self._done = len(nodes)
        return self._joined(blobs)

    def _joined(self, blobs: Iterable[Blob]) -> Values:
        joined: Values = {}
        for blob in blobs:
            bounds = self._of.get(blob.name, {})
            if joined is not bounds:
                joined = _higher(joined, bounds)
        return joined

    def _raised(self, bounds: Values, node: Node) -> Values:
        """The bounds of a node's bottoms, raised to what the node itself needs."""
        types = [[blob.type for blob in blobs] for blobs in (node.bottoms, node.tops)]
        for size in node.layer.needs(*types):
            if isinstance(size, SymbolicSize):
                found = self._least(size)
                if found is not None and bounds.get(found[0], 1) < found[1]:
                    bounds = {**bounds, found[0]: found[1]}
        return bounds

    def _least(self, size: SymbolicSize) -> tuple[str, int] | None:
        if size not in self._known:
            self._known[size] = least_value(size)
        return self._known[size]


def _higher(one: Values, other: Values) -> Values:
    """The higher of two bounds for each symbol; the very same object where that will do."""
    if all(one.get(name, 1) >= least for name, least in other.items()):
        return one
    names = {**one, **other}
    return {name: max(one.get(name, 1), other.get(name, 1)) for name in names}


def least_sizes(graph: Graph) -> dict[str, int]:
    """The least sizes for the symbols of a graph's inputs at which all of its view runs.

    The view is that of TEST unless a phase was chosen. Where a need is one of several symbols
    together, all of these are raised alike until it is met.
    """
    names = [name for blob in graph.inputs for size in blob.shape for name in sorted(symbols(size))]
    lowest, nodes = Lowest(), tuple(graph)
    tops = [top for node in nodes for top in node.tops]
    least = dict.fromkeys(names, 1) | dict(lowest.of(nodes, tops))
    for node in nodes:
        types = [[blob.type for blob in blobs] for blobs in (node.bottoms, node.tops)]
        for size in node.layer.needs(*types):
            # Rows that a layer counts when it runs aren't for anybody to choose.
            if not isinstance(size, int) and symbols(size) <= least.keys():
                least |= _enough(size, least)
    return least


def _enough(size: SymbolicSize, least: Values) -> Values:
    """Values for the symbols of a size, all raised by the same, that make it 1 or more."""
    names = symbols(size)

    def raised(more: int) -> Values:
        return {name: least[name] + more for name in names}

    more = first(lambda each: value(size, raised(each)) > 0)
    return raised(more or 0)
