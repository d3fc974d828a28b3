"""The figures of a network that a sweep has columns of: the totals of its summary."""

from collections.abc import Mapping

from netspec.analysis.columns.column import Value
from netspec.analysis.columns.figures import Asked, Figures
from netspec.analysis.totals import TOTALS, totals
from netspec.graph import Graph, Phase

FIGURES = tuple(each.name for each in TOTALS)


def figures_of(graph: Graph) -> Mapping[str, Value]:
    """The figures by name, in the TEST phase; formulas where they depend on symbolic sizes."""
    phased = any(node.phase is not None for node in graph.nodes)
    return totals(Figures(graph.phase(Phase.TEST) if phased else graph, Asked()))
