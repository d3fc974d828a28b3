"""What Caffe's recurrent layers compute at a step, as layers of a spec.

Each step reads its share of W_x · x + b, which is one product for the whole sequence, its marks,
and the states before it: all of them 1×N×…, the marks 1×N.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from netspec.importers.caffe.parts import Cell

HIDDEN = "hidden"
"""The layer of a cell that has weights: W_h · (cont · h)."""


@dataclass(frozen=True)
class Line:
    """A layer of a cell: what it reads, by the names of inputs and of layers above, its fields, and
    names for several tops.
    """

    name: str
    type: str
    reads: tuple[str, ...]
    fields: Mapping[str, Any] = field(default_factory=dict)
    tops: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kind:
    """A recurrent layer: its cell, how many times `num_output` rows its weights have, the states
    that it hands on, and whether what it gives is made of the state by a product.
    """

    cell: Cell
    lines: tuple[Line, ...]
    rows: int
    projected: bool = False

    @property
    def states(self) -> tuple[str, ...]:
        return self.cell.outputs


_PRODUCT = {"operation": "PROD"}
_BATCH = {"axis": 0}
_KEPT = (
    Line("kept_h", "Scale", ("h_before", "cont"), _BATCH),
    Line(HIDDEN, "InnerProduct", ("kept_h",)),
)

KINDS = {
    "LSTM": Kind(
        Cell("lstm_step", ("x", "cont", "h_before", "c_before"), ("h", "c")),
        (
            *_KEPT,
            Line("gates", "Eltwise", ("x", HIDDEN)),
            Line("rows", "Slice", ("gates",), {"axis": 2}, ("i", "f", "o", "g")),
            Line("input_gate", "Sigmoid", ("i",)),
            Line("forget_gate", "Sigmoid", ("f",)),
            Line("output_gate", "Sigmoid", ("o",)),
            Line("candidate", "TanH", ("g",)),
            Line("added", "Eltwise", ("input_gate", "candidate"), _PRODUCT),
            Line("kept_c", "Scale", ("c_before", "cont"), _BATCH),
            Line("remembered", "Eltwise", ("forget_gate", "kept_c"), _PRODUCT),
            Line("c", "Eltwise", ("remembered", "added")),
            Line("squashed", "TanH", ("c",)),
            Line("h", "Eltwise", ("output_gate", "squashed"), _PRODUCT),
        ),
        rows=4,
    ),
    "RNN": Kind(
        Cell("rnn_step", ("x", "cont", "h_before"), ("h",)),
        (
            *_KEPT,
            Line("sum", "Eltwise", ("x", HIDDEN)),
            Line("h", "TanH", ("sum",)),
        ),
        rows=1,
        projected=True,
    ),
}
"""By Caffe's names. An LSTM's blocks of rows are i, f, o, g."""
