"""Fields that follow from the shape of what a layer reads."""

from collections.abc import Callable
from dataclasses import replace

from netspec.diagnostics import Diagnostics, SpecError
from netspec.graph import Graph
from netspec.graph.types import Shape
from netspec.importers.caffe.blobs import Blob, Entry
from netspec.importers.caffe.network import CaffeNetwork

_ROUNDS = 32
"""How many such layers may stand one behind another: each needs what stands above it as a graph."""


def settle(
    network: CaffeNetwork,
    build: Callable[[CaffeNetwork], Graph],
    diagnostics: Diagnostics,
) -> None:
    """Give such layers their fields.

    `build` makes a graph of what needs nothing more, and of something that reads what they do.
    """
    for _ in range(_ROUNDS):
        known, waiting = _known(network.entries)
        if not waiting:
            return
        stood_in = [
            replace(each, type="Identity", fields={}, bottoms=each.bottoms[:1]) for each in waiting
        ]
        outputs = [each.tops[0] for each in waiting]
        graph = build(replace(network, entries=known + stood_in, outputs=outputs))
        shapes = {node.path: node.bottoms[0].shape for node in graph.nodes if node.bottoms}
        for entry in waiting:
            _give(entry, shapes[entry.name], diagnostics)
        diagnostics.raise_errors()
    _, waiting = _known(network.entries)
    for entry in waiting:
        diagnostics.error(
            "not-importable",
            f"a size that depends on more than {_ROUNDS} others isn't worked out",
            entry.layer.type.place.span,
        )


def _known(entries: list[Entry]) -> tuple[list[Entry], list[Entry]]:
    """The entries that need no further shape, nor read what one gives that does; and of those that
    do need one the entries that read nothing else.
    """
    known, waiting = [], []
    unknown: set[Blob] = set()
    for entry in entries:
        if entry.later is None and unknown.isdisjoint(entry.bottoms):
            known.append(entry)
            continue
        if unknown.isdisjoint(entry.bottoms):
            waiting.append(entry)
        unknown.update(entry.tops)
    return known, waiting


def _give(entry: Entry, shape: Shape, diagnostics: Diagnostics) -> None:
    assert entry.later is not None
    try:
        entry.fields |= entry.later(shape)
    except SpecError as error:
        diagnostics.extend(error.diagnostics)
    entry.later = None
