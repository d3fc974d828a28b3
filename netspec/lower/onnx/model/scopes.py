"""The block structure of a network, as viewers of ONNX files understand it."""

from collections.abc import Iterator

from netspec.graph import Graph, Node, Scope

NAMESPACE = "namespace"
"""The key of a node's metadata by which viewers fold: torch's exporter writes it, too."""


def namespaces(graph: Graph) -> dict[str, str]:
    """For the path of each layer in a scope, the scopes around it, with the blocks they are of:
    `layer1/0: bottleneck`.
    """
    return dict(_within(graph.root, ""))


def _within(scope: Scope, around: str) -> Iterator[tuple[str, str]]:
    for member in scope.members:
        if isinstance(member, Node):
            if around:
                yield member.path, around
            continue
        name = f"{member.name}: {member.block}" if member.block else member.name
        yield from _within(member, f"{around}/{name}" if around else name)
