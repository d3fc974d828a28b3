"""The figures of a network that a sweep has columns of: the totals of its summary."""

from collections.abc import Collection, Mapping

from netspec.analysis.columns.column import Value
from netspec.analysis.columns.figures import Asked, Figures
from netspec.analysis.totals import TOTALS
from netspec.graph import Graph, Phase

EVERY = tuple(each.name for each in TOTALS if each.needs is None)
FIGURES = tuple(each.name for each in TOTALS if each.needs is None and not each.detail)
"""Those that are there unless others are named, which take as long as all of these."""
SPARE = ("buffers", "layers", "trainable_params", "activations", "flops", "depth")
"""What a narrow table goes without, the first of them first."""
SUMS = ("macs", "flops", "activations")
"""What a graph adds up itself, in one go: nothing is asked of each layer here."""


def figures_of(graph: Graph, names: Collection[str] = FIGURES) -> Mapping[str, Value]:
    """These figures by name, in the TEST phase; formulas where they depend on symbolic sizes.

    Those that are always there count the layers of TEST anyway, and none has to be made for them.
    """
    asked = [each for each in TOTALS if each.name in names and each.name not in SUMS]
    if any(each.detail for each in asked) and any(node.phase is not None for node in graph.nodes):
        graph = graph.phase(Phase.TEST)
    figures = Figures(graph, Asked())
    sums = {name: getattr(graph, name) for name in SUMS}
    return sums | {each.name: each.of(figures) for each in asked}
