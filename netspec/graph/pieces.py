"""What a network consists of where not all of its layers have been made: layers, and instances of
blocks that are as others are.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from netspec.graph.nodes import Blob, Node


class Ends(Protocol):
    """What a scope reads and gives."""

    @property
    def inputs(self) -> "tuple[Blob, ...]": ...
    @property
    def outputs(self) -> "tuple[Blob, ...]": ...


class Pattern(Protocol):
    """The first of some instances that are alike."""

    @property
    def items(self) -> "Sequence[Piece]": ...
    @property
    def tree(self) -> Ends: ...


class Instance(Protocol):
    """One that is as the original is, on inputs of its own; what it gives it shares with nobody."""

    @property
    def original(self) -> Pattern: ...
    @property
    def inputs(self) -> "tuple[Blob, ...]": ...
    @property
    def results(self) -> "tuple[Blob, ...]": ...


Piece: TypeAlias = "Node | Instance"
