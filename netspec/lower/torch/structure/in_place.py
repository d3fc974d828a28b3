"""Layers that write over what they read, where nobody else wants that: a ReLU behind a convolution.

It saves the memory of a blob, and the time to get at that memory.
"""

from collections.abc import Iterator, Mapping

from netspec.graph import Graph, Node, Scope
from netspec.lower.torch.registry import Lowered
from netspec.lower.torch.structure.wiring import Wiring


def in_place(graph: Graph, lowered: Mapping[str, Lowered], wiring: Wiring) -> dict[str, Lowered]:
    """The lowerings, each in its form in place if it has one that's safe.

    A module that is applied several times must be safe each time, and the instances of a block
    are alike.
    """
    places = dict(_places(graph.root, ()))
    unsafe = {places[node.module] for node in graph.nodes if not _safe(node, lowered, wiring)}
    return {
        node.path: lowered[node.path]
        if places[node.module] in unsafe
        else lowered[node.path].in_place or lowered[node.path]
        for node in graph.nodes
    }


def _places(scope: Scope, within: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Where the layers stand in the spec, by path: the same place in all instances of a block."""
    for member in scope.members:
        if isinstance(member, Node):
            yield member.path, (*within, member.name)
        elif member.block is not None:
            yield from _places(member, ("block", member.block))
        else:
            # The instances of a repeat differ in their numbers alone.
            yield from _places(member, within if scope.repeat else (*within, member.name))


def _safe(node: Node, lowered: Mapping[str, Lowered], wiring: Wiring) -> bool:
    """Whether the first bottom is made right here, to be read by this layer alone.

    What comes from outside the scope is left alone: how it's made isn't the scope's business, and
    another instance of a block may be given something else.
    """
    if not node.bottoms:
        return False
    blob = node.bottoms[0].name
    maker = wiring.maker(blob)
    return (
        maker is not None
        and lowered[maker.path].overwritable
        and maker.path.rpartition(".")[0] == node.path.rpartition(".")[0]
        and wiring.readers(blob) == 1
    )
