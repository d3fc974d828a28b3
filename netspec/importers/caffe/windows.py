"""Caffe's pooling where it isn't netspec's: axes that it hasn't, windows of nothing."""

from collections.abc import Iterator

from netspec.diagnostics import Diagnostic
from netspec.graph import Graph, Node
from netspec.importers.caffe.blobs import Entry
from netspec.layers.fields import spread


def misfits(entries: list[Entry], graph: Graph) -> Iterator[Diagnostic]:
    """What Caffe refuses of a network's poolings, and what it gives that netspec doesn't."""
    nodes = {node.path: node for node in graph.nodes}
    for entry in entries:
        if entry.type == "Pooling" and entry.layer.type.value == "Pooling":
            yield from _of(entry, nodes[entry.name])


def _of(entry: Entry, node: Node) -> Iterator[Diagnostic]:
    shape = node.bottoms[0].shape
    span = entry.layer.type.place.span
    if shape.rank != 4:
        message = f"Caffe pools images of four axes, N×C×H×W, but this one reads {shape}"
        yield Diagnostic("shape-mismatch", message, span)
        return
    if entry.value("round_mode") != "CEIL" or any(_both(entry, "pad", 0)):
        return
    kernel, stride = _both(entry, "kernel_size", 1), _both(entry, "stride", 1)
    for name, size, width, step, count in zip(
        ("row", "column"), shape[2:], kernel, stride, node.tops[0].shape[2:], strict=True
    ):
        if isinstance(size, int) and -(-(size - width) // step) + 1 != count:
            message = (
                f"Caffe pools a last {name} of windows that lie wholly beyond the {size} {name}s "
                "of its bottom, and netspec doesn't"
            )
            yield Diagnostic("not-importable", message, span)
            return


def _both(entry: Entry, name: str, default: int) -> tuple[int, ...]:
    """A setting along rows and columns."""
    value = entry.value(name, default)
    return spread(tuple(value) if isinstance(value, list) else value, 2)
