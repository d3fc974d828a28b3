"""The intermediate representation: an immutable graph of layers, blobs and parameters.

A Graph holds both phases. Its nodes are in the order of the spec, which is an order of execution;
beside that flat order stands the tree of scopes (blocks, groups, repeats), from which readable
source is written.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

from netspec.graph.alike import Alike
from netspec.graph.frozen import Frozen
from netspec.graph.nodes import Blob, Node, Parameter, Phase
from netspec.graph.pieces import Piece
from netspec.graph.sizes import Size
from netspec.graph.tree import Scope, parameters, regrown
from netspec.graph.types import Shape

if TYPE_CHECKING:
    from pathlib import Path

    from netspec.diagnostics import SourceText
    from netspec.graph.work import Work
    from netspec.graph.written import Formulas

_EMPTY = Scope("", (), (), ())


@dataclass(frozen=True, kw_only=True)
class Graph:
    """A network: its layers in order, its inputs and outputs, for one phase or both.

    `view` is None for a graph of both phases as `elaborate` gives it; the properties that count
    are then those of TEST. `spec` and `digest` name the text that it came from: the file's name
    and the SHA-256 of its content, `text` is that text, `files` all files that it was read from,
    those that it brings in too; `overrides` is what was asked for beside it. `formulas` are the
    expressions that give vars their values, `input_formulas` those of the inputs' shapes.
    `left_out` are the names of the parameters of the whole where the graph is a part of a network;
    with each, the parameter that has its values here, if any.
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
    task: str | None = None
    year: int | None = None
    spec: str = ""
    digest: str = ""
    overrides: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict)
    formulas: "Formulas" = field(default_factory=dict, compare=False, repr=False)
    input_formulas: "Formulas" = field(default_factory=dict, compare=False, repr=False)
    left_out: Mapping[str, str | None] = field(default_factory=dict)
    view: Phase | None = None
    files: "tuple[Path, ...]" = field(default=(), compare=False, repr=False)
    text: "SourceText | None" = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("losses", "result_names", "variables", "left_out"):
            object.__setattr__(self, name, Frozen(getattr(self, name)))

    @classmethod
    def unmade(
        cls,
        make: Callable[[], tuple[tuple[Node, ...], Scope]],
        alike: Alike,
        pieces: Sequence[Piece],
        **fields: Any,
    ) -> Self:
        """A graph whose layers and tree are made when someone asks for them; how many of its layers
        are alike, which says what it costs, and how its pieces are joined is known before.
        """
        graph = cls(nodes=(), root=_EMPTY, **fields)
        state = graph.__dict__
        del state["nodes"], state["root"]
        state.update(_make=make, alike=alike, _pieces=pieces)
        return graph

    if not TYPE_CHECKING:  # for which a graph has no other attributes than it says

        def __getattr__(self, name):
            """The layers and the tree of a graph that is still unmade."""
            state = self.__dict__
            if name in ("nodes", "root") and "_make" in state:
                state["nodes"], state["root"] = state["_make"]()
                del state["_make"], state["_pieces"]
                return state[name]
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __getstate__(self) -> dict[str, Any]:
        return {each.name: getattr(self, each.name) for each in fields(self)}

    def __hash__(self) -> int:
        return hash((self.name, self.digest, self.overrides, self.view))

    def phase(self, phase: Phase | str) -> Self:
        """The graph of one phase: its layers, inputs and outputs alone."""
        chosen = Phase(phase)

        def stays(thing: Blob | Node) -> bool:
            return thing.phase in (None, chosen)

        made = self.with_nodes(
            filter(stays, self.nodes),
            inputs=tuple(filter(stays, self.inputs)),
            results=tuple(filter(stays, self.results)),
        )
        return replace(made, view=chosen)

    def with_nodes(
        self,
        nodes: Iterable[Node],
        *,
        inputs: tuple[Blob, ...] | None = None,
        results: tuple[Blob, ...] | None = None,
        instead: Mapping[str, Blob] = MappingProxyType({}),
    ) -> Self:
        """The graph with other layers, in an order of execution: its tree, and what it says of its
        blobs, follow.

        A layer stands in the scope that its path names, a group if there is none yet. `inputs` and
        `results` are the graph's own unless given; results follow what is made under their names.
        `instead` are blobs that stand for those that no layer gives any more, by the names of
        these.
        """
        nodes, inputs = tuple(nodes), self.inputs if inputs is None else inputs
        blobs = {blob.name: blob for blob in inputs}
        blobs |= {blob.name: blob for node in nodes for blob in node.tops}
        asked = self.results if results is None else results
        given = tuple([blobs[blob.name] for blob in asked])
        names = {blob.name for blob in given}
        return replace(
            self,
            inputs=inputs,
            results=given,
            nodes=nodes,
            root=regrown(self.root, nodes, {**blobs, **instead}, inputs, given),
            losses={name: weight for name, weight in self.losses.items() if name in blobs},
            result_names={name: to for name, to in self.result_names.items() if name in names},
        )

    @cached_property
    def makers(self) -> Mapping[str, Node]:
        """The layer that gives each blob, by the blob's name; an input of the network has none."""
        return Frozen({blob.name: node for node in self.nodes for blob in node.tops})

    @cached_property
    def readers(self) -> Mapping[str, tuple[Node, ...]]:
        """The layers that read each blob, in order; one that reads it twice is there twice."""
        found: dict[str, list[Node]] = {}
        for node in self.nodes:
            for blob in node.bottoms:
                found.setdefault(blob.name, []).append(node)
        return Frozen({name: tuple(nodes) for name, nodes in found.items()})

    @cached_property
    def _counted(self) -> tuple[Node, ...]:
        view = self.view or Phase.TEST
        return tuple(node for node in self.nodes if node.phase in (None, view))

    def __iter__(self) -> Iterator[Node]:
        return iter(self._counted)

    def __len__(self) -> int:
        return self.alike.count

    @property
    def outputs(self) -> dict[str, Shape]:
        """The shapes of the outputs by name."""
        view = self.view or Phase.TEST
        shown = (blob for blob in self.results if blob.phase in (None, view))
        return {self.result_name(blob): blob.shape for blob in shown}

    def result_name(self, blob: Blob) -> str:
        """What the user calls a result, the `blob`."""
        return self.result_names.get(blob.name, blob.name)

    @property
    def pieces(self) -> Sequence[Piece]:
        """What both phases consist of, in order: the layers, unless they have yet to be made."""
        pieces: Sequence[Piece] | None = self.__dict__.get("_pieces")
        return self.nodes if pieces is None else pieces

    @cached_property
    def alike(self) -> Alike:
        """How many layers of the view are alike, and so cost the same."""
        return Alike(self)

    @cached_property
    def params(self) -> int:
        """Elements of all weights, shared ones counted once, buffers not."""
        count = self.alike.total("params")
        assert isinstance(count, int)
        return count

    @cached_property
    def work(self) -> "Work":
        """The work of all layers by kind, for one item of the batch."""
        return self.alike.work

    @cached_property
    def macs(self) -> Size:
        """Multiply-accumulates for one item of the batch."""
        return self.work.macs

    @cached_property
    def flops(self) -> Size:
        """Arithmetic operations for one item of the batch."""
        return self.work.flops

    @cached_property
    def activations(self) -> Size:
        """Elements of every layer's tops for one item of the batch."""
        return self.alike.total("activations")

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """Weights and buffers of the view (both phases' if none was chosen), in the order of a
        PyTorch state_dict: that of the scopes, which dotted names may interleave in the text.
        """
        return tuple(parameters(self.root).values())
