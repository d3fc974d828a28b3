"""The flat spec of a Caffe network: as values with the file's places, and as plain ones."""

from typing import Any

from netspec.importers.caffe.blobs import Blob, Entry, Input
from netspec.importers.caffe.network import CaffeNetwork
from netspec.importers.caffe.told import put
from netspec.source import Mapping, Sequence
from netspec.source.values import Place

BATCH = "N"


def name_of(blob: Blob) -> str:
    """What the spec calls a blob."""
    maker = blob.maker
    if isinstance(maker, Entry):
        return maker.top_names[blob.number] if maker.top_names else maker.name
    assert isinstance(maker, Input)
    return maker.name


def shapes(network: CaffeNetwork, fixed: frozenset[str], *, batch: bool) -> dict[str, list[Any]]:
    """The inputs' shapes; with `batch` the first size that they have in common is symbolic.

    Those of `fixed` are the user's own words.
    """
    found = {each.name: list(each.shape.value) for each in network.inputs if each.shape}
    sizes = [shape[0] for name, shape in found.items() if shape and name not in fixed]
    first = next((size for size in sizes if isinstance(size, int)), None)
    for name, shape in found.items():
        if name in fixed or not shape:
            continue
        if batch and shape[0] == first:
            shape[0] = BATCH
        elif not batch and shape[0] == BATCH and first is not None:
            shape[0] = first
    return found


def as_document(network: CaffeNetwork, shapes: dict[str, list[Any]]) -> Mapping:
    """The spec as the reader of specs would have it, each value where the prototxt says it."""
    whole = network.place.source
    top = Mapping(whole, 1, 1)
    put(top, "netspec", 1, network.place, network.place)
    put(top, "name", network.name, network.place, network.place)
    inputs = Mapping(whole, network.place.line, network.place.column)
    for each in network.inputs:
        place = each.shape.place if each.shape is not None else each.place
        put(inputs, each.name, input_value(each, shapes[each.name]), each.place, place)
    _put(top, "inputs", inputs, network.place)
    layers = Sequence(whole, 1, 1)
    layers.items = [_entry(each) for each in network.entries]
    _put(top, "layers", layers, network.place)
    if network.outputs:
        named = [name_of(blob) for blob in network.outputs]
        put(top, "outputs", named, network.place, network.place)
    return top


def _put(mapping: Mapping, name: str, value: Mapping | Sequence, place: Place) -> None:
    put(mapping, name, None, place, place)
    mapping.items[name] = value


def input_value(each: Input, shape: list[Any]) -> Any:
    if not each.label and each.phase is None:
        return shape
    made: dict[str, Any] = {"shape": shape}
    if each.label:
        made["dtype"] = "int64"
    if each.phase is not None:
        made["phase"] = each.phase
    return made


def _entry(entry: Entry) -> Mapping:
    whole = entry.layer.place
    made = Mapping(whole.source, whole.line, whole.column)
    made.end_line, made.end_column = whole.end_line, whole.end_column
    name, type = entry.layer.name, entry.layer.type
    put(made, "name", entry.name, name.key, name.place)
    if entry.reuse is not None:
        put(made, "reuse", entry.reuse.name, type.key, type.place)
    else:
        put(made, "type", entry.type, type.key, type.place)
    bottoms = entry.layer.bottoms
    if entry.bottoms:
        at = bottoms[0] if bottoms else type
        put(made, "bottom", [name_of(blob) for blob in entry.bottoms], at.key, at.place)
    if entry.top_names:
        at = entry.layer.tops[0]
        put(made, "top", entry.top_names, at.key, at.place)
    for key, told in entry.fields.items():
        put(made, key, told.value, told.key, told.place)
    if entry.param is not None:
        put(made, "param", entry.param.value, entry.param.key, entry.param.place)
    if entry.phase is not None:
        put(made, "phase", entry.phase, type.key, type.place)
    if entry.allow:
        put(made, "allow", entry.allow, type.key, type.place)
    return made
