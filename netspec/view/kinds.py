"""Scopes that are built alike: what is drawn of one of them holds of all."""

from collections.abc import Iterable
from typing import TypeAlias

from netspec.graph import Node

Kinship: TypeAlias = tuple[object, ...]


class Kinds:
    """Tells whether layers are wired alike and do the same on the same types, whatever their names.

    Layers are often the very same object, so each object is looked at once.
    """

    def __init__(self) -> None:
        self._numbers: dict[object, int] = {}
        self._layers: dict[int, int] = {}
        self._held: list[object] = []

    def of(self, nodes: Iterable[Node]) -> Kinship:
        """What is equal for layers that are built alike: in order, what each is, which blobs it
        reads, numbered as they first come, and what it gives.
        """
        places: dict[str, int] = {}
        found: list[object] = []
        for node in nodes:
            found.append(self._layer(node))
            found.append(tuple([places.setdefault(b.name, len(places)) for b in node.bottoms]))
            for blob in node.tops:
                places.setdefault(blob.name, len(places))
                found.append(blob.type.shape.sizes)
        return tuple(found)

    def _layer(self, node: Node) -> int:
        known = self._layers.get(id(node.layer))
        if known is None:
            said = (node.type, repr(node.layer))
            known = self._numbers.setdefault(said, len(self._numbers))
            self._layers[id(node.layer)] = known
            self._held.append(node.layer)  # so that its id stays its own
        return known
