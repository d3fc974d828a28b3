"""Blobs by the names that a user knows them by."""

from collections.abc import Mapping

from netspec.graph.ir import Graph
from netspec.graph.nodes import Blob, Node
from netspec.graph.tree import Scope, scopes


def blobs_by_name(graph: Graph) -> Mapping[str, tuple[Blob, ...]]:
    """What each name stands for: a blob, or all blobs that a layer, a block or a group gives.

    A name within a block has the block's path before it: `layer4.0.conv1`. A result goes by what
    the network calls it as well, an output of a block by what the scope around calls it.
    """
    found: dict[str, tuple[Blob, ...]] = {}
    for blob in graph.inputs:
        found[blob.name] = (blob,)
    for node in graph:
        found[node.path] = node.tops
        for blob in node.tops:
            found.setdefault(blob.name, (blob,))
    for scope in scopes(graph.root):
        _add(scope, found)
    for blob in graph.results:
        found.setdefault(graph.result_name(blob), (blob,))
    return found


def _add(scope: Scope, found: dict[str, tuple[Blob, ...]]) -> None:
    if not scope.path:
        return
    found[scope.path] = scope.outputs or _last(scope)
    around = scope.path.rpartition(".")[0]
    for place in (scope.path, around):
        before = f"{place}." if place else ""
        for name, blob in zip(scope.output_names, scope.outputs, strict=False):
            found.setdefault(before + name, (blob,))


def _last(scope: Scope) -> tuple[Blob, ...]:
    """What the last layer of a scope gives: of one that is there by dotted names alone."""
    member: Node | Scope = scope
    while isinstance(member, Scope) and member.members:
        member = member.members[-1]
    return member.tops if isinstance(member, Node) else member.outputs
