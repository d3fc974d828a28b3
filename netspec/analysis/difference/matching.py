"""Which layer of one network is which of another.

A layer is the same by its name, or by what it is: its type, its fields and its place in the order.
Names tell more, for weights go by them. But where a layer comes into a numbered list all behind it
bear the names of others; so both are tried, and the way that leaves less to tell is taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from netspec.analysis.difference.aligning import align
from netspec.graph import Node


@dataclass(slots=True)
class Signatures:
    """A number for each kind of layer: those of equal types and fields have the same."""

    _numbers: dict[object, int] = field(default_factory=dict)
    _known: dict[int, tuple[object, int]] = field(default_factory=dict)

    def of(self, node: Node) -> int:
        layer = node.layer
        if id(layer) not in self._known:
            number = self._numbers.setdefault((node.type, repr(layer)), len(self._numbers))
            # The layer is held, so that no other comes to have its identity.
            self._known[id(layer)] = layer, number
        return self._known[id(layer)][1]


@dataclass(slots=True)
class Matching:
    """The partners of two networks' layers by their numbers, each other's."""

    a: Sequence[Node]
    b: Sequence[Node]
    kinds_a: list[int]
    kinds_b: list[int]
    of_a: dict[int, int] = field(default_factory=dict)
    of_b: dict[int, int] = field(default_factory=dict)

    def add(self, i: int, j: int) -> None:
        self.of_a[i], self.of_b[j] = j, i

    @property
    def left_a(self) -> list[int]:
        """The layers of the first that have no partner."""
        return [number for number in range(len(self.a)) if number not in self.of_a]

    @property
    def left_b(self) -> list[int]:
        return [number for number in range(len(self.b)) if number not in self.of_b]

    @property
    def cost(self) -> int:
        """How much there is to tell: a layer that bears another name is told with its neighbors."""
        alone = len(self.a) + len(self.b) - 2 * len(self.of_a)
        changed = sum(self.kinds_a[i] != self.kinds_b[j] for i, j in self.of_a.items())
        moved = sum(self.a[i].path != self.b[j].path for i, j in self.of_a.items())
        return 2 * (alone + changed) + moved


def match(a: Sequence[Node], b: Sequence[Node]) -> Matching:
    """The layers of two networks that are the same."""
    signatures = Signatures()
    kinds = [signatures.of(node) for node in a], [signatures.of(node) for node in b]
    by_name = Matching(a, b, *kinds)
    _by_name(by_name)
    _by_kind(by_name)
    _by_path(by_name)
    if by_name.cost == 0:
        return by_name
    by_kind = Matching(a, b, *kinds)
    _by_kind(by_kind)
    _by_name(by_kind)
    _by_path(by_kind)
    return min(by_name, by_kind, key=lambda each: each.cost)


def _by_name(matching: Matching) -> None:
    """Pair what has the same name and is of the same type."""
    free = {matching.b[j].path: j for j in matching.left_b}
    for i in matching.left_a:
        j = free.get(matching.a[i].path)
        if j is not None and matching.a[i].type == matching.b[j].type:
            matching.add(i, j)


def _by_path(matching: Matching) -> None:
    """Pair what has the same name, and is of another type."""
    free = {matching.b[j].path: j for j in matching.left_b}
    for i in matching.left_a:
        j = free.get(matching.a[i].path)
        if j is not None:
            matching.add(i, j)


def _by_kind(matching: Matching) -> None:
    """Pair what is of the same kind, in order, as far as neighbors or weights speak for it."""
    left_a, left_b = matching.left_a, matching.left_b
    kinds_a = [matching.kinds_a[i] for i in left_a]
    kinds_b = [matching.kinds_b[j] for j in left_b]
    found = [(left_a[i], left_b[j]) for i, j in align(kinds_a, kinds_b)]
    partners = matching.of_a | dict(found)
    for i, j in found:
        same = matching.a[i].path == matching.b[j].path
        if same or _is_vouched_for(matching, partners, i, j):
            matching.add(i, j)


def _is_vouched_for(matching: Matching, partners: dict[int, int], i: int, j: int) -> bool:
    beside = partners.get(i - 1) == j - 1 or partners.get(i + 1) == j + 1
    held = _shapes(matching.a[i])
    return beside or (bool(held) and held == _shapes(matching.b[j]))


def _shapes(node: Node) -> list[tuple[int, ...]]:
    return [each.shape for each in node.parameters if not each.buffer]
