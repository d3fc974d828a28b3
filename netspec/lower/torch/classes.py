"""The classes of a module: one for each block, shared by its instances where they allow it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from netspec.graph import Scope
from netspec.lower.torch.bodies import Bodies, Body, Held
from netspec.lower.torch.code import (
    Argument,
    Assign,
    Call,
    Do,
    Name,
    Statement,
    call,
    literals,
    with_literals,
)
from netspec.lower.torch.derived import Derivation
from netspec.lower.torch.families import Family, families
from netspec.lower.torch.forms import Form, Forms
from netspec.lower.torch.header import class_docstring
from netspec.lower.torch.layout import quoted
from netspec.lower.torch.names import Names, camel_case
from netspec.lower.torch.parameter import TENSOR
from netspec.lower.torch.plan import ClassPlan, ParameterPlan
from netspec.lower.torch.runs import rolled
from netspec.lower.torch.sharing import Leaf, Shared, share
from netspec.lower.torch.wiring import Member, Wiring


@dataclass(slots=True)
class Group:
    """Instances that share a class; some may lack the members whose names are `optional`.

    With each of these goes the blob of the model that then stands for what it gives.
    """

    scopes: list[Scope]
    body: Body
    optional: dict[str, str] = field(default_factory=dict)

    @property
    def model(self) -> Scope:
        """The instance that has all members."""
        return self.scopes[0]


class Classes:
    """Plans the classes of all scopes below the root, inner ones first."""

    def __init__(
        self,
        forms: Forms,
        wiring: Wiring,
        names: Names,
        derivation: Derivation,
        helpers: Collection[str],
    ) -> None:
        self.plans: list[ClassPlan] = []
        self.constructors: dict[str, Call] = {}
        self.class_of: dict[str, str] = {}
        self._forms = forms
        self._wiring = wiring
        self._names = names
        self._derivation = derivation
        self._helpers = helpers

    def plan(self, bodies: Bodies) -> None:
        """Fill `plans` and `constructors`, which `bodies` reads."""
        for family in families(self._forms, self._wiring):
            groups = self._merged(bodies, self._grouped(bodies, family))
            for group in groups:
                self._class(bodies, family, group, groups[0])

    def _grouped(self, bodies: Bodies, family: Family) -> list[Group]:
        groups: dict[object, Group] = {}
        for scope in family.scopes:
            body = bodies.of(scope)
            groups.setdefault(body.structure, Group([], body)).scopes.append(scope)
        return list(groups.values())

    def _merged(self, bodies: Bodies, groups: list[Group]) -> list[Group]:
        """Let a group take in others that lack some of its members: a projection, say."""
        kept: list[Group] = []
        for group in sorted(groups, key=lambda group: -len(group.body.held)):
            for larger in kept:
                missing = self._missing(larger, group)
                omitted = _below(larger.model, missing)
                if missing and bodies.of(larger.model, omitted).structure == group.body.structure:
                    larger.scopes += group.scopes
                    larger.optional |= missing
                    break
            else:
                kept.append(group)
        order = [group.model.path for group in groups]
        return sorted(kept, key=lambda group: order.index(group.model.path))

    def _missing(self, larger: Group, group: Group) -> dict[str, str]:
        """Members that the group's instances don't have, and the blobs that stand for them; empty
        if that can't be all.
        """
        names = {member.name for member in group.model.members}
        absent = {m.name: m for m in larger.model.members if m.name not in names}
        missing = [absent[held.name] for held in larger.body.held if held.name in absent]
        borders = [self._wiring.interface(member) for member in missing]
        # A function can't be None, nor can a number be the name of a parameter.
        if len(missing) < len(absent) or any(member.name.isdecimal() for member in missing):
            return {}
        if self._forms.of(larger.model) is not Form.CLASS:
            return {}
        if any(len(border.inputs) != 1 or len(border.outputs) != 1 for border in borders):
            return {}
        found = {
            member.name: self._instead(member, larger.model, group.model) or border.inputs[0]
            for member, border in zip(missing, borders, strict=True)
        }
        known = larger.optional
        return found if all(known.get(name, blob) == blob for name, blob in found.items()) else {}

    def _instead(self, lacked: Member, scope: Scope, lacking: Scope) -> str | None:
        """The blob of a scope that one without a member reads in place of what that gives."""
        blob = self._wiring.interface(lacked).outputs[0]
        inputs = self._wiring.interface(scope).inputs
        others = {member.name: self._wiring.interface(member) for member in lacking.members}
        same = dict(zip(self._wiring.interface(lacking).inputs, inputs, strict=False))
        for member in scope.members:
            read = self._wiring.interface(member).inputs
            if blob not in read or member.name not in others:
                continue
            counterparts = others[member.name].inputs
            if len(counterparts) == len(read):
                found = counterparts[read.index(blob)]
                below = found.removeprefix(f"{lacking.path}.")
                instead = same.get(found, f"{scope.path}.{below}")
                return instead if instead in self._before(lacked, scope) else None
        return None

    def _before(self, member: Member, scope: Scope) -> set[str]:
        """The blobs that the class of a scope has when it comes to a member."""
        first = self._wiring.first
        done = (each for each in self._forms.called(scope) if first(each) < first(member))
        made = (self._wiring.interface(each).outputs for each in done)
        return {*self._wiring.interface(scope).inputs}.union(*made)

    def _class(self, bodies: Bodies, family: Family, group: Group, first: Group) -> None:
        body = bodies.of(group.model, optional=_below(group.model, group.optional))
        own = [bodies.of(scope) for scope in group.scopes]
        leaves = [list(_leaves(instance, group.optional)) for instance in own]
        args = [scope.args for scope in group.scopes]
        shared = share(leaves, args, [member.name for member in body.held], self._helpers)
        local: tuple[Statement, ...] = ()
        if body.form is Form.CLASS:
            shared, local = self._derivation.of(group.model.block, shared, args)
        name = self._names.unique(_class_name(family, group, first))
        docs = {scope.doc for scope in group.scopes}
        doc = class_docstring(docs.pop() if len(docs) == 1 else None)
        modules = self._module_parameters(shared, local, group.optional)
        self.plans.append(replace(_plan(name, body, shared, local, modules), doc=doc))
        for number, (scope, instance) in enumerate(zip(group.scopes, own, strict=True)):
            self.constructors[scope.path] = _constructor(name, shared, instance, number, modules)
            self.class_of[scope.path] = name

    def _module_parameters(
        self, shared: Shared, local: Sequence[Statement], optional: Iterable[str]
    ) -> dict[str, str]:
        """The parameters that take optional members, by the names of these."""
        taken = [*self._helpers, *(plan.name for plan in self.plans)]
        taken += (parameter.name for parameter in shared.parameters)
        taken += (name for each in local if isinstance(each, Assign) for name in each.targets)
        names = Names(taken)
        return {member: names.unique(member) for member in optional}


def _plan(
    name: str,
    body: Body,
    shared: Shared,
    local: tuple[Statement, ...],
    modules: Mapping[str, str],
) -> ClassPlan:
    replacements = iter(shared.replacements)
    held = []
    for member in body.held:
        if member.optional:
            held.append(replace(member, value=Name(modules[member.name])))
        else:
            held.append(replace(member, value=with_literals(member.value, replacements)))
    constructs, members = init_statements(replace(body, held=tuple(held)))
    parameters = [parameter.plan for parameter in shared.parameters]
    parameters += [
        ParameterPlan(modules[member.name], "nn.Module | None", "None")
        for member in held
        if member.optional
    ]
    members = (*local, *members, *(_attribute(name) for name in shared.attributes))
    base = base_class(body)
    forward = body.forward_with(replacements)
    return ClassPlan(name, base, tuple(parameters), constructs, members, forward)


def _attribute(name: str) -> Assign:
    return Assign((f"self.{name}",), Name(name))


def base_class(body: Body) -> str:
    if body.form is not Form.CLASS:
        return "nn.Sequential"
    return "nn.ModuleDict" if body.has_items else "nn.Module"


def init_statements(body: Body) -> tuple[Statement, tuple[Statement, ...]]:
    """The call of the base's constructor, and the members' assignments."""
    if body.form is Form.CHAIN_CLASS:
        return Do(rolled(call("super().__init__", *(member.value for member in body.held)))), ()
    members = (_member(held, body.has_items) for held in body.held)
    return Do(call("super().__init__")), tuple(members)


def _member(held: Held, as_items: bool) -> Statement:
    value = rolled(held.value)
    if held.name.isdecimal():
        is_tensor = isinstance(value, Call) and value.callee == Name(TENSOR)
        if as_items and not is_tensor:
            return Assign((f"self[{quoted(held.name)}]",), value)
        add = "self.register_parameter" if is_tensor else "self.add_module"
        return Do(call(add, Name(quoted(held.name)), value))
    return Assign((f"self.{held.name}",), value)


def _constructor(
    name: str, shared: Shared, own: Body, number: int, modules: Mapping[str, str]
) -> Call:
    arguments = [parameter.argument(number) for parameter in shared.parameters]
    arguments += [
        Argument(member.value, modules[member.name])
        for member in own.held
        if member.name in modules
    ]
    return Call(Name(name), tuple(arguments))


def _leaves(body: Body, optional: Collection[str]) -> Iterator[Leaf]:
    for member in body.held:
        if member.name not in optional:
            yield from (Leaf(member.name, literal) for literal in literals(member.value))
    yield from (Leaf("", literal) for literal in body.forward_literals)


def _class_name(family: Family, group: Group, first: Group) -> str:
    """After the family; one of another structure says what it has more or less than the first."""
    name = camel_case(family.name)
    if group is first:
        return name
    names = {held.name for held in group.body.held}
    other = {held.name for held in first.body.held}
    more = [held.name for held in group.body.held if held.name not in other]
    less = [held.name for held in first.body.held if held.name not in names]
    if more and not more[0].isdecimal():
        return f"{name}With{camel_case(more[0])}"
    if less and not less[0].isdecimal():
        return f"{name}Without{camel_case(less[0])}"
    return name


def _below(scope: Scope, members: Mapping[str, str]) -> dict[str, str]:
    """Members by their paths instead of their names."""
    return {f"{scope.path}.{name}": value for name, value in members.items()}
