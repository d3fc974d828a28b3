"""Which scopes could share a class: the instances of one block, the groups at one place of it."""

from collections.abc import Callable
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from netspec.graph import Scope
from netspec.lower.torch.forms import Forms
from netspec.lower.torch.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Family:
    """Scopes that share a name for their class, in the order of the spec."""

    name: str
    scopes: tuple[Scope, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """A scope that becomes a class, those right within it, and how deeply they nest."""

    family: str
    scope: Scope
    inner: "tuple[_Found, ...]"
    height: int


def families(forms: Forms, wiring: Wiring) -> list[Family]:
    """All families below the root, those that others are built from first."""
    found: list[_Found] = []
    _walk(forms.root, "", forms, wiring, found)
    try:
        return _ordered(found, lambda entry: entry.family)
    except CycleError:
        # Blocks contain each other, and a class can't build itself: one for each depth.
        return _ordered(found, lambda entry: (entry.family, entry.height))


def _ordered(found: list[_Found], key: Callable[[_Found], object]) -> list[Family]:
    sorter: TopologicalSorter[object] = TopologicalSorter()
    groups: dict[object, list[_Found]] = {}
    for entry in found:
        groups.setdefault(key(entry), []).append(entry)
        sorter.add(key(entry), *(key(inner) for inner in entry.inner))
    return [
        Family(groups[each][0].family, tuple(entry.scope for entry in groups[each]))
        for each in sorter.static_order()
    ]


def _walk(
    scope: Scope, family: str, forms: Forms, wiring: Wiring, found: list[_Found]
) -> tuple[_Found, ...]:
    """Gather the classes within a scope; gives those that nothing else there contains."""
    outermost: list[_Found] = []
    for member in scope.members:
        if not isinstance(member, Scope) or member.reused or not wiring.nodes(member):
            continue
        name = _family(member, scope, family)
        inner = _walk(member, name, forms, wiring, found)
        if forms.of(member).is_class:
            height = max((entry.height + 1 for entry in inner), default=0)
            entry = _Found(name, member, inner, height)
            found.append(entry)
            outermost.append(entry)
        else:
            outermost += inner
    return tuple(outermost)


def _family(member: Scope, scope: Scope, family: str) -> str:
    if member.block is not None:
        return member.block
    if scope.repeat:
        return family
    return f"{family}.{member.name}" if family else member.name
