"""Graph to a flat spec: the same network without blocks, repeats or vars.

Layers have dotted names, so the flat spec compiles to the very same layers, parameters and blobs.
An entry that isn't there (`when: false`) gives a result the user's name for it, where that is the
name of nothing else. Only a scope that gives something else than its last layer does can't be said
by dotted names: such a result goes by its blob's own name.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from netspec.diagnostics import Diagnostic, SpecError
from netspec.graph import Blob, Filler, Graph, Node, Parameter, Size
from netspec.graph.sizes import symbol, symbols
from netspec.layers import Layer
from netspec.source.writer import Flow, write

DEFAULT_DTYPE = "float32"
UNUSED_LAYER = "unused-layer"


def to_flat(graph: Graph) -> str:
    """The text of the flat spec; ends with a newline.

    SpecError (`not-lowerable`) for an input of a size that no spec can say.
    """
    document: dict[str, Any] = {"netspec": 1, "name": graph.class_name}
    if graph.doc is not None:
        document["doc"] = graph.doc
    if graph.source is not None:
        document["source"] = graph.source
    allow = _allowed(graph)
    if allow:
        document["allow"] = allow
    document["inputs"] = {blob.name: _input(blob) for blob in graph.inputs}
    together = _together(graph)
    names, aliases = _result_names(graph, together)
    entries = [*_entries(graph, together), *aliases]
    # A spec lists an entry, even for a network of no layers.
    document["layers"] = entries or [Flow(type="ReLU", when=False)]
    document["outputs"] = names
    return write(document)


def _result_names(graph: Graph, together: Mapping[str, Node]) -> tuple[list[str], list[Flow]]:
    """What the flat spec calls the results, and the entries that make it so."""
    taken = {blob.name for blob in graph.inputs}
    for node in graph.nodes:
        parts = [node.path, *(blob.name for blob in node.tops)]
        taken.update(part for path in parts for part in _beginnings(path))
    names: list[str] = []
    aliases: list[Flow] = []
    for each in _named(graph.results, together):
        name = each if isinstance(each, str) else graph.result_name(each)
        if isinstance(each, Blob) and name != each.name and not _stands_for(graph, name, each):
            if name in taken:
                name = each.name
            else:
                aliases.append(_absent(name, each.name))
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


def _absent(name: str, bottom: str) -> Flow:
    """An entry that isn't there, whose name so stands for what it would read."""
    return Flow(name=name, type="ReLU", bottom=bottom, when=False)


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
    if size not in map(symbol, symbols(size)):
        message = f"the input `{blob.name}` has a size of {size}, which no spec can say"
        raise SpecError([Diagnostic("not-lowerable", message)])
    return str(size)


def _entries(graph: Graph, together: Mapping[str, Node]) -> Iterator[Flow]:
    shared = {parameter.owner for parameter in graph.parameters if parameter.shared}
    previous: tuple[Blob, ...] = graph.inputs[:1]
    read = {*graph.readers, *graph.losses, *(blob.name for blob in graph.results)}
    for node in graph.nodes:
        entry = Flow(name=node.path)
        if node.reused:
            entry["reuse"] = node.module
        else:
            entry["type"] = node.type
        if _needs_bottom(node, previous):
            read_here = _named(node.bottoms, together)
            names = [each if isinstance(each, str) else each.name for each in read_here]
            entry["bottom"] = names if len(names) > 1 or _reads_one(node) else names[0]
        tops = [blob.name.removeprefix(node.path.removesuffix(node.name)) for blob in node.tops]
        if tops != [node.name] and node.tops[0].name not in together:
            entry["top"] = tops
        if not node.reused:
            entry |= _fields(node.layer)
            if settings := _param(node, shared):
                entry["param"] = settings
        if node.phase is not None:
            entry["phase"] = str(node.phase)
        if read.isdisjoint(blob.name for blob in node.tops):
            entry["allow"] = [UNUSED_LAYER]
        if node.doc is not None:
            entry["doc"] = node.doc
        yield entry
        previous = node.tops


def _together(graph: Graph) -> dict[str, Node]:
    """The layers whose several tops have no names, by the first one's: they are `path.0`, …"""
    found = {}
    for node in graph.nodes:
        names = [f"{node.path}.{number}" for number in range(len(node.tops))]
        if len(names) > 1 and [blob.name for blob in node.tops] == names:
            found[names[0]] = node
    return found


def _named(blobs: Sequence[Blob], together: Mapping[str, Node]) -> Iterator[Blob | str]:
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


def _fields(layer: Any) -> dict[str, Any]:
    """The layer's own fields where they aren't the defaults."""
    assert isinstance(layer, Layer)
    kind = type(layer)
    values = {name: getattr(layer, name) for name in kind.model_fields}
    return {
        name: _plain(value)
        for name, value in values.items()
        if kind.model_fields[name].is_required() or value != kind.model_fields[name].default
    }


def _plain(value: Any) -> Any:
    """A field's value as a spec has it: one size for an equal pair, a filler as a mapping."""
    if isinstance(value, tuple):
        return value[0] if len(value) == 2 and value[0] == value[1] else list(value)
    if isinstance(value, Filler):
        return Flow(type=value.type, **value.model_dump(exclude_defaults=True, exclude={"type"}))
    return value


def _param(node: Node, shared: set[str]) -> list[Flow]:
    """The `param` list, if any of the layer's weights is shared or has multipliers."""
    weights = [parameter for parameter in node.parameters if not parameter.buffer]
    settings = [_setting(parameter, shared) for parameter in weights]
    return settings if any(settings) else []


def _setting(parameter: Parameter, shared: set[str]) -> Flow:
    setting = Flow()
    if parameter.owner in shared:
        setting["name"] = parameter.owner
    if parameter.lr_mult != 1:
        setting["lr_mult"] = parameter.lr_mult
    if parameter.decay_mult != 1:
        setting["decay_mult"] = parameter.decay_mult
    return setting
