"""Layers that write over what they read, where nobody else wants that: a ReLU behind a convolution.

It saves the memory of a blob, and the time to get at that memory.
"""

from collections.abc import Callable, Iterator

from netspec.graph.ir import Graph
from netspec.graph.nodes import Node
from netspec.graph.tree import Scope

Asked = Callable[[Node], bool]


def in_place(graph: Graph, writes: Asked, leaves: Asked) -> frozenset[str]:
    """The paths of the layers that write over their first bottom: which can, as `writes` says, and
    read what a layer made that `leaves` it to them.

    A module that is applied several times must be safe each time, and the instances of a block
    are alike. `graph` is the whole network, of both phases: what one of them reads is there in the
    other.
    """
    able = [node for node in graph.nodes if writes(node)]
    if not able:
        return frozenset()
    places = dict(_places(graph.root, ()))
    given = {blob.name for blob in graph.results} | graph.losses.keys()
    unsafe = {places[node.module] for node in able if not _safe(node, graph, leaves, given)}
    return frozenset(node.path for node in able if places[node.module] not in unsafe)


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


def _safe(node: Node, graph: Graph, leaves: Asked, given: set[str]) -> bool:
    """Whether the first bottom is made right here, to be read by this layer alone.

    What comes from outside the scope is left alone: how it's made isn't the scope's business, and
    another instance of a block may be given something else.
    """
    if not node.bottoms:
        return False
    blob = node.bottoms[0].name
    maker = graph.makers.get(blob)
    return (
        maker is not None
        and leaves(maker)
        and maker.path.rpartition(".")[0] == node.path.rpartition(".")[0]
        and len(graph.readers.get(blob, ())) + (blob in given) == 1
    )
