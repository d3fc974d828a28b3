"""Graph to a flat spec: the same network without blocks, repeats, vars or `when`.

Layers have dotted names, so the flat spec compiles to the very same layers, parameters and blobs.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from netspec.graph import Blob, Filler, Graph, Node, Parameter
from netspec.layers import Layer
from netspec.printable import printable_lines

DEFAULT_DTYPE = "float32"


class _Flow(dict[str, Any]):
    """A mapping that stands on one line."""


class _Dumper(yaml.SafeDumper):
    """PyYAML's own, but that values told twice are written twice, not as aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def write_double_quoted(self, text: str, split: bool = True) -> None:
        """In ASCII alone: these quotes are for text that holds what doesn't show as it is."""
        self.allow_unicode = False
        super().write_double_quoted(text, split)
        self.allow_unicode = True


def _represent_flow(dumper: yaml.SafeDumper, data: _Flow) -> yaml.Node:
    return dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=True)


def _represent_text(dumper: yaml.SafeDumper, data: str) -> yaml.Node:
    style = None if printable_lines(data) == data else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, style)


_Dumper.add_representer(_Flow, _represent_flow)
_Dumper.add_representer(str, _represent_text)


def to_flat(graph: Graph) -> str:
    """The text of the flat spec; ends with a newline."""
    document: dict[str, Any] = {"netspec": 1, "name": graph.class_name}
    if graph.doc:
        document["doc"] = graph.doc
    if graph.source:
        document["source"] = graph.source
    allow = _allowed(graph)
    if allow:
        document["allow"] = allow
    document["inputs"] = {blob.name: _input(blob) for blob in graph.inputs}
    document["layers"] = list(_entries(graph))
    together = _together(graph)
    document["outputs"] = [
        each if isinstance(each, str) else _result(graph, each)
        for each in _named(graph.results, together)
    ]
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10**9)


def _result(graph: Graph, blob: Blob) -> str:
    """An output by the name that the user knows, where dotted names can say that.

    The first part of a dotted name stands for the last layer that bears it.
    """
    name = graph.result_name(blob)
    within = [node for node in graph.nodes if node.path.startswith(f"{name}.")]
    return name if within and within[-1].tops == (blob,) else blob.name


def _allowed(graph: Graph) -> list[str]:
    """What the spec allows somewhere; the flat one has no blocks to allow it in."""
    codes = set().union(*(node.allow for node in graph.nodes))
    read = {blob.name for node in graph.nodes for blob in node.bottoms}
    read |= {blob.name for blob in graph.results}
    if any(blob.name not in read for blob in graph.inputs):
        codes |= {"unused-input"}  # another variant may read it
    return sorted(codes - {"unused-block", "unused-arg", "unused-var"})


def _input(blob: Blob) -> Any:
    made = _Flow(shape=blob.shape.to_json())
    if blob.type.dtype != DEFAULT_DTYPE:
        made["dtype"] = blob.type.dtype
    if blob.phase is not None:
        made["phase"] = str(blob.phase)
    return made


def _entries(graph: Graph) -> Iterator[_Flow]:
    shared = {parameter.owner for parameter in graph.parameters if parameter.shared}
    previous: tuple[Blob, ...] = graph.inputs[:1]
    together = _together(graph)
    for node in graph.nodes:
        entry = _Flow(name=node.path)
        if node.reused:
            entry["reuse"] = node.module
        else:
            entry["type"] = node.type
        if _needs_bottom(node, previous):
            read = _named(node.bottoms, together)
            names = [each if isinstance(each, str) else each.name for each in read]
            entry["bottom"] = names if len(names) > 1 else names[0]
        tops = [blob.name.removeprefix(node.path.removesuffix(node.name)) for blob in node.tops]
        if tops != [node.name] and node.tops[0].name not in together:
            entry["top"] = tops
        if not node.reused:
            entry |= _fields(node.layer)
            if settings := _param(node, shared):
                entry["param"] = settings
        if node.phase is not None:
            entry["phase"] = str(node.phase)
        if node.doc:
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
    """The blobs, with the paths of layers that stand for all of their tops in order."""
    rest = list(blobs)
    while rest:
        node = together.get(rest[0].name)
        count = len(node.tops) if node is not None else 1
        yield rest[0] if node is None else node.path
        del rest[:count]


def _needs_bottom(node: Node, previous: tuple[Blob, ...]) -> bool:
    """Whether a layer doesn't read just what stands before it, or may not do so unsaid."""
    if not node.bottoms:
        return False
    phases = {blob.phase for blob in previous} - {None, node.phase}
    return node.bottoms != previous or len(node.bottoms) > 1 or bool(phases)


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
        return _Flow(type=value.type, **value.model_dump(exclude_defaults=True, exclude={"type"}))
    return value


def _param(node: Node, shared: set[str]) -> list[_Flow]:
    """The `param` list, if any of the layer's weights is shared or has multipliers."""
    weights = [parameter for parameter in node.parameters if not parameter.buffer]
    settings = [_setting(parameter, shared) for parameter in weights]
    return settings if any(settings) else []


def _setting(parameter: Parameter, shared: set[str]) -> _Flow:
    setting = _Flow()
    if parameter.owner in shared:
        setting["name"] = parameter.owner
    if parameter.lr_mult != 1:
        setting["lr_mult"] = parameter.lr_mult
    if parameter.decay_mult != 1:
        setting["decay_mult"] = parameter.decay_mult
    return setting
