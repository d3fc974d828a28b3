"""What is asked of a graph, and what was found: each figure of each layer is worked out once.

The small classes here and in the modules around are named tuples: Python makes one in a tenth of
the time of a frozen dataclass, and a run of `netspec summary` notices.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

from netspec.graph import Blob, Graph, Node, Scope, Shape, Size
from netspec.graph.sizes import total

if TYPE_CHECKING:
    from netspec.analysis.roofline import Device

Found = TypeVar("Found")


class Asked(NamedTuple):
    """What figures depend on beside the graph; those that need what is None can't be had.

    `batch` is the number of items that are counted for; None is one, of a batch that stays open.
    With `compact` the rows are those of a lecture's table (`netspec.analysis.places`).
    `convention` is what counts in place of MACs. Times are those on the device; it and bytes are
    for what computes in the precision. An `optimizer` asks for a training step, a
    `budget` of bytes for the largest batch.
    """

    batch: int | None = None
    compact: bool = False
    convention: str = "macs"
    device: "Device | None" = None
    precision: str = "float32"
    optimizer: str | None = None
    budget: int | None = None

    @property
    def memory(self) -> bool:
        """Whether it's asked what training takes or what fits."""
        return self.optimizer is not None or self.budget is not None

    @property
    def principal(self) -> str:
        """The figure by which layers weigh: what shares are of, and which rows are marked."""
        return self.convention if self.device is None else "time"


class Place(NamedTuple):
    """What a row stands for: a layer, a scope with all that is in it, or an input.

    `nodes` are the layers whose figures it has. Where it's a layer that is the first of them;
    what is written over its tops, or over an input, may follow.
    """

    path: str
    nodes: tuple[Node, ...]
    scope: Scope | None = None
    input: Blob | None = None


@dataclass(slots=True, eq=False, repr=False)
class Figures:
    """The figures of a graph, a view of one phase; `whole` has both, if it's there.

    `written_over` are the paths of layers whose tops are memory that was counted before. `sizes`
    are those of symbols that what is asked for settles: the batch.
    """

    graph: Graph
    asked: Asked
    whole: Graph | None = None
    written_over: frozenset[str] = frozenset()
    sizes: Mapping[str, int] = field(default_factory=dict)
    _found: dict[Callable[..., Any], Any] = field(default_factory=dict)
    _totals: dict[Callable[..., Any], Size] = field(default_factory=dict)
    _each: dict[Callable[..., Any], dict[str, Any]] = field(default_factory=dict)

    @property
    def items(self) -> int:
        """How many items of the batch are counted for."""
        return 1 if self.asked.batch is None else self.asked.batch

    def shape(self, shape: Shape) -> Shape:
        """A shape as far as its sizes are settled."""
        return shape.substitute(dict(self.sizes)) if self.sizes else shape

    def once(self, find: Callable[["Figures"], Found]) -> Found:
        """What a function finds of the whole graph, which it is asked for once."""
        if find not in self._found:
            self._found[find] = find(self)
        return cast(Found, self._found[find])

    def of(self, one: Callable[["Figures", Node], Found], node: Node) -> Found:
        """What a function finds of a layer, which it is asked for once."""
        known = self._each.get(one)
        if known is None:
            known = self._each[one] = {}
        found = known.get(node.path, known)  # which no figure is
        if found is known:
            found = known[node.path] = one(self, node)
        return cast(Found, found)

    def total(
        self, one: Callable[["Figures", Node], Size], nodes: Sequence[Node] | None = None
    ) -> Size:
        """The sum of what a function finds of layers, of all if none are named."""
        if nodes is not None:
            return total([self.of(one, node) for node in nodes])
        if one not in self._totals:
            self._totals[one] = self.total(one, [*self.graph])
        return self._totals[one]
