"""The intermediate representation: an immutable graph of layers, blobs and parameters.

A Graph holds both phases. Its nodes are in the order of the spec, which is an order of execution;
beside that flat order stands the tree of scopes (blocks, groups, repeats), from which readable
source is written. A node knows the layer that it is an instance of, but the graph knows no layer:
it asks each for its cost through the Operator protocol.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, Self

from netspec.diagnostics import Span
from netspec.expressions.syntax import Expression
from netspec.graph.fillers import Filler
from netspec.graph.frozen import Frozen
from netspec.graph.sizes import Size, substitute, symbols, total
from netspec.graph.types import Shape, TensorType


class Phase(StrEnum):
    """Caffe's phases: a network is trained in one and used in the other."""

    TRAIN = "TRAIN"
    TEST = "TEST"


class Operator(Protocol):
    """What the graph asks of a layer: its name, which bottoms hold regions of images or labels,
    whether its tops may hide what it reads, what targets are known to make of numbers that aren't
    finite, which sizes must be 1 or more for it to run, and its arithmetic for one item of the
    batch.
    """

    @property
    def type_name(self) -> str: ...
    @property
    def regions(self) -> tuple[int, ...]: ...
    @property
    def labels(self) -> tuple[int, ...]: ...
    @property
    def saturates(self) -> bool: ...
    @property
    def nonfinite(self) -> str | None: ...
    def needs(
        self, bottoms: Sequence[TensorType], tops: Sequence[TensorType]
    ) -> Iterator[Size]: ...
    def macs(self, bottoms: Sequence[TensorType], tops: Sequence[TensorType]) -> Size: ...
    def flops(self, bottoms: Sequence[TensorType], tops: Sequence[TensorType]) -> Size: ...


@dataclass(frozen=True, slots=True)
class Blob:
    """A typed value: what a layer gives, or an input of the network. Its name is unique."""

    name: str
    type: TensorType
    phase: Phase | None = None

    @property
    def shape(self) -> Shape:
        return self.type.shape


@dataclass(frozen=True, slots=True)
class Parameter:
    """A tensor that a layer holds: a weight, or a buffer (running statistics).

    `name` is the key in a PyTorch state_dict. `owner` is the name of the parameter whose values
    it uses: its own, unless two layers share it. The multipliers scale an optimizer's learning
    rate and weight decay; a weight with `lr_mult` 0 is frozen. `dtype` as in TensorType.
    """

    name: str
    shape: tuple[int, ...]
    filler: Filler
    owner: str
    buffer: bool = False
    lr_mult: float = 1.0
    decay_mult: float = 1.0
    dtype: str = "float32"

    @property
    def elements(self) -> int:
        count = 1
        for size in self.shape:
            count *= size
        return count

    @property
    def shared(self) -> bool:
        """Whether the values are another parameter's."""
        return self.owner != self.name

    @property
    def trainable(self) -> bool:
        return not self.buffer and self.lr_mult != 0


@dataclass(frozen=True, slots=True)
class Node:
    """A layer at its place: what it reads, what it gives, what it holds.

    `path` names it. `module` is the path of the layer whose parameters it applies: its own, or
    for a `reuse` that of the layer reused, whose parameters it then lists again. `batch` is the
    size of the first axis that stands for the batch. `origin` is the place in the spec; `doc` what
    the spec says of it, `allow` the warnings that it is exempt from.
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
        if self.reused:
            return 0
        own = (p for p in self.parameters if not p.buffer and not p.shared)
        return sum(parameter.elements for parameter in own)

    @property
    def macs(self) -> Size:
        """Multiply-accumulates for one item of the batch."""
        return self.layer.macs(self._item(self.bottoms), self._item(self.tops))

    @property
    def flops(self) -> Size:
        """Arithmetic operations of every kind for one item of the batch."""
        return self.layer.flops(self._item(self.bottoms), self._item(self.tops))

    @property
    def activations(self) -> Size:
        """Elements of the tops for one item of the batch."""
        return total(type.shape.elements for type in self._item(self.tops))

    def _item(self, blobs: tuple[Blob, ...]) -> tuple[TensorType, ...]:
        return tuple(item(blob.type, self.batch) for blob in blobs)


def item(type: TensorType, batch: Size) -> TensorType:
    """The type for one item of a batch that is `batch` long on the first axis."""
    shape = type.shape
    if not shape:
        return type
    first = shape[0]
    # Most often the very same object, which spares comparing two formulas.
    if first is batch or first == batch:
        return TensorType(shape.replace(0, 1), type.dtype)
    if isinstance(batch, int):
        return type
    first = substitute(first, dict.fromkeys(symbols(batch), 1))
    return TensorType(shape.replace(0, first), type.dtype)


@dataclass(frozen=True, slots=True)
class Scope:
    """A block instance, a group, a repeat or the whole network: names within a name.

    `block` is the name of the block that it is an instance of, None for a group; `args` the
    block's arguments, evaluated. `repeat` is true for the scope that holds the instances of a
    repeat (`layer1` of `layer1.0`, `layer1.1`, …). `reused` as for a node.
    """

    path: str
    members: "tuple[Node | Scope, ...]"
    inputs: tuple[Blob, ...]
    outputs: tuple[Blob, ...]
    block: str | None = None
    args: Mapping[str, Any] = field(default_factory=dict)
    repeat: bool = False
    phase: Phase | None = None
    module: str = ""
    doc: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "args", Frozen(self.args))

    def __hash__(self) -> int:
        return hash((self.path, self.module))

    @property
    def name(self) -> str:
        """The last part of the path; empty for the network."""
        return self.path.rpartition(".")[2]

    @property
    def reused(self) -> bool:
        return self.module != self.path


class Origin(Protocol):
    """What a graph can ask of the spec that it came from."""

    @property
    def files(self) -> Sequence[Path]:
        """The files that it was read from, those that it brings in too; none of a mere text."""

    @property
    def formulas(self) -> "Mapping[str, Sequence[Formula]]":
        """The expressions of the spec by the block in which they stand, or an empty name."""

    def vary(self, variables: Mapping[str, Any]) -> "Graph | None":
        """The same network with some vars changed; None where that leaves none."""


class Formula(Protocol):
    """An expression of a spec; `name` is the arg or var that it gives a value, if any."""

    @property
    def expression(self) -> Expression: ...
    @property
    def name(self) -> str: ...


@dataclass(frozen=True)
class Graph:
    """A network: its layers in order, its inputs and outputs, for one phase or both.

    `view` is None for a graph of both phases as `elaborate` gives it; the properties that count
    are then those of TEST. `spec` and `digest` name the text that it came from: the file's name
    and the SHA-256 of its content; `overrides` is what was asked for beside it, and `origin`
    answers questions about that text. `left_out` are the names of the parameters of the whole where
    the graph is a part of a network; with each, the parameter that has its values here, if any.
    """

    name: str
    class_name: str
    inputs: tuple[Blob, ...]
    results: tuple[Blob, ...]
    nodes: tuple[Node, ...]
    root: Scope
    losses: Mapping[str, float] = field(default_factory=dict)
    result_names: Mapping[str, str] = field(default_factory=dict)
    doc: str | None = None
    source: str | None = None
    spec: str = ""
    digest: str = ""
    overrides: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict)
    left_out: Mapping[str, str | None] = field(default_factory=dict)
    view: Phase | None = None
    origin: Origin | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("losses", "result_names", "variables", "left_out"):
            object.__setattr__(self, name, Frozen(getattr(self, name)))

    def __hash__(self) -> int:
        return hash((self.name, self.digest, self.overrides, self.view))

    def phase(self, phase: Phase | str) -> Self:
        """The graph of one phase: its layers, inputs and outputs alone."""
        chosen = Phase(phase)

        def stays(thing: Blob | Node) -> bool:
            return thing.phase in (None, chosen)

        return replace(
            self,
            inputs=tuple(filter(stays, self.inputs)),
            results=tuple(filter(stays, self.results)),
            nodes=tuple(filter(stays, self.nodes)),
            root=_scope_of_phase(self.root, chosen),
            view=chosen,
        )

    @cached_property
    def _counted(self) -> tuple[Node, ...]:
        view = self.view or Phase.TEST
        return tuple(node for node in self.nodes if node.phase in (None, view))

    def __iter__(self) -> Iterator[Node]:
        return iter(self._counted)

    def __len__(self) -> int:
        return len(self._counted)

    @property
    def outputs(self) -> dict[str, Shape]:
        """The shapes of the outputs by name."""
        view = self.view or Phase.TEST
        shown = (blob for blob in self.results if blob.phase in (None, view))
        return {self.result_name(blob): blob.shape for blob in shown}

    def result_name(self, blob: Blob) -> str:
        """What the user calls a result."""
        return self.result_names.get(blob.name, blob.name)

    @property
    def params(self) -> int:
        """Elements of all weights, shared ones counted once, buffers not."""
        return sum(node.params for node in self)

    @property
    def macs(self) -> Size:
        """Multiply-accumulates for one item of the batch."""
        return total(node.macs for node in self)

    @property
    def flops(self) -> Size:
        """Arithmetic operations for one item of the batch."""
        return total(node.flops for node in self)

    @property
    def activations(self) -> Size:
        """Elements of every layer's tops for one item of the batch."""
        return total(node.activations for node in self)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Weights and buffers of the view (both phases' if none was chosen), in the order of a
        PyTorch state_dict: that of the scopes, which dotted names may interleave in the text.
        """
        return tuple(_parameters(self.root))


def _parameters(scope: Scope) -> Iterator[Parameter]:
    own = [member for member in scope.members if not member.reused]
    # What a module holds itself comes before what its modules hold.
    own.sort(key=lambda member: not (isinstance(member, Node) and member.is_parameter))
    for member in own:
        if isinstance(member, Scope):
            yield from _parameters(member)
        else:
            yield from member.parameters


def _scope_of_phase(scope: Scope, phase: Phase) -> Scope:
    members: list[Node | Scope] = []
    for member in scope.members:
        if member.phase not in (None, phase):
            continue
        members.append(_scope_of_phase(member, phase) if isinstance(member, Scope) else member)
    return replace(
        scope,
        members=tuple(members),
        inputs=tuple(blob for blob in scope.inputs if blob.phase in (None, phase)),
        outputs=tuple(blob for blob in scope.outputs if blob.phase in (None, phase)),
    )
