"""The figures of a network that a sweep has columns of: the totals of its summary."""

from netspec.graph import Graph, Phase, Size

FIGURES = (
    "params",
    "trainable_params",
    "buffers",
    "macs",
    "flops",
    "activations",
    "layers",
)


def figures_of(graph: Graph) -> dict[str, Size]:
    """The figures by name, in the TEST phase; formulas where they depend on symbolic sizes."""
    phased = any(node.phase is not None for node in graph.nodes)
    view = graph.phase(Phase.TEST) if phased else graph
    weights = [each for each in view.parameters if not each.buffer and not each.shared]
    buffers = [each for each in view.parameters if each.buffer and not each.counts_batches]
    return {
        "params": sum(each.elements for each in weights),
        "trainable_params": sum(each.elements for each in weights if each.trainable),
        "buffers": sum(each.elements for each in buffers),
        "macs": view.macs,
        "flops": view.flops,
        "activations": view.activations,
        "layers": len(view),
    }
