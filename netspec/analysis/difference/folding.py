"""What differs, with alike things told once: scopes that are new as a whole, changes that all
instances of a block have.
"""

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from itertools import groupby

from netspec.analysis.difference.facts import Change, Facts
from netspec.graph import Graph, Node, Scope
from netspec.quick import frozen

_NUMBER = re.compile(r"(?<=\.)\d+(?=\.|$)")
SHOWN = 4
"""How many places are listed before the others are only counted."""


@frozen
class Part:
    """Layers that are told as one: a layer, a scope, or instances of a block beside each other."""

    first: str
    last: str
    what: str
    nodes: tuple[Node, ...]
    count: int = 1

    @property
    def place(self) -> str:
        return _range(self.first, self.last)


def parts(graph: Graph, nodes: Iterable[Node]) -> list[Part]:
    """Some of a graph's layers as few parts: the largest scopes of which there's nothing else."""
    chosen = {node.path for node in nodes}
    found = [each for member in graph.root.members for each in _parts(member, chosen)]
    return [_merged(list(group)) for _, group in groupby(found, key=_Runs())]


def _parts(member: Scope | Node, chosen: set[str]) -> Iterator[Part]:
    if isinstance(member, Node):
        if member.path in chosen:
            yield Part(member.path, member.path, member.type, (member,))
        return
    inner = [each for part in member.members for each in _parts(part, chosen)]
    nodes = tuple(node for each in inner for node in each.nodes)
    if nodes and len(nodes) == _size(member):
        yield Part(member.path, member.path, member.block or "", nodes)
    else:
        yield from inner


def _size(scope: Scope) -> int:
    return sum(1 if isinstance(each, Node) else _size(each) for each in scope.members)


class _Runs:
    """Tells instances with consecutive numbers of one block from others, one after the other."""

    def __init__(self) -> None:
        self._before: Part | None = None
        self._run = 0

    def __call__(self, part: Part) -> int:
        before, self._before = self._before, part
        if before is None or not _follows(before, part):
            self._run += 1
        return self._run


def _follows(before: Part, after: Part) -> bool:
    (one, _, first), (other, _, second) = before.first.rpartition("."), after.first.rpartition(".")
    numbered = first.isdecimal() and second.isdecimal() and int(second) == int(first) + 1
    return one == other and numbered and before.what == after.what


def _merged(run: Sequence[Part]) -> Part:
    nodes = tuple(node for each in run for node in each.nodes)
    return Part(run[0].first, run[-1].last, run[0].what, nodes, len(run))


@frozen
class Alike:
    """Layers of which the same is told: what they are called, where they are, and what differs."""

    name: str
    block: str | None
    places: tuple[str, ...]
    changes: tuple[Change, ...]


def alike(difference: Facts) -> tuple[list[Alike], list[Change]]:
    """Changes of fields, and layers that differ because of what stands before them.

    Those changes are together that are of the same fields of a layer in instances of a block, or
    under names that differ in numbers alone.
    """
    inner = dict(_blocks(difference.b.root, None))
    groups: dict[object, list[Change]] = {}
    behind = []
    for each in difference.changed:
        if not each.fields:
            behind.append(each)
            continue
        block = inner[each.path]
        local = each.path[len(block.path) + 1 :] if block else _NUMBER.sub("*", each.path)
        key = (block.block if block else None, local, each.after.type, tuple(each.fields))
        groups.setdefault(key, []).append(each)
    return [_alike(each, inner) for each in groups.values()], behind


def _alike(changes: list[Change], inner: dict[str, Scope | None]) -> Alike:
    first = changes[0]
    block = inner[first.path]
    if block is None or len(changes) == 1:
        places = tuple(each.path for each in changes)
        return Alike(first.path if len(changes) == 1 else "", None, places, tuple(changes))
    places = tuple(scope.path for each in changes if (scope := inner[each.path]) is not None)
    return Alike(first.path[len(block.path) + 1 :], block.block, places, tuple(changes))


def _blocks(scope: Scope, block: Scope | None) -> Iterator[tuple[str, Scope | None]]:
    """The innermost instance of a block that each layer stands in."""
    for member in scope.members:
        if isinstance(member, Node):
            yield member.path, block
        else:
            yield from _blocks(member, member if member.block is not None else block)


def runs(places: Sequence[str]) -> list[str]:
    """Places, those with consecutive numbers as one: `layer1.0 … layer1.2`."""
    found: list[list[str]] = []
    for place in places:
        if found and _is_next(found[-1][-1], place):
            found[-1].append(place)
        else:
            found.append([place])
    return [_range(each[0], each[-1]) for each in found]


def _is_next(one: str, other: str) -> bool:
    """Whether a name is another's but for one number, which is greater by one."""
    a, b = one.split("."), other.split(".")
    if len(a) != len(b):
        return False
    differing = [(x, y) for x, y in zip(a, b, strict=True) if x != y]
    return len(differing) == 1 and all(
        x.isdecimal() and y.isdecimal() and int(y) == int(x) + 1 for x, y in differing
    )


def listed(places: Sequence[str]) -> str:
    """Places in a line, the first of many."""
    found = runs(places)
    more = len(found) - SHOWN
    return ", ".join(found[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def moves(difference: Facts) -> list[tuple[str, str, int]]:
    """From where to where layers have moved, and how many: those together that come one after the
    other out of one scope into one.
    """
    if not difference.moved:
        return []
    scopes = _scopes(difference.a), _scopes(difference.b)
    found = [_ends(each.before.path, each.after.path, *scopes) for each in difference.moved]
    groups = groupby(found, key=lambda ends: [*map(_around, ends)])
    return [_stretch(list(group)) for _, group in groups]


def _around(path: str) -> str:
    return path.rpartition(".")[0]


def _stretch(moved: list[tuple[str, str]]) -> tuple[str, str, int]:
    (first, last), (to_first, to_last) = zip(moved[0], moved[-1], strict=True)
    return _range(first, last), _range(to_first, to_last), len(moved)


def _range(first: str, last: str) -> str:
    return first if first == last else f"{first} … {last}"


def _scopes(graph: Graph) -> set[str]:
    """The names of the scopes in which layers stand."""
    found: set[str] = set()
    for node in graph.nodes:
        scope = _around(node.path)
        while scope and scope not in found:
            found.add(scope)
            scope = _around(scope)
    return found


def _ends(before: str, after: str, old: Set[str], new: Set[str]) -> tuple[str, str]:
    """What differs of two names, without the end that they have in common where that is the end of
    scopes that bear another name; a layer out of a scope that is still there keeps its own.
    """
    while (parts := before.rpartition("."))[0] and (others := after.rpartition("."))[0]:
        if parts[2] != others[2] or parts[0] in new or others[0] in old:
            break
        before, after = parts[0], others[0]
    return before, after
