"""A class with all decided: its parameters, its constructor, what its `forward` does."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby
from typing import Any

from netspec.expressions.syntax import Name as Variable
from netspec.expressions.syntax import children, names
from netspec.language.names import MODULE_NAMES
from netspec.lower.torch.code import (
    MISSING,
    Argument,
    Assign,
    Brackets,
    Do,
    Expr,
    Literal,
    Missing,
    Name,
    Statement,
    Value,
    call,
    literals,
    with_literals,
)
from netspec.lower.torch.columns import Columns, Extra
from netspec.lower.torch.constructor import Constructor, Looping, Member
from netspec.lower.torch.forms import Form
from netspec.lower.torch.layout import flat
from netspec.lower.torch.marks import marked
from netspec.lower.torch.merging import (
    Candidate,
    Column,
    Merged,
    MergedForward,
    Unlike,
    columns,
    held_columns,
    merged_forward,
    merged_held,
)
from netspec.lower.torch.names import Names
from netspec.lower.torch.plan import ParameterPlan
from netspec.lower.torch.steps import Step
from netspec.lower.torch.translation.numbers import whole
from netspec.lower.torch.translation.regions import VAR, Region, Use, turn_symbol
from netspec.lower.torch.translation.terms import (
    Term,
    both,
    is_open,
    substituted,
    value_of,
)
from netspec.lower.torch.translation.text import python

INPUT_SIZES = {1: "channels", 2: "height", 3: "width"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a constructor: what a symbol stands for there, or an extra one."""

    name: str
    kind: str
    default: Value | Missing
    values: tuple[Any, ...]
    symbol: str = ""
    terms: tuple[Term, ...] = ()

    @property
    def is_size(self) -> bool:
        """Whether it's a size of an input."""
        return self.symbol.startswith("@")

    @property
    def plan(self) -> ParameterPlan:
        default = None if self.default is MISSING else flat(Literal(self.default))
        return ParameterPlan(self.name, self.kind, default)

    def argument(self, candidate: int, use: Use | None, region: Region) -> Argument:
        """What a use passes, in the terms of the region in which it stands."""
        term = Variable(0, 0, self.symbol) if self.symbol else self.terms[candidate]
        if use is not None:
            term = substituted(term, use.terms)
        value = whole(self.values[candidate], term, region.log)
        literal = Literal(value, self.name, self.default)
        return Argument(literal, "" if self.default is MISSING else self.name)


@dataclass(frozen=True, slots=True)
class Settled:
    """A class without a name; `steps` are those of its `forward`, which gives `results`; `codes` are
    the names that symbols have in the code."""

    form: Form
    parameters: tuple[Parameter, ...]
    constructor: tuple[Statement, ...]
    steps: tuple[Step, ...] = ()
    results: tuple[str, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict)


def settle(candidates: Sequence[Candidate], helpers: Collection[str]) -> Settled:
    """The class that all candidates share; Unlike or NotShared where there is none."""
    bodies = [candidate.body for candidate in candidates]
    form = bodies[0].form
    if any(body.form is not form for body in bodies):
        raise Unlike
    regions = [candidate.region for candidate in candidates]
    held = merged_held([body.held for body in bodies], regions, form is not Form.CLASS)
    steps = merged_forward(bodies)
    found_columns = [*held_columns(held, ""), *_step_columns(steps)]
    found = Columns(regions)
    given = found.settle(found_columns)
    settling = _Settling(candidates, held, steps, helpers)
    return settling.settled(found_columns, given, found.extras)


def _step_columns(steps: MergedForward) -> Iterator[Column]:
    for step in steps.steps:
        yield from columns("", step.values)


class _Settling:
    """Finds names for what the terms of a class read, and writes it."""

    def __init__(
        self,
        candidates: Sequence[Candidate],
        held: tuple[Merged, ...],
        steps: MergedForward,
        helpers: Collection[str],
    ) -> None:
        self.body = candidates[0].body
        self.regions = [candidate.region for candidate in candidates]
        self.whole = candidates[0].scope is candidates[0].region.scope
        self.held = held
        self.steps = steps
        self.names = Names(helpers)
        members = (member.name for member in held)
        self.attributes = Names([*members, *MODULE_NAMES])
        self.codes: dict[str, str] = {
            symbol: table_name(symbol.removeprefix(VAR)) for symbol in self.regions[0].log.named
        }
        self.definitions: dict[str, Term] = {}

    def settled(
        self,
        columns: Sequence[Column],
        given: Sequence[Term | Extra | Literal],
        extras: Sequence[Extra],
    ) -> Settled:
        tests = self._tests()
        terms = [each for each in given if not isinstance(each, Literal | Extra)]
        terms += [*_conditions(self.held), *(term for _, term in tests.values() if term)]
        self._define(terms)
        parameters = tuple(self._parameters(terms, extras))
        self._inline(terms)
        self._name_loops(self.held)
        kept: list[Statement] = []
        replaced = iter(
            [
                self._replacement(column, each, kept)
                for column, each in zip(columns, given, strict=True)
            ]
        )
        members = [self._member(each, replaced) for each in self.held]
        values = [with_literals(_model(step.values), replaced) for step in self.steps.steps]
        steps = tuple(self._final_steps(values, tests))
        flags = [
            Assign((name,), Name(self._text(term))) for name, term in tests.values() if term
        ]
        constructor = (*self._constructor(members), *flags, *kept)
        results = self.steps.results
        return Settled(self.body.form, parameters, constructor, steps, results, self.codes)

    # What terms read.

    def _define(self, terms: Sequence[Term]) -> None:
        """Find args that the block computes of others, and all that's then read."""
        read = set().union(*map(names, terms)) if terms else set()
        while read:
            found = {name: self._definition(name) for name in read - self.definitions.keys()}
            self.definitions |= {name: term for name, term in found.items() if term is not None}
            read = set().union(*(names(term) for term in found.values() if term is not None))
        order = list(self.regions[0].values)
        ordered = sorted(self.definitions.items(), key=lambda each: order.index(each[0]))
        self.definitions = dict(ordered)

    def _definition(self, symbol: str) -> Term | None:
        """The term of an arg that every instance leaves to the block."""
        found = [region.defaults.get(symbol) for region in self.regions]
        first = found[0]
        if not self.whole or first is None or not is_open(first):
            return None
        return first if all(term == first for term in found) else None

    def _read(self, terms: Sequence[Term]) -> set[str]:
        """The symbols that aren't computed, but given."""
        whole = [*terms, *self.definitions.values()]
        read = set().union(*map(names, whole)) if whole else set()
        bound = {name for name in read if name[0] in "#~"}
        return read - bound - self.definitions.keys() - self.codes.keys()

    def _inline(self, terms: Sequence[Term]) -> None:
        """Write a definition in the place of its only use."""
        uses = Counter(
            name for term in [*terms, *self.definitions.values()] for name in _occurrences(term)
        )
        for name in [name for name in self.definitions if uses[name] == 1]:
            term = self.definitions.pop(name)
            self.definitions = {
                other: substituted(each, {name: term}) for other, each in self.definitions.items()
            }
            self.inlined = {
                other: substituted(each, {name: term}) for other, each in self.inlined.items()
            }
            self.inlined[name] = term
        for name in self.definitions:
            self.codes[name] = self.names.unique(name.removeprefix(VAR))

    # Parameters.

    def _parameters(
        self, terms: Sequence[Term], extras: Sequence[Extra]
    ) -> Iterator[Parameter]:
        self.inlined: dict[str, Term] = {}
        read = self._read(terms)
        order = [symbol for symbol in self.regions[0].values if symbol in read]
        order.sort(key=lambda symbol: (not symbol.startswith("@"), symbol.startswith(VAR)))
        for symbol in order:
            self.codes[symbol] = self.names.unique(self._wish(symbol))
        for extra in extras:
            extra.name = self.names.unique(extra.wish)
        found = [self._symbolic(symbol) for symbol in order]
        found += [
            Parameter(e.name, _kind(e.values), e.default, e.values, terms=e.terms) for e in extras
        ]
        yield from sorted(found, key=lambda each: each.default is not MISSING)

    def _wish(self, symbol: str) -> str:
        """What a symbol is called in the code, if nothing else has that name."""
        if not symbol.startswith("@"):
            return symbol.removeprefix(VAR)
        number, _, axis = symbol[1:].partition(".")
        scope = self.regions[0].scope
        rank = scope.inputs[int(number)].shape.rank
        size = INPUT_SIZES[int(axis)] if rank == 4 else "features" if int(axis) == rank - 1 else "length"
        called = scope.input_names[int(number)] if scope.input_names else "in"
        return f"{called}_{size}"

    def _symbolic(self, symbol: str) -> Parameter:
        values = tuple(_given(region.values[symbol]) for region in self.regions)
        default: Value | Missing = MISSING
        if symbol.startswith(VAR):
            default = values[0]
        elif self.whole and not symbol.startswith("@"):
            said = self.regions[0].scope.defaults.get(symbol)
            if said is not None and not names(said):
                default = _given(value_of(said, {}))
        return Parameter(self.codes[symbol], _kind(values), default, values, symbol)

    # Code.

    def _text(self, term: Term) -> str:
        return python(substituted(term, self.inlined), self.codes)

    def _replacement(
        self, column: Column, given: Term | Extra | Literal, kept: list[Statement]
    ) -> Expr:
        """What stands in a literal's place; what `forward` needs of it is kept as an attribute."""
        if isinstance(given, Literal):
            return given
        text = given.name if isinstance(given, Extra) else self._text(given)
        if column.member:
            return Name(text)
        assigned = {flat(each.value): each for each in kept if isinstance(each, Assign)}
        if text not in assigned:
            wish = text if text.isidentifier() else column.there[0].field or "value"
            assigned[text] = Assign((f"self.{self.attributes.unique(wish)}",), Name(text))
            kept.append(assigned[text])
        return Name(assigned[text].targets[0])

    def _name_loops(self, members: Sequence[Merged]) -> None:
        """Find names for the numbers of turns, and for the sizes that these hand on."""
        for member in members:
            if member.loop is not None:
                loop = member.loop
                self.codes[turn_symbol(loop.place)] = self.names.unique(loop.index)
                if len(loop.numbers.items) > 1 and loop.carried not in self.codes:
                    self.codes[loop.carried] = self.names.unique("width")
            self._name_loops(member.inner)

    def _looped(self, merged: Merged, replaced: Iterator[Expr]) -> Member:
        assert merged.loop is not None
        numbers = with_literals(_model(merged.values), replaced)
        assert isinstance(numbers, Brackets)
        inner = tuple([self._member(each, replaced) for each in merged.inner])
        loop = merged.loop
        count, *sizes = numbers.items
        index, carried = self.codes[turn_symbol(loop.place)], self.codes.get(loop.carried, "")
        looping = Looping(index, count, carried, *sizes)
        return Member("", None, merged.kind, inner, merged.condition, looping)

    def _member(self, merged: Merged, replaced: Iterator[Expr]) -> Member:
        if merged.loop is not None:
            return self._looped(merged, replaced)
        if merged.kind:
            inner = tuple([self._member(each, replaced) for each in merged.inner])
            return Member(merged.name, None, merged.kind, inner, merged.condition)
        value = with_literals(_model(merged.values), replaced)
        return Member(merged.name, value, condition=merged.condition)

    def _constructor(self, members: Sequence[Member]) -> Iterator[Statement]:
        local = [
            Assign((self.codes[name],), Name(self._text(term)))
            for name, term in self.definitions.items()
        ]
        writer = Constructor(self._text, self.names.unique)
        if self.body.form is Form.CLASS:
            yield Do(call("super().__init__"))
            yield from local
            yield from writer.attributes(members)
        else:
            yield from local
            yield from writer.chain(members)

    # `forward`.

    def _tests(self) -> dict[tuple[bool, ...], tuple[str, Term | None]]:
        """How `forward` tells which steps are there, by who has them: the attribute that tells, and
        the term that it keeps if it isn't a member.
        """
        found: dict[tuple[bool, ...], tuple[str, Term | None]] = {}
        for step in self.steps.steps:
            present = step.present
            if all(present) or present in found:
                continue
            member = next(
                (m for m in self.held if m.present == present and not m.name.isdecimal()), None
            )
            if member is not None:
                found[present] = (f"self.{member.name}", None)
                continue
            term = both(step.conditions) if step.conditions is not None else None
            if term is None:
                raise Unlike
            wish = term.name if isinstance(term, Variable) else f"has_{step.step.name}"
            wish = wish.removeprefix(VAR).replace(".", "_")
            found[present] = (f"self.{self.attributes.unique(wish)}", term)
        return found

    def _final_steps(
        self, values: Sequence[Expr], tests: Mapping[tuple[bool, ...], tuple[str, Term | None]]
    ) -> Iterator[Step]:
        pairs = zip(self.steps.steps, values, strict=True)
        for present, group in groupby(pairs, key=lambda pair: pair[0].present):
            run = list(group)
            for merged, value in run:
                step = replace(
                    merged.step,
                    inputs=merged.inputs,
                    outputs=merged.outputs,
                    apply=partial(marked, value),
                )
                # What changes a variable in place has the numbers of one candidate.
                numbers = sum(1 for _ in literals(_model(merged.values)))
                if sum(1 for _ in literals(value)) < numbers:
                    step = replace(step, augments=None)
                yield step if all(present) else self._optional(step, tests[present], len(run))

    def _optional(self, step: Step, test: tuple[str, Term | None], count: int) -> Step:
        """A step that some candidates lack."""
        attribute, term = test
        instead = [self.steps.instead.get(blob) for blob in step.outputs]
        step = replace(step, augments=None)
        alone = count == 1 and len(step.inputs) == 1 and len(step.outputs) == 1
        if alone and term is None and instead[0] is not None:
            inputs = tuple(dict.fromkeys([*step.inputs, instead[0]]))
            return replace(step, inputs=inputs, optional=attribute)
        told = f"{attribute} is not None" if term is None else attribute
        if len(instead) > 1 and any(instead):
            raise Unlike
        return replace(step, condition=(told,), instead=instead[0])


def table_name(name: str) -> str:
    """What a table is called that the module holds as a constant."""
    return name.upper()


def _model(values: Sequence[Expr | None]) -> Expr:
    return next(value for value in values if value is not None)


def _conditions(members: Sequence[Merged]) -> Iterator[Term]:
    for member in members:
        if member.condition is not None:
            yield member.condition
        yield from _conditions(member.inner)


def _occurrences(term: Term) -> Iterator[str]:
    if isinstance(term, Variable):
        yield term.name
    for part in children(term):
        yield from _occurrences(part)


def _given(value: Any) -> Any:
    """A value as Python's code has it: lists as tuples."""
    return tuple(map(_given, value)) if isinstance(value, list | tuple) else value


def _kind(values: Sequence[Any]) -> str:
    """The type of a parameter with these values."""
    kinds = {_type(value) for value in values}
    if kinds == {"int", "float"}:
        return "float"
    sequences = {f"Sequence[{_type(value[0])}]" for value in values if isinstance(value, tuple) and value}
    if len(kinds) > 1 and len(sequences) == 1:
        return sequences.pop()
    return " | ".join(sorted(kinds))


def _type(value: Any) -> str:
    if isinstance(value, tuple):
        return f"tuple[{', '.join(map(_type, value)) or '()'}]"
    return type(value).__name__
