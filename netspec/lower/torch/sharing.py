"""One class for instances that differ only in numbers: anti-unification over their literals.

The literals of all instances are laid side by side, a column each. Where all agree the literal
stays; columns that differ become constructor parameters, equal columns the same one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from netspec.language.names import MODULE_NAMES
from netspec.lower.torch.code import MISSING, Argument, Expr, Literal, Name, Value, scalar
from netspec.lower.torch.layout import flat
from netspec.lower.torch.names import Names
from netspec.lower.torch.plan import ParameterPlan

VAGUE = "num_features"
"""What BatchNorm calls its channels; another layer's word for the same number says more."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A literal of an instance, and the member in whose constructor it stands.

    Without a member it stands in `forward`.
    """

    member: str
    literal: Literal


@dataclass(frozen=True, slots=True)
class Parameter:
    """A constructor parameter and its value in each instance."""

    name: str
    values: tuple[Value, ...]
    default: Value | None = None

    @property
    def plan(self) -> ParameterPlan:
        kinds = {_kind(value) for value in self.values}
        if kinds == {"int", "float"}:
            kinds = {"float"}
        default = None if self.default is None else flat(Literal(self.default))
        return ParameterPlan(self.name, " | ".join(sorted(kinds)), default)

    def argument(self, instance: int) -> Argument:
        """What this instance passes."""
        default = MISSING if self.default is None else self.default
        literal = Literal(self.values[instance], self.name, default)
        return Argument(literal, "" if self.default is None else self.name)


@dataclass(frozen=True, slots=True)
class Shared:
    """What instances have in common: parameters, and what stands in a literal's place.

    `attributes` are the parameters that `forward` needs.
    """

    parameters: tuple[Parameter, ...]
    replacements: tuple[Expr, ...]
    attributes: tuple[str, ...] = ()


def share(
    instances: Sequence[Sequence[Leaf]],
    args: Sequence[Mapping[str, Any]],
    members: Iterable[str] = (),
    taken: Iterable[str] = (),
) -> Shared:
    """Unify the leaves of instances, which stand in the same order in each.

    `members` are the attributes that the class has already, `taken` what no parameter may hide.
    """
    columns = list(zip(*instances, strict=True))
    groups: dict[object, list[int]] = {}
    for number, column in enumerate(columns):
        if not _agree(column):
            groups.setdefault(_key(leaf.literal.value for leaf in column), []).append(number)
    names = Names(taken)
    attributes = Names([*members, *MODULE_NAMES])
    used_in_forward: list[str] = []
    found: dict[int, Parameter] = {}
    for numbers in groups.values():
        group = [columns[number] for number in numbers]
        values = tuple(leaf.literal.value for leaf in group[0])
        naming = min(group, key=lambda column: column[0].literal.field == VAGUE)
        name = _name(naming[0], values, args, [p.name for p in found.values()])
        in_forward = any(not column[0].member for column in group)
        name = names.unique(attributes.unique(name) if in_forward else name)
        used_in_forward += [name] * in_forward
        parameter = Parameter(name, values, _default(group))
        found |= dict.fromkeys(numbers, parameter)
    replacements = tuple(
        _reference(column[0], found[number].name) if number in found else _constant(column)
        for number, column in enumerate(columns)
    )
    distinct = tuple(dict.fromkeys(found.values()))
    # Python wants those with defaults last.
    parameters = tuple(sorted(distinct, key=lambda p: p.default is not None))
    return Shared(parameters, replacements, tuple(used_in_forward))


def _reference(leaf: Leaf, name: str) -> Name:
    return Name(name if leaf.member else f"self.{name}")


def _agree(column: Sequence[Leaf]) -> bool:
    return len({_key([leaf.literal.value]) for leaf in column}) == 1


def _key(values: Iterable[object]) -> object:
    """Values with their types: True is not 1 here."""
    return tuple((type(value), value) for value in values)


def _constant(column: Sequence[Leaf]) -> Literal:
    """The literal that all instances have; left out only if that's right in all of them."""
    first = column[0].literal
    if all(leaf.literal.omitted for leaf in column):
        return Literal(first.value, first.field, first.value)
    return Literal(first.value, first.field)


def _default(group: Sequence[Sequence[Leaf]]) -> Value | None:
    """The default that PyTorch gives the argument, if it's one and some instance keeps it."""
    defaults = {leaf.literal.default for column in group for leaf in column}
    values = {leaf.literal.value for leaf in group[0]}
    if len(defaults) == 1:
        (default,) = defaults
        if default is not MISSING and default in values:
            return default
    return None


def _name(
    leaf: Leaf, values: Sequence[Value], args: Sequence[Mapping[str, Any]], taken: Sequence[str]
) -> str:
    """The block's argument with these values, else the field's name, else the member's too."""
    field = leaf.literal.field
    same = [name for name in args[0] if _column(args, name) == _key(values)]
    for name in (field, *same):
        if name in same and name not in taken:
            return name
    if field not in taken or leaf.member.isdecimal() or not leaf.member:
        return field or "value"
    return f"{leaf.member}_{field}"


def is_argument(parameter: Parameter, args: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a parameter has the name and the values of a block's arg."""
    return parameter.name in args[0] and _column(args, parameter.name) == _key(parameter.values)


def _column(args: Sequence[Mapping[str, Any]], name: str) -> object:
    values = []
    for arg in args:
        value = arg.get(name)
        values.append(scalar(tuple(value)) if isinstance(value, list) else value)
    return _key(values)


def _kind(value: Value) -> str:
    if isinstance(value, tuple):
        return f"tuple[{', '.join(['int'] * len(value)) or '()'}]"
    return type(value).__name__
