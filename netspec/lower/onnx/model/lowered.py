"""All layers of a graph as ONNX nodes, without those that no result needs."""

from collections.abc import Collection

from netspec.diagnostics import Diagnostics
from netspec.graph import Graph
from netspec.lower.onnx.emitter import Emitter, NotLowerable, Parts
from netspec.lower.onnx.layers.catalogue import lower
from netspec.lower.onnx.model.scopes import NAMESPACE, namespaces


def lowered(graph: Graph, opset: int) -> Parts:
    """The pieces of the graph; SpecError (`not-lowerable`) with every layer that can't be lowered.

    A layer may want of a bottom the size alone, and know it: the layers that give it are then left
    out. But a network's inputs are to be read, all that its layers read.
    """
    parts = _written(graph, opset)
    read = _prune(parts, graph)
    unread = graph.readers.keys() - read
    if any(blob.name in unread for blob in graph.inputs):
        parts = _written(graph, opset, unread)
        _prune(parts, graph)
    return parts


def _written(graph: Graph, opset: int, unread: Collection[str] = ()) -> Parts:
    """The nodes of all layers; SpecError with every one that can't be lowered."""
    blobs = {blob.name: blob.type.dtype for blob in graph.inputs}
    blobs |= {blob.name: blob.type.dtype for node in graph for blob in node.tops}
    owners = {each.owner: each.dtype for node in graph for each in node.parameters}
    parts = Parts(opset, blobs | owners, unread)
    scopes = namespaces(graph)
    problems = Diagnostics()
    for node in graph:
        first = len(parts.nodes)
        try:
            lower(Emitter(node, parts))
        except NotLowerable as reason:
            problems.error("not-lowerable", str(reason), node.origin, path=node.path)
        if node.path in scopes:
            for made in parts.nodes[first:]:
                made.metadata_props.add(key=NAMESPACE, value=scopes[node.path])
    # A Parameter's top is its tensor.
    same = {node.tops[0].name for node in graph if node.is_parameter}
    for name in sorted((blobs.keys() & owners.keys()) - same):
        message = f"a blob and a parameter are both called `{name}`, which ONNX can't tell apart"
        problems.error("not-lowerable", message)
    problems.raise_errors()
    return parts


def _prune(parts: Parts, graph: Graph) -> set[str]:
    """Take out what no result depends on; gives the names that are read."""
    read = {blob.name for blob in graph.results}
    kept = []
    for node in reversed(parts.nodes):
        if not read.isdisjoint(node.output):
            read.update(node.input)
            kept.append(node)
    parts.nodes = kept[::-1]
    given = {name for node in parts.nodes for name in node.output}
    parts.values = [each for each in parts.values if each.name in given]
    parts.constants = [each for each in parts.constants if each.name in read]
    parts.parameters = {name: each for name, each in parts.parameters.items() if name in read}
    return read
