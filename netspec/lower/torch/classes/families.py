"""Which scopes could share a class: the instances of one block, the groups at one place of it."""

from collections.abc import Callable
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from netspec.graph import Scope
from netspec.lower.torch.regions.region import Region
from netspec.lower.torch.regions.regions import Regions
from netspec.lower.torch.structure.forms import Forms
from netspec.lower.torch.structure.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Family:
    """Scopes that share a name for their class, in the order of the spec, each in its region.

    Where they hold each other, `levels` are those that hold none, those that hold these, and so on.
    """

    name: str
    scopes: tuple[tuple[Scope, Region], ...]
    levels: "tuple[Family, ...]" = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """A scope that becomes a class, those right within it, and how deeply they nest."""

    family: str
    scope: Scope
    region: Region
    inner: "tuple[_Found, ...]"
    height: int


def families(forms: Forms, wiring: Wiring, regions: Regions) -> list[Family]:
    """All families below the root, those that others are built from first."""
    walk = _Walk(forms, wiring, regions)
    walk.within(regions.root.scope, regions.root, "")
    found = list(walk.found.values())
    try:
        return _ordered(found, lambda entry: entry.family)
    except CycleError:
        # Several blocks contain each other: a class for each depth.
        return _ordered(found, lambda entry: (entry.family, entry.height))


def _ordered(found: list[_Found], key: Callable[[_Found], object]) -> list[Family]:
    sorter: TopologicalSorter[object] = TopologicalSorter()
    groups: dict[object, list[_Found]] = {}
    for entry in found:
        groups.setdefault(key(entry), []).append(entry)
        sorter.add(key(entry), *(key(inner) for inner in entry.inner if key(inner) != key(entry)))
    return [_of(groups[each]) for each in sorter.static_order()]


def _of(entries: list[_Found]) -> Family:
    levels: dict[int, list[_Found]] = {}
    if any(inner.family == entry.family for entry in entries for inner in entry.inner):
        for entry in sorted(entries, key=lambda entry: entry.height):
            levels.setdefault(entry.height, []).append(entry)
    scopes = tuple((entry.scope, entry.region) for entry in entries)
    inside = tuple(map(_of, levels.values())) if len(levels) > 1 else ()
    return Family(entries[0].family, scopes, inside)


class _Walk:
    """Gathers scopes that become classes; instances of a block that are one region are one."""

    def __init__(self, forms: Forms, wiring: Wiring, regions: Regions) -> None:
        self.found: dict[str, _Found] = {}
        self._forms = forms
        self._wiring = wiring
        self._regions = regions

    def within(self, scope: Scope, region: Region, family: str) -> tuple[_Found, ...]:
        """The classes within a scope that nothing else there contains."""
        outermost: list[_Found] = []
        for member in scope.members:
            if not isinstance(member, Scope) or member.reused or not self._wiring.nodes(member):
                continue
            inside, own = member, region
            if member.block is not None:
                own = self._regions.of(member.path)
                inside = own.scope
            if inside.path in self.found:
                outermost.append(self.found[inside.path])
                continue
            name = _family(inside, scope, family)
            inner = self.within(inside, own, name)
            if self._forms.of(inside).is_class:
                height = max((entry.height + 1 for entry in inner), default=0)
                entry = _Found(name, inside, own, inner, height)
                self.found[inside.path] = entry
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
