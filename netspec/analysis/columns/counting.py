"""What a layer counts for by a convention, as columns and totals ask for it."""

from collections.abc import Callable
from functools import cache

from netspec.analysis.columns.figures import Figures
from netspec.analysis.conventions import named
from netspec.graph import Node, Size


@cache
def counting(convention: str) -> Callable[[Figures, Node], Size]:
    """The function of a layer, for all items that are asked for; always the same one of a name."""
    weights = named(convention).weights

    def count(figures: Figures, node: Node) -> Size:
        return node.times(figures.items) * node.work.weighed(weights)

    return count
