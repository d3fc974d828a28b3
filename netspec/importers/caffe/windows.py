"""Caffe's pooling where it isn't netspec's: axes that it hasn't."""

from collections.abc import Iterator

from netspec.diagnostics import Diagnostic
from netspec.graph import Graph
from netspec.importers.caffe.blobs import Entry

_IMAGE = 4


def misfits(entries: list[Entry], graph: Graph) -> Iterator[Diagnostic]:
    """What Caffe refuses of a network's poolings, and netspec doesn't."""
    nodes = {node.path: node for node in graph.nodes}
    for entry in entries:
        if entry.type == "Pooling" and entry.layer.type.value == "Pooling":
            shape = nodes[entry.name].bottoms[0].shape
            if shape.rank != _IMAGE:
                message = f"Caffe pools images of four axes, N×C×H×W, but this one reads {shape}"
                yield Diagnostic("shape-mismatch", message, entry.layer.type.place.span)
