"""Parameters, arithmetic and activations."""

from math import prod

from netspec.analysis.columns.column import Column, summed
from netspec.analysis.columns.figures import Figures, Place
from netspec.graph import Blob, Node, Size
from netspec.graph.nodes import item
from netspec.graph.sizes import total


def params(figures: Figures, node: Node) -> int:
    """Elements of the weights that a layer is the first to hold."""
    return node.params


def trainable(figures: Figures, node: Node) -> int:
    """Those of them that training changes."""
    return node.trainable_params


def buffers(figures: Figures, node: Node) -> int:
    """Elements of its running statistics; batch counters are bookkeeping."""
    return node.buffers


def macs(figures: Figures, node: Node) -> Size:
    """Multiply-accumulates, for all items that are asked for."""
    return node.times(figures.items) * node.macs


def flops(figures: Figures, node: Node) -> Size:
    """Arithmetic operations of every kind."""
    return node.times(figures.items) * node.flops


def activations(figures: Figures, node: Node) -> Size:
    """Elements of the tops."""
    if node.path in figures.written_over:
        return 0
    shapes = [top.type.shape.sizes for top in node.tops]
    # Most often the first size is the batch, the very same object, which spares the rest.
    if all(sizes and sizes[0] is node.batch for sizes in shapes):
        return figures.items * total([prod(sizes[1:]) for sizes in shapes])
    return total([_of_items(top, node.batch, figures.items) for top in node.tops])


def _of_items(blob: Blob, batch: Size, items: int) -> Size:
    """Elements for so many items; what has no batch, such as a Parameter's, is there once."""
    one = item(blob.type, batch)
    return one.shape.elements * (1 if one is blob.type else items)


def weights(figures: Figures, node: Node) -> int:
    """Elements of the weights that are matrices, of two axes or more: biases and factors of
    channels are vectors.
    """
    held = (each for each in node.held if len(each.shape) > 1)
    return sum(each.elements for each in held if not each.buffer)


def elements(figures: Figures, blob: Blob) -> Size:
    """Elements of an input of the network."""
    type = item(blob.type, figures.graph.inputs[0].shape[0])
    return figures.items * type.shape.elements


def _activations(figures: Figures, place: Place) -> Size:
    made = summed(activations)(figures, place)
    return made if place.input is None else made + elements(figures, place.input)


COLUMNS = (
    Column(
        name="params",
        heading="parameters",
        about="elements of the weights, shared ones where they first stand",
        of=summed(params),
    ),
    Column(
        name="trainable_params",
        heading="trainable",
        about="those of them that training changes",
        of=summed(trainable),
    ),
    Column(
        name="weights",
        heading="weights",
        about="elements of the weights of two axes or more: no biases",
        of=summed(weights),
    ),
    Column(
        name="buffers",
        heading="buffers",
        about="elements of running statistics",
        of=summed(buffers),
    ),
    Column(name="macs", heading="MACs", about="multiply-accumulates", of=summed(macs)),
    Column(
        name="flops",
        heading="FLOPs",
        about="arithmetic operations of every kind",
        of=summed(flops),
    ),
    Column(
        name="activations",
        heading="activations",
        about="elements of the tops",
        of=_activations,
    ),
)
