"""The part of a network that its results need: a whole smaller network."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from netspec.graph.ir import Graph
from netspec.graph.needed import Needed
from netspec.graph.nodes import Blob, Node, Parameter
from netspec.graph.tree import Regrowth, Scope, beginnings, scopes


def part_for_results(graph: Graph) -> Graph:
    """The graph of both phases without what no result needs: layers, scopes, inputs, parameters,
    losses. Its first input stays where no input is needed, for a network has one.

    Layers, blobs and parameters keep their names, but for layers applied again (`reuse`) that take
    the place of what they repeat; results keep those that the user knows.
    """
    needed = Needed(graph)
    kept = [node for node in graph.nodes if node.path in needed.paths]
    inputs = _inputs(graph, kept)
    blobs = {blob.name: blob for blob in inputs} | _tops(graph, needed, kept)
    heirs = _heirs(kept)
    nodes = _nodes(graph, needed, kept, blobs, heirs)
    if inputs[0] != graph.inputs[0]:
        batch = inputs[0].shape[0] if inputs[0].shape.rank else 1
        nodes = [replace(node, batch=batch) for node in nodes]
    results = tuple(blobs[blob.name] for blob in graph.results)
    names = {blobs[blob.name].name: graph.result_name(blob) for blob in graph.results}
    losses = {blobs[old].name: each for old, each in graph.losses.items() if old in blobs}
    root = _tree(graph, needed, blobs, nodes, results)
    return replace(
        graph,
        inputs=inputs,
        results=results,
        nodes=tuple(nodes),
        root=replace(root, inputs=inputs, outputs=results),
        losses=losses,
        result_names={blob: name for blob, name in names.items() if blob != name},
        left_out=_left_out(graph, kept, heirs),
    )


def _inputs(graph: Graph, kept: Sequence[Node]) -> tuple[Blob, ...]:
    read = {blob.name for node in kept for blob in node.bottoms}
    read.update(blob.name for blob in graph.results)
    return tuple(blob for blob in graph.inputs if blob.name in read) or graph.inputs[:1]


def _tops(graph: Graph, needed: Needed, kept: Sequence[Node]) -> dict[str, Blob]:
    """What the layers give, by the names that the blobs had."""
    at = {node.path: node for node in graph.nodes}
    found: dict[str, Blob] = {}
    for node in kept:
        named = at[needed.place(node.path)]
        for blob, other in zip(node.tops, named.tops, strict=True):
            found[blob.name] = replace(blob, name=other.name)
    return found


def _heirs(kept: Sequence[Node]) -> dict[str, str]:
    """The parameters that own values whose owners are gone, by these."""
    parameters = [parameter for node in kept for parameter in node.parameters]
    names = {parameter.name for parameter in parameters}
    heirs: dict[str, str] = {}
    for parameter in parameters:
        heirs.setdefault(parameter.owner, parameter.name)
    return {owner: name for owner, name in heirs.items() if owner not in names}


def _nodes(
    graph: Graph,
    needed: Needed,
    kept: Sequence[Node],
    blobs: Mapping[str, Blob],
    heirs: Mapping[str, str],
) -> list[Node]:
    fillers = {p.name: p.filler for node in graph.nodes for p in node.parameters} if heirs else {}

    def owned(parameter: Parameter) -> Parameter:
        heir = heirs.get(parameter.owner)
        if heir is None:
            return parameter
        filler = fillers[parameter.owner] if heir == parameter.name else parameter.filler
        return replace(parameter, owner=heir, filler=filler)

    return [
        replace(
            node,
            path=needed.place(node.path),
            bottoms=tuple([blobs[blob.name] for blob in node.bottoms]),
            tops=tuple([blobs[blob.name] for blob in node.tops]),
            parameters=tuple(map(owned, node.parameters)),
        )
        for node in kept
    ]


def _left_out(
    graph: Graph, kept: Sequence[Node], heirs: Mapping[str, str]
) -> dict[str, str | None]:
    """The parameters that are gone, each with the owner of its values, where that is there."""
    names = {parameter.name for node in kept for parameter in node.parameters}
    owners = {**heirs, **{name: name for name in names}}
    return {p.name: owners.get(p.owner) for p in graph.parameters if p.name not in names}


def _tree(
    graph: Graph,
    needed: Needed,
    blobs: Mapping[str, Blob],
    nodes: Sequence[Node],
    results: Sequence[Blob],
) -> Scope:
    """The scopes that hold the layers; those that moved are what they were elsewhere."""
    old = {scope.path: scope for scope in scopes(graph.root)}
    around = {start for path in needed.paths for start in beginnings(path)}
    moved = {needed.place(path): old[path] for path in around & old.keys()}
    return Regrowth(old | moved, blobs, nodes, results, needed=True).scope("", nodes)
