"""The symbols of a graph that a question settles."""

from netspec.analysis.columns.wrong import Wrong
from netspec.graph import Graph
from netspec.graph.sizes import is_mere_symbol


def settled(graph: Graph, batch: int | None) -> dict[str, int]:
    """The size of the symbol that stands for the batch, of so many items; none for no batch.

    Wrong where the network's inputs fix another.
    """
    if batch is None or not graph.inputs:
        return {}
    blob = graph.inputs[0]
    size = blob.shape[0] if blob.shape.rank else batch
    if is_mere_symbol(size):
        return {str(size): batch}
    if size == batch:
        return {}
    raise Wrong("batch", f"the batch is {size} here: the input `{blob.name}` is {blob.shape}")
