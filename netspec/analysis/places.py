"""What the rows of a summary stand for: its layers, or the scopes that hold them."""

from collections.abc import Iterator

from netspec.analysis.columns.figures import Place
from netspec.graph import Graph, Node, Scope
from netspec.graph.tree import leaves


def places(graph: Graph, depth: int | None) -> Iterator[Place]:
    """A row for each layer; with a depth one for each scope at that depth."""
    if depth is not None:
        return _folded(graph.root, depth)
    return (Place(node.path, (node,)) for node in graph)


def _folded(scope: Scope, depth: int) -> Iterator[Place]:
    for member in scope.members:
        if isinstance(member, Node):
            yield Place(member.path, (member,))
        elif depth > 1:
            yield from _folded(member, depth - 1)
        else:
            yield Place(member.path, tuple(leaves(member)), member)
