"""What training keeps of a layer for the pass back."""

from netspec.analysis.columns.column import Column, Unit, summed
from netspec.analysis.columns.figures import Figures
from netspec.analysis.columns.wrong import Wrong
from netspec.analysis.memory.batch import opened
from netspec.analysis.saved import PRECISIONS, Saved, saved
from netspec.analysis.sizes import settled
from netspec.eager.open_size import OpenSize
from netspec.graph import Node, Size


def _saved(figures: Figures) -> Saved:
    """What autograd keeps in a training step, for the items that are asked for."""
    graph = figures.whole or figures.graph
    precision = figures.asked.precision if figures.asked.precision in PRECISIONS else "float32"
    sizes = figures.sizes or settled(graph, figures.items)
    try:
        return saved(graph, precision, sizes=sizes)
    except OpenSize as error:
        found = opened(graph, error.symbols)
        fixed = f": `{found.options}` fixes it" if found is not None else ""
        raise Wrong("columns", f"`saved_bytes` depends on {error.what}{fixed}") from None


def saved_bytes(figures: Figures, node: Node) -> Size:
    """The bytes of what it makes that autograd keeps."""
    return figures.once(_saved).layers.get(node.path, 0)


COLUMNS = (
    Column(
        name="saved_bytes",
        heading="bytes saved",
        about="bytes that training keeps of what it makes, for the pass back",
        of=summed(saved_bytes),
        unit=Unit.BYTES,
    ),
)
