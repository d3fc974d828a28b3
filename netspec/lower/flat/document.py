"""Graph to a flat spec: the same network without blocks, repeats or vars.

Layers have dotted names, so the flat spec compiles to the very same layers, parameters and blobs.
An entry that isn't there (`when: false`) gives a result the user's name for it, where that is the
name of nothing else. Only a scope that gives something else than its last layer does can't be said
by dotted names: such a result goes by its blob's own name.
"""

from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise
from typing import Any

from netspec.diagnostics import Diagnostic, SpecError
from netspec.graph import Blob, Graph, Node, Size
from netspec.graph.sizes import multiple
from netspec.graph.tree import leaves, scopes
from netspec.language.keys import ABOUT_KEYS
from netspec.lower.flat.called import absent
from netspec.lower.flat.entries import UNUSED_LAYER, entries_of, named, tops_together
from netspec.source.writer import Flow, write

DEFAULT_DTYPE = "float32"


def to_flat(graph: Graph) -> str:
    """The text of the flat spec; ends with a newline.

    SpecError (`not-lowerable`) for an input of a size that no spec can say.
    """
    document: dict[str, Any] = {"netspec": 1, "name": graph.class_name}
    about = {name: getattr(graph, name) for name in ABOUT_KEYS}
    document |= {name: said for name, said in about.items() if said is not None}
    allow = _allowed(graph)
    if allow:
        document["allow"] = allow
    document["inputs"] = {blob.name: _input(blob) for blob in graph.inputs}
    together = tops_together(graph)
    taken = _names_of(graph)
    names, aliases = _result_names(graph, together, taken)
    taken |= set(names)
    entries = [*entries_of(graph, together, taken), *aliases]
    # A spec lists an entry, even for a network of no layers.
    document["layers"] = entries or [Flow(type="ReLU", when=False)]
    document["outputs"] = names
    order = list(_state_order(graph))
    if order:
        document["state_order"] = order
    return write(document)


def _state_order(graph: Graph) -> Iterator[str]:
    """The members of scopes that aren't in the order of execution, as far as need be."""
    place = {node.path: number for number, node in enumerate(graph.nodes)}
    for scope in scopes(graph.root):
        members = scope.members
        starts = [
            min(place[node.path] for node in ([each] if isinstance(each, Node) else leaves(each)))
            for each in members
        ]
        late = [number for number, (a, b) in enumerate(pairwise(starts), 1) if a > b]
        yield from (member.path for member in members[: max(late, default=0)])


def _names_of(graph: Graph) -> set[str]:
    """The names of inputs, layers, tops and the scopes that they stand in."""
    found = {blob.name for blob in graph.inputs}
    for node in graph.nodes:
        parts = [node.path, *(blob.name for blob in node.tops)]
        found.update(part for path in parts for part in _beginnings(path))
    return found


def _result_names(
    graph: Graph, together: Mapping[str, Node], taken: Collection[str]
) -> tuple[list[str], list[Flow]]:
    """What the flat spec calls the results, and the entries that make it so."""
    names: list[str] = []
    aliases: list[Flow] = []
    for each in named(graph.results, together):
        name = each if isinstance(each, str) else graph.result_name(each)
        if isinstance(each, Blob) and name != each.name and not _stands_for(graph, name, each):
            if name in taken:
                name = each.name
            else:
                aliases.append(absent(name, each.name))
        names.append(name)
    return names, aliases


def _beginnings(path: str) -> Iterator[str]:
    """A path, and the scopes on the way to it."""
    while path:
        yield path
        path = path.rpartition(".")[0]


def _stands_for(graph: Graph, name: str, blob: Blob) -> bool:
    """Whether a layer's name stands for the blob, or a scope's: for what its last layer gives."""
    within = [node for node in graph.nodes if f"{node.path}.".startswith(f"{name}.")]
    return bool(within) and within[-1].tops == (blob,)


def _allowed(graph: Graph) -> list[str]:
    """What the spec allows somewhere; the flat one has no blocks to allow it in.

    Unused layers are allowed where they stand: some are so in other instances of a block alone.
    """
    codes = set().union(*(node.allow for node in graph.nodes))
    read = {*graph.readers, *(blob.name for blob in graph.results)}
    if any(blob.name not in read for blob in graph.inputs):
        codes |= {"unused-input"}  # another variant may read it
    return sorted(codes - {UNUSED_LAYER, "unused-block", "unused-arg", "unused-var"})


def _input(blob: Blob) -> Any:
    made = Flow(shape=[_size(blob, size) for size in blob.shape])
    if blob.type.dtype != DEFAULT_DTYPE:
        made["dtype"] = blob.type.dtype
    if blob.phase is not None:
        made["phase"] = str(blob.phase)
    return made


def _size(blob: Blob, size: Size) -> int | str:
    if isinstance(size, int):
        return size
    if multiple(size) is None:
        message = f"the input `{blob.name}` has a size of {size}, which no spec can say"
        raise SpecError([Diagnostic("not-lowerable", message)])
    return str(size)
