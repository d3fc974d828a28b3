"""What Caffe calls layers and blobs, and which layers write over what they read.

A path's dots become slashes. A blob is called as the layer that gives it, and where that layer
works in place, as what it reads: so a name stands for the last blob that has borne it.
"""

from collections.abc import Collection, Sequence

from netspec.graph import Blob, Graph, Node
from netspec.lower.prototxt.pieces import Piece

_IN_PLACE = frozenset(
    ("ReLU", "PReLU", "ELU", "Sigmoid", "TanH", "Dropout", "BatchNorm", "Scale", "Bias")
)
"""Caffe's layers that find the gradient without what they have written over."""
_OVER = (("ReLU", "Dropout"),)
"""A layer, and one that may write over its top though its gradient looks at that: where Dropout has
put a zero, it lets nothing back anyway.
"""


def called(path: str) -> str:
    """A path as Caffe's files have it.

    >>> called("layer1.0.conv1")
    'layer1/0/conv1'
    """
    return path.replace(".", "/")


class Blobs:
    """The names of a network's blobs, and those of its layers, which no other may have."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._taken = {called(node.path) for node in graph.nodes}
        self._names = {blob.name: blob.name for blob in graph.inputs}
        self._types: dict[str, str] = {}
        self._kept = {blob.name for blob in graph.results}

    def name(self, blob: Blob) -> str:
        """What a blob is called; it has been given."""
        return self._names[blob.name]

    def type(self, node: Node) -> str:
        """The type of Caffe's that gives a layer's tops; they have been given."""
        return self._types[node.path]

    def give(self, node: Node, pieces: Sequence[Piece]) -> list[str]:
        """The names of a layer's tops."""
        names = [called(blob.name) for blob in node.tops]
        if len(names) == 1 and self._in_place(node, pieces[0].type):
            names = [self.name(node.bottoms[0])]
        self._types[node.path] = pieces[-1].type
        self._names |= {blob.name: name for blob, name in zip(node.tops, names, strict=True)}
        return names

    def free(self, wanted: str) -> str:
        """A name for a layer besides those of the network; it's taken from then on."""
        name, number = wanted, 1
        while name in self._taken:
            number += 1
            name = f"{wanted}_{number}"
        self._taken.add(name)
        return name

    def _in_place(self, node: Node, type: str) -> bool:
        """Whether the layer may write over the only blob that it reads: nobody else reads that, it
        is no result, and whoever gives it has no more need of it.
        """
        if len(node.bottoms) != 1 or type not in _IN_PLACE:
            return False
        (bottom,) = node.bottoms
        maker = self._graph.makers.get(bottom.name)
        return (
            maker is not None
            and maker.phase == node.phase
            and len(self._graph.readers[bottom.name]) == 1
            and bottom.name not in self._kept
            and (maker.layer.overwritable or (self.type(maker), type) in _OVER)
        )


def shared_names(graph: Graph) -> dict[str, str]:
    """Names for parameters that several layers have, by the names of their owners."""
    seen: set[str] = set()
    shared: dict[str, str] = {}
    for node in graph.nodes:
        for each in node.parameters:
            if each.owner in seen:
                shared[each.owner] = called(each.owner)
            seen.add(each.owner)
    return shared


def unread(graph: Graph, kept: Collection[str]) -> list[Blob]:
    """The blobs that nobody reads and that are none of those kept."""
    made = [blob for node in graph.nodes for blob in node.tops]
    return [blob for blob in made if blob.name not in graph.readers and blob.name not in kept]
