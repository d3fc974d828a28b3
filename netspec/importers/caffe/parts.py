"""A layer of a Caffe network, and the layers of a spec that do what it does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from netspec.diagnostics import Diagnostic, SpecError
from netspec.graph.types import Shape
from netspec.importers.caffe.fields import Fields
from netspec.importers.caffe.notes import Notes
from netspec.importers.caffe.told import Told
from netspec.source.values import Place

Values = dict[str, Told]


@dataclass(eq=False)
class CaffeLayer:
    """A layer as the file has it; `fresh` if the file says how weights are drawn.

    `switches` is one that the file has twice, with a batch's statistics for TRAIN and running ones
    for TEST.
    """

    name: Told
    type: Told
    bottoms: tuple[Told, ...]
    tops: tuple[Told, ...]
    fields: Fields
    notes: Notes
    fresh: bool
    phases: frozenset[str] = frozenset()
    switches: bool = False

    @property
    def place(self) -> Place:
        return self.fields.place

    def message(self, name: str) -> Fields:
        """The message of the layer's own settings; it needn't be there."""
        return self.fields.message(name)

    def implied(self, value: Any) -> Told:
        """A value that follows from the layer's type."""
        return self.type.but(value)

    def refuse(self, message: str, place: Place | None = None, help: str | None = None) -> NoReturn:
        """Say why there is nothing in a spec for it."""
        at = (place or self.type.place).span
        raise SpecError([Diagnostic("not-importable", message, at, help=help)])


@dataclass(frozen=True)
class Cell:
    """A block of a spec that each step of a layer is an instance of: what it reads and gives."""

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class Member:
    """Which layer of a cell a part is, at which step, counted from 0; `reads` is what the cell
    calls what it reads.
    """

    cell: Cell
    step: int
    name: str
    reads: tuple[str, ...]


@dataclass(eq=False)
class Part:
    """A layer of a spec that a Caffe layer becomes, or one of several.

    `suffix` stands behind the Caffe layer's name in those that have no name there; `bottoms` are
    the Caffe layer's, by number, or what earlier parts give, by suffix (all of the layer's unless
    given), and `tops` its tops, by number, or a suffix for what only other parts read (all of the
    layer's unless given; none for a part whose only top has its own suffix). `reuse` is the suffix
    of the part whose weights it has. `blobs` are the names of its parameters in the order in which
    a caffemodel has them, empty for one that isn't kept. `param` says which of Caffe's `param` are
    its own parameters', by number, None for one that isn't trained; as many as it has unless given.
    """

    type: str
    fields: Values = field(default_factory=dict)
    suffix: str = ""
    bottoms: tuple[int | str, ...] | None = None
    tops: tuple[int | str, ...] | None = None
    reuse: str | None = None
    blobs: tuple[str, ...] = ()
    param: tuple[int, ...] | None = None
    member: Member | None = None

    @property
    def params(self) -> tuple[int, ...]:
        """The numbers of Caffe's `param` that are of its parameters, but for statistics."""
        if self.param is not None:
            return self.param
        trained = [each for each in self.blobs if each and not each.startswith("running_")]
        return tuple(range(len(trained)))


Made = Callable[[Sequence[Shape]], Sequence[Part]]


@dataclass(frozen=True)
class Deferred:
    """A layer whose parts depend on the shapes of what it reads. `type` is that of the part that
    has its name. `alike` is a single layer that gives the same shape, where there is one.
    """

    type: str
    made: Made
    alike: Part | None = None


@dataclass(frozen=True)
class Alias:
    """A layer that a spec has no need of: its tops are its bottom."""


Translated = Part | Sequence[Part] | Alias | Deferred
