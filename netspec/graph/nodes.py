"""What a graph is made of: blobs, parameters, and the layers at their places.

A node knows the layer that it is an instance of, but the graph knows no layer: it asks each for its
cost through the Operator protocol.
"""

from collections.abc import Iterator, Sequence
from dataclasses import field
from enum import StrEnum
from math import prod
from typing import TYPE_CHECKING, Protocol

from netspec.diagnostics import Span
from netspec.graph.sizes import Size, symbols, total
from netspec.graph.types import Shape, TensorType
from netspec.quick import frozen

if TYPE_CHECKING:
    from netspec.graph.fillers import Filler
    from netspec.graph.reach import Reach
    from netspec.graph.scales import ChannelScale
    from netspec.graph.work import Work
    from netspec.graph.written import Written


class Phase(StrEnum):
    """Caffe's phases: a network is trained in one and used in the other. `TRAIN` and `TEST` are
    also their names.
    """

    TRAIN = "TRAIN"
    TEST = "TEST"


class Operator(Protocol):
    """What is asked of a layer by those who know no layers: its name, the heading that it's listed
    under, what drawings call it; which bottoms hold regions of
    images or labels, and of how many classes; whether it holds values that the spec lists, how many
    numbers a target has to write for it, whether its tops may hide what it reads, what targets are
    known to make of numbers that aren't finite, which sizes must be 1 or more for it to run, its
    arithmetic for one item of the batch, and what it holds meanwhile; what its tops see of its
    bottoms, whether they are these bottoms' memory, whether it looks up a table, and how many
    layers are stacked in it; what passes ask: whether it joins branches, whether three axes are
    N×C×L to it, whether it takes statistics of a batch in TRAIN, whether it does nothing in TEST,
    what it does to channels there, and whether it can
    do that itself for the layer behind it; whether its top may be written over, and whether it can
    write over what it reads.
    """

    @property
    def type_name(self) -> str: ...
    @property
    def family(self) -> str: ...
    def brief(self, bottoms: Sequence[TensorType]) -> str: ...
    @property
    def regions(self) -> tuple[int, ...]: ...
    @property
    def labels(self) -> tuple[int, ...]: ...
    @property
    def is_constant(self) -> bool: ...
    @property
    def listed(self) -> int: ...
    @property
    def classes(self) -> int | None: ...
    @property
    def takes_statistics(self) -> bool: ...
    @property
    def saturates(self) -> bool: ...
    @property
    def nonfinite(self) -> str | None: ...
    @property
    def adds(self) -> bool: ...
    @property
    def spatial(self) -> bool: ...
    @property
    def is_identity_in_test(self) -> bool: ...
    @property
    def is_view(self) -> bool: ...
    @property
    def looks_up(self) -> bool: ...
    @property
    def stacked(self) -> int: ...
    @property
    def overwritable(self) -> bool: ...
    @property
    def writes_over(self) -> bool: ...
    @property
    def scale_in_test(self) -> "ChannelScale | None": ...
    def labels_below(self, bottoms: Sequence[TensorType]) -> Size | None: ...
    def features(self, shape: Shape) -> int | None: ...
    def takes_in_scale(self, bottoms: Sequence[TensorType]) -> int | None: ...
    def biased(self) -> "Operator": ...
    def needs(
        self, bottoms: Sequence[TensorType], tops: Sequence[TensorType]
    ) -> Iterator[Size]: ...
    def work(self, bottoms: Sequence[TensorType], tops: Sequence[TensorType]) -> "Work": ...
    def workspace(self, bottoms: Sequence[TensorType], tops: Sequence[TensorType]) -> Size: ...
    def reach(
        self, bottom: int, top: int, bottoms: Sequence[TensorType], tops: Sequence[TensorType]
    ) -> "Reach": ...


@frozen
class Blob:
    """A typed value: what a layer gives, or an input of the network.

    Its `name` is unique; `type` has its shape and its element type. `phase` is the only one in
    which it is there, None for both.
    """

    name: str
    type: TensorType
    phase: Phase | None = None

    @property
    def shape(self) -> Shape:
        """The sizes of its axes, batch first."""
        return self.type.shape


@frozen
class Parameter:
    """A tensor that a layer holds: a weight, or a buffer (running statistics).

    `name` is the key in a PyTorch state_dict, `shape` has its sizes, a `buffer` isn't learned, and
    the `filler` says how it begins. `owner` is the name of the parameter whose values it uses: its
    own, unless two layers share it. The multipliers, `lr_mult` and `decay_mult`, scale an
    optimizer's learning rate and weight decay; a weight with `lr_mult` 0 is frozen. `dtype` as in
    TensorType. `values` are the elements of a constant, a single one for all; the filler means
    nothing then.
    """

    name: str
    shape: tuple[int, ...]
    filler: "Filler"
    owner: str
    buffer: bool = False
    lr_mult: float = 1.0
    decay_mult: float = 1.0
    dtype: str = "float32"
    values: tuple[float, ...] | None = field(default=None, repr=False)

    @property
    def elements(self) -> int:
        """The number of its elements."""
        return prod(self.shape)

    @property
    def shared(self) -> bool:
        """Whether the values are another parameter's."""
        return self.owner != self.name

    @property
    def trainable(self) -> bool:
        """Whether training changes it: a weight that isn't frozen."""
        return not self.buffer and self.lr_mult != 0

    @property
    def counts_batches(self) -> bool:
        """Whether it counts batches, as BatchNorm's integer does: no result depends on it."""
        return self.buffer and self.dtype == "int64" and self.values is None


@frozen
class Node:
    """A layer at its place: what it reads, what it gives, what it holds.

    `path` names it. `layer` has what the spec says of it, by the names of the fields there (its
    `num_output`). `bottoms` and `tops` are the blobs that it reads and gives, `parameters` what it
    holds; `phase` is the only one in which it is there, None for both. `module` is the path of the
    layer whose parameters it applies: its own, or for a `reuse` that of the layer reused, whose
    parameters it then lists again. `batch` is the size of the first axis that stands for the batch.
    `origin` is the place in the spec; `doc` what the spec says of it, `allow` the warnings that it
    is exempt from, `written` what its entry says.
    """

    path: str
    layer: Operator
    bottoms: tuple[Blob, ...]
    tops: tuple[Blob, ...]
    parameters: tuple[Parameter, ...] = ()
    phase: Phase | None = None
    module: str = ""
    batch: Size = 1
    origin: Span | None = field(default=None, compare=False)
    doc: str | None = field(default=None, compare=False)
    allow: frozenset[str] = field(default=frozenset(), compare=False)
    written: "Written | None" = field(default=None, compare=False, repr=False)
    _work: "Work | None" = field(default=None, init=False, compare=False, repr=False)

    def __hash__(self) -> int:
        return hash((self.path, self.module))  # a layer may hold lists

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2]

    @property
    def type(self) -> str:
        """The layer's type, as in the spec."""
        return self.layer.type_name

    @property
    def reused(self) -> bool:
        """Whether the parameters are those of another layer, by `reuse`."""
        return self.module != self.path

    @property
    def is_parameter(self) -> bool:
        """Whether it is a tensor, whose name is the path itself."""
        return any(parameter.name == self.module for parameter in self.parameters)

    @property
    def bottom(self) -> tuple[Shape, ...]:
        """The shapes read."""
        return tuple(blob.shape for blob in self.bottoms)

    @property
    def top(self) -> tuple[Shape, ...]:
        """The shapes given."""
        return tuple(blob.shape for blob in self.tops)

    @property
    def params(self) -> int:
        """Elements of the weights that this layer is the first to hold; buffers don't count."""
        return sum([each.elements for each in self.held if not each.buffer])

    @property
    def trainable_params(self) -> int:
        """Those of them that training changes."""
        return sum([each.elements for each in self.held if each.trainable])

    @property
    def buffers(self) -> int:
        """Elements of its running statistics; batch counters are bookkeeping."""
        held = [each for each in self.held if each.buffer and not each.counts_batches]
        return sum([each.elements for each in held])

    @property
    def held(self) -> Sequence[Parameter]:
        """The parameters that this layer is the first to hold."""
        return () if self.reused else [each for each in self.parameters if not each.shared]

    @property
    def work(self) -> "Work":
        """Its work by kind, for one item of the batch; worked out once."""
        if self._work is None:
            found = self.layer.work(self._item(self.bottoms), self._item(self.tops))
            object.__setattr__(self, "_work", found)
            return found
        return self._work

    def times(self, items: int) -> int:
        """How many times it does that work for so many items of the batch: once where nothing that
        it reads or gives is of the batch.
        """
        blobs = (*self.bottoms, *self.tops)
        once = items > 1 and all(item(each.type, self.batch) is each.type for each in blobs)
        return 1 if once else items

    @property
    def macs(self) -> Size:
        """Multiply-accumulates for one item of the batch."""
        return self.work.macs

    @property
    def flops(self) -> Size:
        """Arithmetic operations of every kind for one item of the batch."""
        return self.work.flops

    @property
    def activations(self) -> Size:
        """Elements of the tops for one item of the batch."""
        return total(type.shape.elements for type in self._item(self.tops))

    def _item(self, blobs: tuple[Blob, ...]) -> tuple[TensorType, ...]:
        return tuple([item(blob.type, self.batch) for blob in blobs])


def item(type: TensorType, batch: Size) -> TensorType:
    """The type for one item of a batch that is `batch` long on the first axis; for each batch
    worked out once, unless others are asked for between.
    """
    known = type.known_item
    if known is None or known[0] is not batch:
        known = (batch, _item(type, batch))
        object.__setattr__(type, "known_item", known)
    return known[1]


def _item(type: TensorType, batch: Size) -> TensorType:
    sizes = type.shape.sizes
    if not sizes:
        return type
    # Most often the very same object, which spares comparing two formulas.
    if sizes[0] is batch or sizes[0] == batch:
        return TensorType(Shape((1, *sizes[1:])), type.dtype)
    if isinstance(batch, int) or not any(symbols(size) & symbols(batch) for size in sizes):
        return type
    # The batch stands elsewhere, or is there several times over.
    return TensorType(type.shape.substitute(dict.fromkeys(symbols(batch), 1)), type.dtype)
