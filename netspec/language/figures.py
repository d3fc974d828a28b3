"""The figures of a network that `expect` can speak of. What each comes to is the analysis's."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a figure is."""

    COUNT = "count"
    BYTES = "bytes"
    SHAPE = "shape"
    WINDOW = "window"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure: what it is, in words and by kind, and whether it is one of a blob, which is named.

    `conditions` are the keys that say under which conditions it is meant.
    """

    doc: str
    kind: Kind = Kind.COUNT
    named: bool = False
    conditions: tuple[str, ...] = ()


_MEMORY = ("batch", "precision")
CONDITIONS: dict[str, tuple[str, ...]] = {
    "batch": (),
    "optimizer": ("SGD", "momentum", "Adam", "AdamW"),
    "precision": ("float32", "bfloat16", "float16"),
}
"""Under which conditions a figure is meant, and the words for them; a number where there are none.
"""

FIGURES = {
    "params": Figure(doc="elements of all weights, shared ones once; buffers don't count"),
    "trainable_params": Figure(doc="those of weights that no `lr_mult` of 0 freezes"),
    "buffers": Figure(doc="elements of running statistics"),
    "macs": Figure(doc="multiply-accumulates for one item, which papers call FLOPs"),
    "flops": Figure(doc="arithmetic operations of every kind for one item"),
    "activations": Figure(doc="elements of all layers' tops for one item"),
    "layers": Figure(doc="layers of every kind, as `summary` lists them"),
    "depth": Figure(doc="layers of weights on the longest path"),
    "weight_bytes": Figure(
        doc="of weights, buffers and constants", kind=Kind.BYTES, conditions=("precision",)
    ),
    "inference_memory": Figure(
        doc="the most that is alive in a pass forward", kind=Kind.BYTES, conditions=_MEMORY
    ),
    "training_memory": Figure(
        doc="the most that is alive in a training step",
        kind=Kind.BYTES,
        conditions=(*_MEMORY, "optimizer"),
    ),
    "receptive_field": Figure(
        doc="elements of the input that a place sees along each axis, by layer or blob",
        kind=Kind.WINDOW,
        named=True,
    ),
    "outputs": Figure(doc="shapes by output, layer or blob", kind=Kind.SHAPE, named=True),
}

IN_JSON = {"inference_peak_bytes": "inference_memory", "peak_bytes": "training_memory"}
"""The figures that summaries call by another name."""

CLAIMS = {
    "exactly": "what it is",
    "about": "what it is, rounded to the digits that are written",
    "at_most": "what it may be at the most",
    "at_least": "what it is at the least",
}
"""What can be said of a figure."""

BESIDE = {
    "source": "who says so",
    "differs": "why the network has another figure; `check` holds that it has",
    "at": "the symbolic sizes that it is meant for",
}
"""What can be said beside a claim."""

OF_GROUP = ("source", "at")
"""What can be said once, for all figures that stand together."""
