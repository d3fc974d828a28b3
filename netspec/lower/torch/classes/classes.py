"""The classes of a module: one for each block, whatever its instances choose."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from netspec.graph import Scope
from netspec.lower.torch.classes.bodies import Bodies
from netspec.lower.torch.classes.body import Body, Held, Holder
from netspec.lower.torch.classes.calls import constructing_itself, in_style, itself
from netspec.lower.torch.classes.columns import NotShared
from netspec.lower.torch.classes.families import Family, families
from netspec.lower.torch.classes.forwards import forward_plan
from netspec.lower.torch.classes.header import class_docstring
from netspec.lower.torch.classes.merging import Candidate, Unlike, hollow, template
from netspec.lower.torch.classes.parameters import Parameter
from netspec.lower.torch.classes.plan import ClassPlan, ForwardPlan
from netspec.lower.torch.classes.settled import Settled, settle
from netspec.lower.torch.code import Call, Name
from netspec.lower.torch.python.names import Names, camel_case
from netspec.lower.torch.regions.region import Region
from netspec.lower.torch.regions.regions import Regions
from netspec.lower.torch.structure.forms import Form, Forms
from netspec.lower.torch.structure.wiring import Wiring

MAX_MERGED = 64
"""So many structures of one block are told apart by conditions; more are a class each."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A class that is planned, and which of its candidates a scope is."""

    name: str
    parameters: tuple[Parameter, ...]
    candidate: int


@dataclass(frozen=True, slots=True, eq=False)
class Cluster:
    """Candidates that share a class, and the class."""

    candidates: tuple[Candidate, ...]
    settled: Settled


class Classes:
    """Plans the classes of all scopes below the root, inner ones first."""

    def __init__(
        self,
        forms: Forms,
        wiring: Wiring,
        regions: Regions,
        names: Names,
        helpers: Collection[str],
    ) -> None:
        self.plans: list[ClassPlan] = []
        self._planned: dict[str, Planned] = {}
        self._recursing: Mapping[str, Collection[str]] = {}
        self._forms = forms
        self._wiring = wiring
        self._regions = regions
        self._names = names
        self._helpers = helpers

    def plan(self, bodies: Bodies) -> None:
        """Fill `plans`; the bodies can then construct what is planned."""
        bodies.construct = self.construct
        for family in families(self._forms, self._wiring, self._regions):
            if not family.levels or not self._recursive(bodies, family):
                for level in family.levels or (family,):
                    self._family(bodies, level)

    def _family(self, bodies: Bodies, family: Family) -> None:
        clusters = self._clustered(_candidates(bodies, family))
        for cluster in clusters:
            wish = _class_name(family, cluster, clusters[0])
            self._class(wish, cluster.candidates, cluster.settled)

    def _recursive(self, bodies: Bodies, family: Family) -> bool:
        """Plan a class that constructs itself; False where its scopes can't be one.

        What it passes to itself shows once it's known what it reads, which what it passes is part
        of.
        """
        symbols: dict[str, None] = {}
        try:
            while True:
                self._recursing = dict.fromkeys((scope.path for scope, _ in family.scopes), symbols)
                candidates = _candidates(bodies, family)
                settled = settle(candidates, self._helpers)
                read = {each.symbol: None for each in settled.parameters}
                if "" in read:
                    return False
                if read.keys() <= symbols.keys():
                    self._class(camel_case(family.name), candidates, settled)
                    return True
                symbols = symbols | read
        except (Unlike, NotShared):
            return False
        finally:
            self._recursing = {}

    def construct(self, scope: Scope, region: Region) -> Call:
        """The call of a scope's class, in the terms of the region in which it stands."""
        use = region.uses.get(scope.path) if scope.block is not None else None
        inside = use.region.scope.path if use is not None else scope.path
        if use is not None and inside in self._recursing:
            return itself(use, self._recursing[inside], region)
        planned = self._planned[inside]
        given = [each.argument(planned.candidate, use, region) for each in planned.parameters]
        return Call(Name(planned.name), tuple(in_style(given, planned.parameters)))

    def names(self, root: Scope) -> dict[str, str]:
        """The classes of all scopes below the network's, by path."""
        return dict(self._named(root, root))

    def _named(self, scope: Scope, inside: Scope) -> Iterator[tuple[str, str]]:
        """Those within a scope, which is like another that has been planned."""
        for member, like in zip(scope.members, inside.members, strict=True):
            if not isinstance(member, Scope) or not isinstance(like, Scope) or member.reused:
                continue
            planned = like if like.block is None else self._regions.of(like.path).scope
            if planned.path in self._planned:
                yield member.path, self._planned[planned.path].name
            yield from self._named(member, planned)

    def _clustered(self, candidates: Sequence[Candidate]) -> list[Cluster]:
        """Candidates that share a class, in the order of the spec."""
        order = {candidate.scope.path: at for at, candidate in enumerate(candidates)}
        alike: dict[object, list[Candidate]] = {}
        for candidate in candidates:
            alike.setdefault(_structure(candidate.body), []).append(candidate)
        groups = sorted(alike.values(), key=lambda group: -_size(group[0].body))
        kept: list[Cluster] = []
        for group in groups:
            if not self._joined(group, kept if len(groups) <= MAX_MERGED else [], order):
                kept += self._sharing(group)
        return sorted(kept, key=lambda cluster: order[cluster.candidates[0].scope.path])

    def _joined(
        self, group: Sequence[Candidate], kept: list[Cluster], order: Mapping[str, int]
    ) -> bool:
        """Whether one of the clusters takes in a group; it's then replaced by one with it."""
        for at, cluster in enumerate(kept):
            both = [*cluster.candidates, *group]
            whole = self._cluster(sorted(both, key=lambda each: order[each.scope.path]))
            if whole is not None:
                kept[at] = whole
                return True
        return False

    def _sharing(self, group: Sequence[Candidate]) -> list[Cluster]:
        """Candidates of one structure in one class; each in one of its own if they can't share."""
        whole = self._cluster(group)
        if whole is not None:
            return [whole]
        return [Cluster((each,), settle([each], self._helpers)) for each in group]

    def _cluster(self, candidates: Sequence[Candidate]) -> Cluster | None:
        try:
            return Cluster(tuple(candidates), settle(candidates, self._helpers))
        except (Unlike, NotShared):
            return None

    def _class(self, wish: str, cluster: Sequence[Candidate], settled: Settled) -> None:
        name = self._names.unique(wish)
        for number, candidate in enumerate(cluster):
            planned = Planned(name, settled.parameters, number)
            self._planned[candidate.scope.path] = planned
        docs = {candidate.scope.doc for candidate in cluster}
        doc = class_docstring(docs.pop() if len(docs) == 1 else None)
        forward = None
        if settled.form is Form.CLASS:
            body = cluster[0].body
            forward = forward_plan(body, settled.steps, settled.results, self._helpers)
        plan = class_plan(name, settled, forward, doc)
        self.plans.append(constructing_itself(plan, settled.parameters))


def _candidates(bodies: Bodies, family: Family) -> list[Candidate]:
    return [Candidate(scope, region, bodies.of(scope, region)) for scope, region in family.scopes]


def class_plan(
    name: str, settled: Settled, forward: ForwardPlan | None, doc: tuple[str, ...] = ()
) -> ClassPlan:
    """The class of what has been settled."""
    return ClassPlan(
        name,
        _base(settled),
        tuple(each.plan for each in settled.parameters),
        settled.constructor,
        forward,
        doc=doc,
    )


def _base(settled: Settled) -> str:
    if settled.form is not Form.CLASS:
        return "nn.Sequential"
    return "nn.ModuleDict" if settled.has_items else "nn.Module"


def _structure(body: Body) -> object:
    """The body with holes for its literals."""
    steps = tuple(
        (placed.key, placed.step.name, placed.inputs, placed.outputs, hollow(template(placed)))
        for placed in body.steps
    )
    return (
        body.form,
        body.has_items,
        _held_structure(body.held),
        steps,
        body.inputs,
        body.results,
        body.needs,
    )


def _held_structure(held: Sequence[Held]) -> object:
    return tuple(
        (each.name, each.key, each.value.kind, _held_structure(each.value.held))
        if isinstance(each.value, Holder)
        else (each.name, each.key, hollow(each.value))
        for each in held
    )


def _size(body: Body) -> int:
    return len(body.held) + len(body.steps)


def _class_name(family: Family, cluster: Cluster, first: Cluster) -> str:
    """After the family; one of another structure says what it has more or less than the first."""
    name = camel_case(family.name)
    if cluster is first:
        return name
    names, others = _names(cluster), _names(first)
    more = [each for each in names if each not in others]
    less = [each for each in others if each not in names]
    if more and not more[0].isdecimal():
        return f"{name}With{camel_case(more[0])}"
    if less and not less[0].isdecimal():
        return f"{name}Without{camel_case(less[0])}"
    return name


def _names(cluster: Cluster) -> dict[str, None]:
    """The members that some candidate has."""
    return dict.fromkeys(
        held.name for candidate in cluster.candidates for held in candidate.body.held
    )
