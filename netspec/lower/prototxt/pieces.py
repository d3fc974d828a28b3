"""What a layer becomes: one of Caffe's layers, or several."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from netspec.graph.fillers import Filler

Settings: TypeAlias = Mapping[str, Any]
"""Fields of a message by name: scalars, lists of a repeated field's, messages as mappings."""


class Inexpressible(Exception):
    """A use of a layer that Caffe has nothing for."""

    def __init__(self, reason: str, help: str | None = None) -> None:
        super().__init__(reason)
        self.help = help


@dataclass(frozen=True)
class Piece:
    """One of Caffe's layers: its type, and its fields but for names and wiring.

    `suffix` stands behind the name of the layer that it is a part of. `reads` are the numbers of
    that layer's bottoms (all unless given) and the suffixes of pieces before. `weights` are the
    last parts of its parameters' names, in the order of its blobs. The last piece gives the
    layer's tops, each other one a blob.
    """

    type: str
    fields: Settings = field(default_factory=dict)
    suffix: str = ""
    reads: Sequence[int | str] | None = None
    weights: Sequence[str] = ()


def filler(value: Filler) -> dict[str, Any]:
    """A filler as a message: its type, and what that looks at."""
    used = _USED.get(value.type, ())
    return {"type": value.type} | {name: getattr(value, name) for name in used}


_USED = {
    "constant": ("value",),
    "gaussian": ("mean", "std"),
    "uniform": ("min", "max"),
    "xavier": ("variance_norm",),
    "msra": ("variance_norm",),
}
