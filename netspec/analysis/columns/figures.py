"""What is asked of a graph, and what was found: each figure of each layer is worked out once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from netspec.graph import Blob, Graph, Node, Scope, Size
from netspec.graph.sizes import total

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What figures depend on beside the graph; those that need what is None can't be had.

    `batch` is the number of items that are counted for. With `compact` the rows are those of a
    lecture's table (`netspec.analysis.places`).
    """

    batch: int = 1
    compact: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """What a row stands for: a layer, a scope with all that is in it, or an input.

    `nodes` are the layers whose figures it has, the one that it is named after first; those that
    follow may stand elsewhere.
    """

    path: str
    nodes: tuple[Node, ...]
    scope: Scope | None = None
    input: Blob | None = None


@dataclass(slots=True)
class Figures:
    """The figures of a graph, a view of one phase.

    `written_over` are the paths of layers whose tops count as memory that was counted before.
    """

    graph: Graph
    asked: Asked
    written_over: frozenset[str] = frozenset()
    _found: dict[Callable[..., Any], Any] = field(default_factory=dict)
    _each: dict[Callable[..., Any], dict[str, Any]] = field(default_factory=dict)

    def once(self, find: Callable[["Figures"], Found]) -> Found:
        """What a function finds of the whole graph, which it is asked for once."""
        if find not in self._found:
            self._found[find] = find(self)
        return cast(Found, self._found[find])

    def of(self, one: Callable[["Figures", Node], Found], node: Node) -> Found:
        """What a function finds of a layer, which it is asked for once."""
        known = self._each.setdefault(one, {})
        if node.path not in known:
            known[node.path] = one(self, node)
        return cast(Found, known[node.path])

    def total(
        self, one: Callable[["Figures", Node], Size], nodes: Sequence[Node] | None = None
    ) -> Size:
        """The sum of what a function finds of layers, of all if none are named."""
        if nodes is None:
            return self.once(Sum(one))
        return total(self.of(one, node) for node in nodes)


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of what a function finds of each layer: a question, asked once of the graph."""

    one: Callable[[Figures, Node], Size]

    def __call__(self, figures: Figures) -> Size:
        return total(figures.of(self.one, node) for node in figures.graph)
