"""The part of a network that its results need: a whole smaller network."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from netspec.graph.ir import Blob, Graph, Node, Parameter, Scope
from netspec.graph.needed import Needed, beginnings, scopes


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
    root = _Tree(graph, needed, blobs, nodes, results).scope("", nodes)
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


@dataclass
class _Tree:
    """Makes the scopes that hold the layers, from those of the whole."""

    graph: Graph
    needed: Needed
    blobs: Mapping[str, Blob]
    nodes: Sequence[Node]
    results: Sequence[Blob]

    def __post_init__(self) -> None:
        self._scopes = {scope.path: scope for scope in scopes(self.graph.root)}
        around = {start for path in self.needed.paths for start in beginnings(path)}
        moved = {self.needed.place(path): path for path in around & self._scopes.keys()}
        self._scopes |= {path: self._scopes[old] for path, old in moved.items()}
        self._readers: dict[str, list[str]] = {blob.name: [""] for blob in self.results}
        for node in self.nodes:
            for blob in node.bottoms:
                self._readers.setdefault(blob.name, []).append(node.path)

    def scope(self, path: str, nodes: Sequence[Node]) -> Scope:
        """The scope of a path, which holds these layers."""
        depth = len(path) + 1 if path else 0
        groups: dict[str, list[Node]] = {}
        for node in nodes:
            end = node.path.find(".", depth)
            groups.setdefault(node.path[: end if end > 0 else None], []).append(node)
        members = [
            group[0] if group[0].path == name else self.scope(name, group)
            for name, group in groups.items()
        ]
        old = self._scopes[path]
        return replace(
            old,
            path=path,
            members=tuple(members),
            inputs=tuple(self._there(old.inputs)),
            outputs=self._outputs(old, path, nodes),
        )

    def _there(self, blobs: Sequence[Blob]) -> Iterator[Blob]:
        return (self.blobs[blob.name] for blob in blobs if blob.name in self.blobs)

    def _outputs(self, old: Scope, path: str, nodes: Sequence[Node]) -> tuple[Blob, ...]:
        """What the scope gave, as far as it is used; if nothing is, what is used instead."""
        made = {blob.name: blob for node in nodes for blob in node.tops}
        unread = {name for name in made if not self._leaves(name, path)}
        given = [blob for blob in self._there(old.outputs) if blob.name not in unread]
        return tuple(given or [blob for name, blob in made.items() if name not in unread])

    def _leaves(self, blob: str, path: str) -> bool:
        return any(not reader.startswith(f"{path}.") for reader in self._readers.get(blob, ()))
