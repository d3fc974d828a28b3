"""The figures of a network that a sweep has columns of: the totals of its summary."""

from collections.abc import Mapping

from netspec.analysis.columns.column import Value
from netspec.analysis.columns.figures import Asked, Figures
from netspec.analysis.totals import TOTALS
from netspec.graph import Graph, Phase

FIGURES = tuple(each.name for each in TOTALS if each.needs is None and not each.detail)
SUMS = ("macs", "flops", "activations")
"""What a graph adds up itself, in one go: nothing is asked of each layer here."""


def figures_of(graph: Graph) -> Mapping[str, Value]:
    """The figures by name, in the TEST phase; formulas where they depend on symbolic sizes."""
    phased = any(node.phase is not None for node in graph.nodes)
    figures = Figures(graph.phase(Phase.TEST) if phased else graph, Asked())
    sums = {name: getattr(figures.graph, name) for name in SUMS}
    others = (each for each in TOTALS if each.name in FIGURES and each.name not in sums)
    return sums | {each.name: each.of(figures) for each in others}
