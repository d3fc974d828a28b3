"""How deep a network is, as its authors count: layers with weights, one behind the other."""

from collections.abc import Mapping, Sequence
from operator import add

from netspec.graph import Graph, Node, Phase
from netspec.graph.pieces import Pattern, Piece

_NEVER = -(1 << 60)
"""The depth of what no path leads to."""


def depth(graph: Graph) -> int:
    """The layers of weights along the longest path of a `graph` from an input to an output: 22 of
    GoogLeNet.

    A layer counts that multiplies by a matrix of learned weights or by a filter; a recurrent layer
    counts as many as are stacked in it, attention with its projections as one. Scales, shifts and
    tables that are looked up don't count. A layer that is applied again counts again.
    """
    depths = _Depths(graph.view or Phase.TEST).of(graph.pieces, {})
    return max((depths.get(blob.name, 0) for blob in graph.results), default=0)


class _Depths:
    """How many layers of weights stand on the longest path to each blob, in a phase."""

    def __init__(self, phase: Phase) -> None:
        self._phase = phase
        self._patterns: dict[Pattern, list[list[int]]] = {}

    def of(
        self, pieces: Sequence[Piece], begun: Mapping[str, int], otherwise: int = 0
    ) -> dict[str, int]:
        """The depths of all blobs, by name, where those of some are known; a path may begin
        anywhere else as well, at the depth `otherwise`.
        """
        depths = {**begun}
        for piece in pieces:
            if not isinstance(piece, Node):
                before = [depths.get(blob.name, otherwise) for blob in piece.inputs]
                before.append(otherwise)
                for blob, paths in zip(piece.results, self._paths(piece.original), strict=True):
                    if blob.phase in (None, self._phase):
                        depths[blob.name] = max(map(add, before, paths))
            elif piece.phase in (None, self._phase):
                before = [depths.get(blob.name, otherwise) for blob in piece.bottoms]
                reached = max(before, default=otherwise) + layers_of_weights(piece)
                depths |= dict.fromkeys([blob.name for blob in piece.tops], reached)
        return depths

    def _paths(self, pattern: Pattern) -> list[list[int]]:
        """How much deeper than each input, and than what begins in it, each result may be."""
        if pattern not in self._patterns:
            names = [blob.name for blob in pattern.tree.inputs]
            each = [self.of(pattern.items, {name: 0}, _NEVER) for name in names]
            each.append(self.of(pattern.items, {}))
            given = [blob.name for blob in pattern.tree.outputs]
            self._patterns[pattern] = [
                [there.get(name, _NEVER) for there in each] for name in given
            ]
        return self._patterns[pattern]


def layers_of_weights(node: Node) -> int:
    """How many layers of weights a layer is."""
    weights = [each for each in node.parameters if not each.buffer and len(each.shape) > 1]
    return node.layer.stacked if weights and node.macs != 0 else 0
