"""An entry for each layer, under its dotted name."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from netspec.graph import Blob, Graph, Node
from netspec.layers import Layer
from netspec.lower.flat.called import Called
from netspec.lower.flat.fields import fields_of, param_of
from netspec.source.writer import Flow

UNUSED_LAYER = "unused-layer"


def entries_of(
    graph: Graph, together: Mapping[str, Node], taken: Collection[str]
) -> Iterator[Flow]:
    """The entries of a graph's layers; those besides bear none of the names that are taken."""
    called = Called(taken)
    shared = {parameter.owner for parameter in graph.parameters if parameter.shared}
    previous: tuple[Blob, ...] = graph.inputs[:1]
    read = {*graph.readers, *graph.losses, *(blob.name for blob in graph.results)}
    for node in graph.nodes:
        yield from called.introduced(node)
        entry = Flow(name=node.path)
        # One that reads sizes may read others here, and has no weights.
        again = node.reused and not _layer(node).symbolic_fields
        if again:
            entry["reuse"] = node.module
        else:
            entry["type"] = node.type
        if _needs_bottom(node, previous):
            read_here = named(node.bottoms, together)
            names = [each if isinstance(each, str) else each.name for each in read_here]
            entry["bottom"] = names if len(names) > 1 or _reads_one(node) else names[0]
        tops = [blob.name for blob in node.tops]
        if tops != [node.path] and node.tops[0].name not in together:
            entry["top"] = tops
        if not again:
            entry |= fields_of(node, called)
            if settings := param_of(node, shared):
                entry["param"] = settings
        if node.phase is not None:
            entry["phase"] = str(node.phase)
        if read.isdisjoint(blob.name for blob in node.tops):
            entry["allow"] = [UNUSED_LAYER]
        if node.doc is not None:
            entry["doc"] = node.doc
        yield entry
        previous = node.tops


def tops_together(graph: Graph) -> dict[str, Node]:
    """The layers whose several tops have no names, by the first one's: they are `path.0`, …"""
    found = {}
    for node in graph.nodes:
        names = [f"{node.path}.{number}" for number in range(len(node.tops))]
        if len(names) > 1 and [blob.name for blob in node.tops] == names:
            found[names[0]] = node
    return found


def named(blobs: Sequence[Blob], together: Mapping[str, Node]) -> Iterator[Blob | str]:
    """The blobs, with the paths of layers where all of their tops stand in order."""
    rest = tuple(blobs)
    while rest:
        node = together.get(rest[0].name)
        if node is not None and rest[: len(node.tops)] == node.tops:
            yield node.path
            rest = rest[len(node.tops) :]
        else:
            yield rest[0]
            rest = rest[1:]


def _reads_one(node: Node) -> bool:
    """Whether a layer that joins any number of blobs reads only one, which it wants in a list."""
    return _layer(node).bottom_count[1] is None and len(node.bottoms) == 1


def _needs_bottom(node: Node, previous: tuple[Blob, ...]) -> bool:
    """Whether a layer doesn't read just what stands before it, or may not do so unsaid."""
    if not node.bottoms:
        return False
    phases = {blob.phase for blob in previous} - {None, node.phase}
    several = len(node.bottoms) > 1 or _reads_one(node)
    return node.bottoms != previous or several or bool(phases)


def _layer(node: Node) -> Layer:
    assert isinstance(node.layer, Layer)
    return node.layer
