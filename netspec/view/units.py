"""Which layers and scopes share a box: what is fused, and what is drawn once with ×N."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from netspec.graph import Graph, Node, Scope
from netspec.graph.reach import POINTWISE
from netspec.graph.tree import leaves
from netspec.view.folding import Folding
from netspec.view.kinds import Kinds

BEHIND = ("activation", "normalization", "regularization")
"""Families whose layers papers write beside the one before."""
BEFORE = ("weights", "arithmetic", "attention", "recurrent", "normalization")
"""Families behind whose layers they do."""


@dataclass(eq=False, slots=True)
class Unit:
    """What one box stands for: a layer with those fused to it, or a scope, the first of `count`
    equal neighbours. `nodes` are the layers of all of them, `first` those of the first.
    """

    nodes: list[Node]
    scope: Scope | None = None
    last: Scope | None = None
    count: int = 1
    first: Sequence[Node] = ()
    paths: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.paths = {node.path for node in self.nodes}
        self.first = self.first or self.nodes

    def take(self, other: "Unit") -> None:
        """Stand for what another unit does, too."""
        self.nodes.extend(other.nodes)
        self.paths |= other.paths


class Units:
    """The units of scopes of a graph, a view of one phase."""

    def __init__(self, graph: Graph, folding: Folding) -> None:
        self.graph = graph
        self.folding = folding
        self.kinds = Kinds()
        self.results = {blob.name for blob in graph.results}
        self._order = {node.path: number for number, node in enumerate(graph.nodes)}
        self._known: dict[str, list[Unit]] = {}

    def of(self, scope: Scope, in_block: bool = False) -> list[Unit]:
        """What stands in a scope, in the order of execution; `in_block` is whether it's within a
        block, or one.
        """
        if scope.path not in self._known:
            found = [each for member in scope.members for each in self._member(member, in_block)]
            found.sort(key=lambda unit: self._order[unit.nodes[0].path])
            found = self._fused(found)
            if not self.folding.everything:
                found = list(self._runs(found))
            self._known[scope.path] = found
        return self._known[scope.path]

    def _member(self, member: Node | Scope, in_block: bool) -> list[Unit]:
        if isinstance(member, Node):
            return [Unit([member])]
        within = in_block or member.block is not None
        inner = self.of(member, within)
        grouped = in_block and member.block is None and not member.repeat
        if len(inner) < 2 or (grouped and self.folding.splices):
            return inner
        nodes = sorted(leaves(member), key=lambda node: self._order[node.path])
        return [Unit(nodes, member, member)]

    def _fused(self, units: Iterable[Unit]) -> list[Unit]:
        """The units, those that only finish what another gives being part of that."""
        found: list[Unit] = []
        givers: dict[str, Unit] = {}
        for unit in units:
            giver = self._giver(unit, givers)
            if giver is None:
                found.append(unit)
            else:
                giver.take(unit)
            if unit.scope is None:
                last = unit.nodes[-1]
                givers |= {blob.name: giver or unit for blob in last.tops}
        return found

    def _giver(self, unit: Unit, givers: Mapping[str, Unit]) -> Unit | None:
        """The unit that another is fused with, if it is."""
        if unit.scope is not None or not _finishes(unit.nodes[0]):
            return None
        read = unit.nodes[0].bottoms[0].name
        alone = len(self.graph.readers[read]) == 1 and read not in self.results
        giver = givers.get(read) if alone else None
        return giver if giver is not None and giver.nodes[0].layer.family in BEFORE else None

    def _runs(self, units: Iterable[Unit]) -> Iterable[Unit]:
        """The units, each run of equal scopes, one behind the other, as one."""
        run: Unit | None = None
        before: Unit | None = None
        for unit in units:
            if run is not None and before is not None and self._goes_on(before, unit):
                run.take(unit)
                run.count, run.last = run.count + 1, unit.last
            else:
                if run is not None:
                    yield run
                run = Unit(list(unit.nodes), unit.scope, unit.last, unit.count, unit.first)
            before = unit
        if run is not None:
            yield run

    def _goes_on(self, one: Unit, other: Unit) -> bool:
        """Whether a scope is like the one before, and alone reads what that gives."""
        if one.scope is None or other.scope is None or one.count > 1 or other.count > 1:
            return False
        if one.scope.block != other.scope.block or len(one.nodes) != len(other.nodes):
            return False
        given = [blob.name for node in one.nodes for blob in node.tops]
        if not self.results.isdisjoint(given):
            return False
        readers = {each.path for name in given for each in self.graph.readers.get(name, ())}
        beyond = readers - one.paths
        return bool(beyond) and beyond <= other.paths and self.kin(one) == self.kin(other)

    def kin(self, unit: Unit) -> object:
        """What is equal for units that are built alike."""
        return self.kinds.of(unit.first)


def _finishes(node: Node) -> bool:
    """Whether a layer only finishes what another gives: it normalizes or rectifies that, element
    by element or with factors of its own.
    """
    layer = node.layer
    if layer.family not in BEHIND or len(node.bottoms) != 1 or len(node.tops) != 1 or node.macs:
        return False
    bottoms, tops = [node.bottoms[0].type], [node.tops[0].type]
    if bottoms[0].shape != tops[0].shape:
        return False
    return bool(node.parameters) or layer.reach(0, 0, bottoms, tops) == POINTWISE
