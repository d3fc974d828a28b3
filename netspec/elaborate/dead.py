"""Layers that something reads in one use of their block and nothing in another."""

from collections.abc import Iterator, Mapping

from netspec.diagnostics import Diagnostics, Span
from netspec.graph import Graph, Node

CODE = "unused-here"

ALLOW = frozenset({CODE, "unused-layer"})
"""What keeps such a layer: its own code, and that of layers that nothing reads at all."""


def dead_in_places(graph: Graph) -> Iterator[Node]:
    """Of each entry the first layer that nothing reads, if others of the same entry are read."""
    read = {blob.name for node in graph.nodes for blob in node.bottoms}
    read |= {blob.name for blob in graph.results} | graph.losses.keys()
    live: set[Span] = set()
    dead: dict[Span, Node] = {}
    for node in graph.nodes:
        if node.origin is None:
            continue
        if any(top.name in read for top in node.tops):
            live.add(node.origin)
        elif not ALLOW & node.allow:
            dead.setdefault(node.origin, node)
    return (node for origin, node in dead.items() if origin in live)


def warn_of_dead(dead: Mapping[Span, Node], diagnostics: Diagnostics) -> None:
    """Say where layers are computed for nothing."""
    for origin, node in dead.items():
        diagnostics.warning(
            CODE,
            f"nothing reads what `{node.path}` gives, though other uses of its block need it",
            origin,
            path=node.path,
            help="give it the `when` of what reads it, or keep it with `allow: [unused-layer]`",
        )
