"""Which blobs cross the border of a scope, and which layers of a scope stand together."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from netspec.diagnostics import Diagnostic, SpecError
from netspec.graph import Blob, Graph, Node, Scope
from netspec.graph.tree import beginnings, leaves, scopes

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
        self._graph = graph
        self._nodes: dict[str, tuple[Node, ...]] = {}
        self._interfaces: dict[str, Interface] = {}
        self._uses: dict[str, list[Scope]] = {}
        self._givers: dict[str, list[str]] = {}
        for scope in scopes(graph.root):
            self._uses.setdefault(scope.module, []).append(scope)
            for blob in scope.outputs:
                self._givers.setdefault(blob.name, []).append(scope.path)
        self._repeats = frozenset(scope.path for scope in scopes(graph.root) if scope.repeat)

    def readers(self, blob: str) -> int:
        """How often a blob is read; being a result counts too."""
        return len(self._graph.readers.get(blob, ())) + (blob in self.results)

    def reading(self, blob: str) -> Iterator[str]:
        """The paths of the layers that read a blob."""
        return (node.path for node in self._graph.readers.get(blob, ()))

    def repeats_around(self, path: str) -> Iterator[str]:
        """The paths of the repeats in which a layer stands, innermost first."""
        return (each for each in beginnings(path) if each in self._repeats)

    def leaves(self, blob: str, scope: Scope) -> bool:
        """Whether a blob made in a scope is used beyond it."""
        return self._leaves(blob, self.nodes(scope)) or self._is_given_around(blob, scope)

    def maker(self, blob: str) -> Node | None:
        """The layer that gives a blob; None for an input of the network."""
        return self._graph.makers.get(blob)

    def nodes(self, member: Member) -> tuple[Node, ...]:
        """The layers of a scope in order of execution."""
        if isinstance(member, Node):
            return (member,)
        if member.path not in self._nodes:
            found = sorted(leaves(member), key=lambda node: self.order[node.path])
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

    def uses(self) -> Iterable[list[Scope]]:
        """The uses of each scope's module, the first one first."""
        return self._uses.values()

    def interface(self, member: Member) -> Interface:
        """What a layer reads and gives, bottom for bottom; of a scope each blob once.

        All uses of a scope have the same: a reuse calls the very module. It may so give blobs that
        only another use's readers want, and read a blob for two inputs.
        """
        if isinstance(member, Node):
            return Interface(_names(member.bottoms), _names(member.tops))
        if member.path not in self._interfaces:
            self._set_borders(self._uses[member.module])
        return self._interfaces[member.path]

    def _set_borders(self, uses: list[Scope]) -> None:
        """The interfaces of a scope and its reuses, whose layers correspond in order."""
        given = dict.fromkeys(place for scope in uses for place in self._given(scope))
        original = uses[0]
        if not given and original.path and self.nodes(original):
            # A module gives something, even if all of its layers are dead here.
            given = {_made(self.nodes(original)).index(self._unread(original)): None}
        inputs = self._read(original)
        slots = _slots(self.nodes(original))
        for scope in uses:
            tops = _made(self.nodes(scope))
            reads: dict[str, set[str]] = {}
            read = _slots(self.nodes(scope))
            for name, own in zip(slots, read, strict=True):
                reads.setdefault(name, set()).add(own)
            if any(len(reads[name]) > 1 for name in inputs):
                how = "reads several blobs where {}, which it reuses, reads one"
                raise _refused(scope, original, how)
            self._interfaces[scope.path] = Interface(
                tuple(next(iter(reads[name])) for name in inputs),
                tuple(tops[place] for place in given),
            )

    def _read(self, scope: Scope) -> tuple[str, ...]:
        """The blobs read from around the scope."""
        nodes = self.nodes(scope)
        made = set(_made(nodes))
        read = dict.fromkeys(_slots(nodes))
        # The scope's own order first, so that all instances of a block have the same.
        declared = [name for name in _names(scope.inputs) if name in read]
        return tuple(dict.fromkeys([*declared, *(name for name in read if name not in made)]))

    def _given(self, scope: Scope) -> Iterator[int]:
        """The blobs given beyond the scope, as places among the tops of all its layers."""
        nodes = self.nodes(scope)
        made = _made(nodes)
        yield from (made.index(name) for name in _names(scope.outputs) if name in made)
        for place, name in enumerate(made):
            if self._leaves(name, nodes) or self._is_given_around(name, scope):
                yield place

    def _is_given_around(self, blob: str, scope: Scope) -> bool:
        """Whether a scope around gives a blob, even if nothing reads it there."""
        return any(scope.path.startswith(f"{path}.") for path in self._givers.get(blob, ()))

    def _unread(self, scope: Scope) -> str:
        """What a scope gives whose layers are all dead here: what its last member gives."""
        member = next(each for each in reversed(scope.members) if self.nodes(each))
        return self.interface(member).outputs[-1]

    def _leaves(self, blob: str, nodes: tuple[Node, ...]) -> bool:
        """Whether a blob made among `nodes`, which stand together, is used beyond them."""
        last = self.order[nodes[-1].path]
        readers = self._graph.readers.get(blob, ())
        return blob in self.results or any(self.order[node.path] > last for node in readers)


def _slots(nodes: Iterable[Node]) -> list[str]:
    """The blobs that layers read, one bottom after the other."""
    return [blob.name for node in nodes for blob in node.bottoms]


def _made(nodes: Iterable[Node]) -> list[str]:
    """The blobs that layers give, one top after the other."""
    return [blob.name for node in nodes for blob in node.tops]


def _refused(scope: Scope, original: Scope, how: str) -> SpecError:
    reason = "a module takes as many inputs each time"
    message = f"`{scope.path}` {how.format(f'`{original.path}`')}: {reason}"
    node = next(leaves(scope))
    return SpecError([Diagnostic("not-lowerable", message, node.origin, scope.path)])


def _names(blobs: tuple[Blob, ...]) -> tuple[str, ...]:
    return tuple(blob.name for blob in blobs)
