"""What every prototxt that netspec writes must stand."""

from functools import cache
from typing import Any

from google.protobuf import text_format

from netspec.diagnostics import Diagnostics, SourceText, SpecError
from netspec.graph import Graph
from netspec.importers.caffe.messages.table import message_names, message_type
from netspec.importers.caffe.reading import read_network
from netspec.importers.caffe.text import parse
from netspec.lower.prototxt import to_prototxt
from tests.importers.caffe.protobuf_classes import message_class


@cache
def caffe_alone() -> Any:
    """protobuf's class for a NetParameter of Caffe's own, without what forks add."""
    own = {
        name: tuple(each.name for each in message_type(name).fields.values() if not each.fork)
        for name in message_names()
    }
    return message_class("NetParameter", {name: fields for name, fields in own.items() if fields})


def checked_prototxt(graph: Graph) -> Any:
    """The network as protobuf reads it, which knows no fork's fields; netspec reads it too.

    Each layer reads what one above it gives; only one in place gives what is there already, and
    nobody has read that; nothing is given that nobody reads but by outputs, losses and accuracies.
    """
    text = to_prototxt(graph)
    assert text == to_prototxt(graph)
    read_network(parse(SourceText("x.prototxt", text), Diagnostics()), Diagnostics())
    net = text_format.Parse(text, caffe_alone()())
    names = [layer.name for layer in net.layer]
    assert len(set(names)) == len(names)
    for phase in ("TRAIN", "TEST"):
        _check_wiring([layer for layer in net.layer if _is_in(layer, phase)])
    return net


def prototxt_or_refused(graph: Graph) -> Any:
    """The network as protobuf reads it; None where Caffe can't express it."""
    try:
        return checked_prototxt(graph)
    except SpecError as error:
        codes = {each.code for each in error.diagnostics}
    assert codes == {"not-lowerable"}
    return None


def _is_in(layer: Any, phase: str) -> bool:
    rules = [each.phase for each in layer.include]
    return not rules or ("TRAIN", "TEST").index(phase) in rules


def _check_wiring(layers: list[Any]) -> None:
    readers: dict[str, int] = {}
    for layer in layers:
        for bottom in layer.bottom:
            assert bottom in readers, (layer.name, bottom)
        for top in layer.top:
            assert top not in readers or (list(layer.bottom) == [top] and not readers[top])
        for bottom in layer.bottom:
            readers[bottom] += 1
        readers |= dict.fromkeys(layer.top, 0)
