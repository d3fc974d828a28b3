"""What the rows of a summary stand for: its layers, the scopes that hold them, its inputs."""

from collections.abc import Iterator, Sequence

from netspec.analysis.columns.figures import Place
from netspec.graph import Blob, Graph, Node, Scope
from netspec.graph.tree import leaves


def places(graph: Graph, depth: int | None) -> Iterator[Place]:
    """A row for each layer; with a depth one for each scope at that depth."""
    if depth is not None:
        return _folded(graph.root, depth)
    return map(place_of, graph)


def place_of(member: Node | Scope) -> Place:
    """The row of a layer, or of a scope with all that is in it."""
    if isinstance(member, Node):
        return Place(member.path, (member,))
    return Place(member.path, tuple(leaves(member)), member)


def _folded(scope: Scope, depth: int) -> Iterator[Place]:
    for member in scope.members:
        if isinstance(member, Scope) and depth > 1:
            yield from _folded(member, depth - 1)
        else:
            yield place_of(member)


def compact(graph: Graph, rows: Sequence[Place]) -> Iterator[Place]:
    """The rows as lectures write them: one for each input, none for what is written over another.

    What such a layer counts, its row's layers or its input count with it.
    """
    inputs = [Place(blob.name, (), input=blob) for blob in graph.inputs]
    row_of = {node.path: row for row in rows for node in row.nodes}
    over: dict[str, list[Node]] = {}
    for path, blob in written_over(graph).items():
        row = row_of[path]
        if row.scope is None:
            over.setdefault(blob, []).extend(row.nodes)
    gone = {node.path for nodes in over.values() for node in nodes}
    for row in (*inputs, *rows):
        if row.scope is not None or row.path not in gone or row.input is not None:
            own = [row.input] if row.input is not None else [*_tops(row)]
            more = [node for blob in own for node in over.get(blob.name, ())]
            yield row._replace(nodes=(*row.nodes, *more)) if more else row


def _tops(row: Place) -> Iterator[Blob]:
    return (top for node in row.nodes for top in node.tops)


def written_over(graph: Graph) -> dict[str, str]:
    """The layers that lectures don't count as rows, by path; with each the blob whose memory its
    top is in: what another layer gives, or an input.

    Those are the layers without multiply-accumulates, from one bottom to one top of as many
    elements, where nothing else reads that bottom: rectifiers, normalization, dropout, reshaping.
    """
    results = {blob.name for blob in graph.results}
    memory: dict[str, str] = {}
    found: dict[str, str] = {}
    for node in graph:
        if _keeps_size(node):
            read = node.bottoms[0].name
            if read not in results and len(graph.readers[read]) == 1:
                found[node.path] = memory[node.tops[0].name] = memory.get(read, read)
    return found


def _keeps_size(node: Node) -> bool:
    if len(node.bottoms) != 1 or len(node.tops) != 1 or node.macs != 0:
        return False
    read, given = node.bottoms[0].shape, node.tops[0].shape
    return read == given or read.elements == given.elements
