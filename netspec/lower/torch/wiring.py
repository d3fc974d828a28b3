"""Which blobs cross the border of a scope, and which layers of a scope stand together."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from netspec.graph import Blob, Graph, Node, Scope

Member: TypeAlias = "Node | Scope"


@dataclass(frozen=True, slots=True)
class Interface:
    """The blobs that a layer or scope reads from around it, and those that it gives, by name."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def results(graph: Graph) -> tuple[Blob, ...]:
    """What the network gives: its outputs, and besides them its losses."""
    known = {blob.name for blob in graph.results}
    tops = (blob for node in graph.nodes for blob in node.tops)
    losses = (blob for blob in tops if blob.name in graph.losses and blob.name not in known)
    return (*graph.results, *losses)


class Wiring:
    """Questions about the edges of a graph, answered from tables made once."""

    def __init__(self, graph: Graph) -> None:
        self.order = {node.path: number for number, node in enumerate(graph.nodes)}
        self.results = frozenset(blob.name for blob in results(graph))
        self._readers: dict[str, list[int]] = {}
        self._makers = {blob.name: node for node in graph.nodes for blob in node.tops}
        self._nodes: dict[str, tuple[Node, ...]] = {}
        self._interfaces: dict[str, Interface] = {}
        for number, node in enumerate(graph.nodes):
            for blob in node.bottoms:
                self._readers.setdefault(blob.name, []).append(number)

    def readers(self, blob: str) -> int:
        """How often a blob is read; being a result counts too."""
        return len(self._readers.get(blob, ())) + (blob in self.results)

    def maker(self, blob: str) -> Node | None:
        """The layer that gives a blob; None for an input of the network."""
        return self._makers.get(blob)

    def nodes(self, member: Member) -> tuple[Node, ...]:
        """The layers of a scope in order of execution."""
        if isinstance(member, Node):
            return (member,)
        if member.path not in self._nodes:
            found = sorted(_nodes(member), key=lambda node: self.order[node.path])
            self._nodes[member.path] = tuple(found)
        return self._nodes[member.path]

    def first(self, member: Member) -> int:
        """When the member's first layer runs; empty scopes come last."""
        nodes = self.nodes(member)
        return self.order[nodes[0].path] if nodes else len(self.order)

    def contiguous(self, scope: Scope) -> bool:
        """Whether nothing else runs between the layers of a scope."""
        nodes = self.nodes(scope)
        return not nodes or self.first(scope) + len(nodes) - 1 == self.order[nodes[-1].path]

    def interface(self, member: Member) -> Interface:
        """What a layer reads and gives, bottom for bottom; of a scope each blob once."""
        if isinstance(member, Node):
            return Interface(_names(member.bottoms), _names(member.tops))
        if member.path not in self._interfaces:
            self._interfaces[member.path] = self._border(member)
        return self._interfaces[member.path]

    def _border(self, scope: Scope) -> Interface:
        nodes = self.nodes(scope)
        made = dict.fromkeys(blob.name for node in nodes for blob in node.tops)
        read = dict.fromkeys(blob.name for node in nodes for blob in node.bottoms)
        # The scope's own order first, so that all instances of a block have the same.
        declared = [name for name in _names(scope.inputs) if name in read]
        around = [name for name in read if name not in made]
        given = [name for name in _names(scope.outputs) if name in made]
        tapped = [name for name in made if self._leaves(name, nodes)]
        return Interface(
            tuple(dict.fromkeys(declared + around)), tuple(dict.fromkeys(given + tapped))
        )

    def _leaves(self, blob: str, nodes: tuple[Node, ...]) -> bool:
        """Whether a blob made among `nodes`, which stand together, is used beyond them."""
        last = self.order[nodes[-1].path]
        return blob in self.results or any(n > last for n in self._readers.get(blob, ()))


def _nodes(scope: Scope) -> Iterator[Node]:
    for member in scope.members:
        if isinstance(member, Scope):
            yield from _nodes(member)
        else:
            yield member


def _names(blobs: tuple[Blob, ...]) -> tuple[str, ...]:
    return tuple(blob.name for blob in blobs)
