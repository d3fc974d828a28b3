"""Rows that a layer counts when the network runs."""

from netspec.graph.sizes import ROWS, rows_of
from netspec.graph.types import TensorType
from netspec.layers.base import Layer, Types


def placed_tops(layer: Layer, path: str, tops: Types) -> tuple[TensorType, ...]:
    """The types of the tops of a layer at its place, with rows of its own if it counts any."""
    if not layer.counts_rows:
        return tuple(tops)
    return tuple(top.substitute({str(ROWS): rows_of(path)}) for top in tops)
