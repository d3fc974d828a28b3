"""A network's own tensors: weights, buffers and constants."""

from collections.abc import Iterator
from dataclasses import replace

from netspec.graph import Graph, Node, Parameter, Shape, TensorType
from netspec.graph.types import FLOATS, element_bytes
from netspec.quick import frozen


@frozen
class Tensor:
    """A tensor that the module holds: its name, its sizes and type, and the layer that it's of.

    `parameter` is None for a constant that no file holds.
    """

    name: str
    shape: Shape
    dtype: str
    node: Node
    parameter: Parameter | None = None

    def bytes(self, precision: str = "float32") -> int:
        """Its bytes, where real numbers have that precision; others keep their type."""
        count = self.shape.elements
        assert isinstance(count, int)
        return count * element_bytes(precision if self.dtype in FLOATS else self.dtype)


def of_precision(kind: TensorType, precision: str) -> TensorType:
    """The type where real numbers have that precision; others keep theirs."""
    if kind.dtype in FLOATS and kind.dtype != precision:
        return replace(kind, dtype=precision)
    return kind


def tensors(graph: Graph) -> Iterator[Tensor]:
    """The weights, buffers and constants; what several layers share is there once."""
    for node in graph.nodes:
        for each in node.parameters:
            if not (each.shared or node.reused):
                yield Tensor(each.name, Shape(each.shape), each.dtype, node, each)
        if node.layer.is_constant and not node.parameters:
            for top in node.tops:
                yield Tensor(top.name, top.shape, top.type.dtype, node)


def weight_bytes(graph: Graph, precision: str = "float32") -> int:
    """The bytes of a network's weights, buffers and constants: what the module takes before it
    runs. Counters of batches are int64 in any precision.
    """
    return sum(each.bytes(precision) for each in tensors(graph))


def trained(graph: Graph) -> list[Parameter]:
    """The weights that get a gradient: not those that are frozen."""
    held = (each.parameter for each in tensors(graph))
    return [each for each in held if each is not None and each.trainable]
