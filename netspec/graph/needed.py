"""Which layers some results need, and which of them take the place of a layer that isn't needed.

A module that is applied several times is one: what one use of it needs, all its uses keep. Where
its first use isn't needed but another is, that one takes its place, because the parameters bear its
name. It can do so within one scope, or from the outermost one into a scope that holds nothing else;
where it can't, the first use is kept.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import TypeAlias

from netspec.graph.ir import Graph
from netspec.graph.nodes import Node, Parameter, Phase
from netspec.graph.tree import Scope, beginnings, leaves, scopes

Table: TypeAlias = Mapping[str, str]
"""The paths of a use's layers, by what they are within it."""


def needed_by_results(graph: Graph, kept: Collection[str] = ()) -> list[Node]:
    """The layers that the results depend on, in order; `kept` are paths of others that stay."""
    read = {blob.name for blob in graph.results}
    found: list[Node] = []
    for node in reversed(graph.nodes):
        if node.path in kept or any(blob.name in read for blob in node.tops):
            read.update(blob.name for blob in node.bottoms)
            found.append(node)
    return found[::-1]


class Needed:
    """The layers that a graph's results need, by path."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._uses = _uses(graph.root)
        self._order = {node.path: number for number, node in enumerate(graph.nodes)}
        self._owners = {p.name: node.path for node, p in _own_parameters(graph.nodes)}
        self.paths: set[str] = set()
        self.moves: dict[str, str] = {}
        """The uses that take the place of others: where they stood, where they stand."""
        count = -1
        while len(self.paths) > count:
            count = len(self.paths)
            self._read()
            for tables in self._uses.values():
                self._agree([*tables.values()])
            self.moves = dict(self._moved())
            self._keep_owners()

    def place(self, path: str) -> str:
        """Where a layer or a scope stands now."""
        for start in beginnings(path):
            if start in self.moves:
                return self.moves[start] + path[len(start) :]
        return path

    def _read(self) -> None:
        """Add what the results read, and what is read by what is needed already."""
        self.paths.update(node.path for node in needed_by_results(self._graph, self.paths))

    def _agree(self, tables: list[Table]) -> None:
        """Let all uses of a module that are needed at all have the same layers."""
        active = [table for table in tables if self._holds(table)]
        names = [name for table in active for name in table if table[name] in self.paths]
        self.paths.update(table[name] for table in active for name in names)

    def _holds(self, table: Table) -> bool:
        return not self.paths.isdisjoint(table.values())

    def _moved(self) -> Iterator[tuple[str, str]]:
        """The use of each module that takes the place of the first one; else that is kept."""
        for module, tables in self._uses.items():
            needed = [path for path, table in tables.items() if self._holds(table)]
            if not needed or module in needed:
                continue
            use = min(needed, key=lambda path: min(self._order[p] for p in tables[path].values()))
            if self._is_free(module, use):
                yield use, module
            else:
                kept = [name for name, path in tables[use].items() if path in self.paths]
                self.paths.update(tables[module][name] for name in kept)

    def _is_free(self, module: str, use: str) -> bool:
        """Whether what stands at one path can stand at the other."""
        all_uses = {path for tables in self._uses.values() for path in tables}
        around = [*beginnings(module)][1:], [*beginnings(use)][1:]
        if any(path in all_uses for paths in around for path in paths):
            return False
        if around[0][:1] == around[1][:1]:
            return True
        return not around[1] and not any(
            path.startswith(f"{around[0][-1]}.") for path in self.paths
        )

    def _keep_owners(self) -> None:
        """Keep what owns values that layers of different phases share: only it has both."""
        phases: dict[str, set[Phase | None]] = {}
        for node in self._graph.nodes:
            if node.path in self.paths:
                for parameter in node.parameters:
                    phases.setdefault(parameter.owner, set()).add(node.phase)
        standing = {self.place(path) for path in self.paths}
        for owner, found in phases.items():
            if len(found) > 1 and self._owners[owner] not in standing:
                self.paths.add(self._owners[owner])


def _uses(root: Scope) -> dict[str, dict[str, Table]]:
    """The modules that are applied several times, and the uses of each by path, the first first.

    What lies within a use of a module belongs to that use.
    """
    members = {member.path: member for scope in scopes(root) for member in scope.members}
    found: dict[str, dict[str, Table]] = {}
    for scope in scopes(root):
        for member in scope.members:
            inner = scope.reused and member.module == f"{scope.module}.{member.name}"
            if member.reused and not inner:
                first = members[member.module]
                tables = found.setdefault(member.module, {first.path: _table(first)})
                tables[member.path] = _table(member)
    return found


def _table(use: Scope | Node) -> Table:
    if isinstance(use, Node):
        return {"": use.path}
    return {node.path.removeprefix(use.path): node.path for node in leaves(use)}


def _own_parameters(nodes: tuple[Node, ...]) -> Iterator[tuple[Node, Parameter]]:
    for node in nodes:
        if not node.reused:
            yield from ((node, parameter) for parameter in node.parameters)
