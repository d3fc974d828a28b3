"""A class with all decided: its parameters, its constructor, what its `forward` does."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby

from netspec.expressions.syntax import Literal as Constant
from netspec.expressions.syntax import Name as Variable
from netspec.expressions.syntax import names
from netspec.language.names import MODULE_NAMES
from netspec.lower.torch.classes.body import Body
from netspec.lower.torch.classes.columns import Columns, Extra
from netspec.lower.torch.classes.constructor import Constructor, Looping, Member, update
from netspec.lower.torch.classes.headings import Heading, Headings
from netspec.lower.torch.classes.merging import (
    Candidate,
    Column,
    Merged,
    MergedForward,
    Unlike,
    columns,
    held_columns,
    merged_forward,
    merged_held,
    told,
)
from netspec.lower.torch.classes.parameters import Naming, Parameter
from netspec.lower.torch.classes.running import RUNNING, Running, running
from netspec.lower.torch.code import (
    Assign,
    Brackets,
    Do,
    Expr,
    Literal,
    Name,
    Statement,
    call,
    literals,
    with_literals,
)
from netspec.lower.torch.python.layout import flat, quoted
from netspec.lower.torch.python.marks import marked
from netspec.lower.torch.python.names import Names
from netspec.lower.torch.structure.forms import Form
from netspec.lower.torch.structure.steps import Step
from netspec.lower.torch.terms.symbols import SIZE, VAR, is_bound
from netspec.lower.torch.terms.terms import Term
from netspec.lower.torch.terms.text import python


@dataclass(frozen=True, slots=True)
class Settled:
    """A class without a name; `steps` are those of its `forward`, which gives `results`. `codes`
    are the names that symbols have in the code."""

    form: Form
    has_items: bool
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
    numbered = form.chained and all(_is_numbered(body) for body in bodies)
    held = merged_held([body.held for body in bodies], regions, numbered)
    steps = merged_forward(bodies)
    found_columns = [*held_columns(held, ""), *_step_columns(steps)]
    found = Columns(regions)
    given = found.settle(found_columns)
    settling = _Settling(candidates, held, steps, helpers)
    return settling.settled(found_columns, given, found.extras)


def _step_columns(steps: MergedForward) -> Iterator[Column]:
    for step in steps.steps:
        yield from columns("", step.values)


@dataclass(frozen=True, slots=True)
class Test:
    """How `forward` asks whether steps are there: of a member that is None if not, or of an
    attribute that keeps the value of a term.
    """

    text: str
    member: str = ""
    attribute: str = ""
    kept: Term | None = None


def _is_numbered(body: Body) -> bool:
    """Whether the elements of a chain have numbers for names, or those that a loop gives."""
    return all(held.name.isdecimal() or not held.name for held in body.held)


class _Settling:
    """Writes what has been found to stand in the places of a class's numbers."""

    def __init__(
        self,
        candidates: Sequence[Candidate],
        held: tuple[Merged, ...],
        steps: MergedForward,
        helpers: Collection[str],
    ) -> None:
        first = candidates[0]
        self.regions = [candidate.region for candidate in candidates]
        self.body = first.body
        self.has_items = any(candidate.body.has_items for candidate in candidates)
        self.held = held
        self.steps = steps
        self.names = Names(helpers)
        self.naming = Naming(self.regions, self.names, first.scope is first.region.scope)
        members = (member.name for member in held)
        self.headings: Mapping[int, Heading] = {}
        self.attributes = Names([*members, *MODULE_NAMES])

    def settled(
        self,
        columns: Sequence[Column],
        given: Sequence[Term | Extra | Literal],
        extras: Sequence[Extra],
    ) -> Settled:
        tests = self._tests()
        found = Running(list(given))
        if self.body.form is Form.CLASS:
            found = running(self.held, columns, given)
        terms = [each for each in found.given if not isinstance(each, Literal | Extra)]
        terms += [each for values in found.before.values() for each in values]
        terms += [*_conditions(self.held), *(test.kept for test in tests.values() if test.kept)]
        terms += [part for part in _label_parts(self.held) if not isinstance(part, str)]
        parameters = tuple(self.naming.parameters(terms, extras))
        fields = [
            (each, column.there[0].field)
            for column, each in zip(columns, found.given, strict=True)
            if not isinstance(each, Literal | Extra)
        ]
        self.headings = dict(Headings(terms, fields, self.naming).of(self.held))
        if found.before:
            self.naming.codes[RUNNING] = self.names.unique("width")
        kept: list[Statement] = []
        replaced = iter(
            [
                self._replacement(column, each, kept)
                for column, each in zip(columns, found.given, strict=True)
            ]
        )
        members = [
            replace(self._member(each, replaced), before=self._set(found.before.get(each.name, ())))
            for each in self.held
        ]
        values = [with_literals(_model(step.values), replaced) for step in self.steps.steps]
        steps = tuple(self._final_steps(values, tests))
        flags = {
            test.attribute: Assign((test.attribute,), Name(self.naming.text(test.kept)))
            for test in tests.values()
            if test.kept is not None
        }
        tested = {test.member for test in tests.values()}
        constructor = (*self._constructor(members, tested), *flags.values(), *kept)
        codes, results = self.naming.codes, self.steps.results
        form, has_items = self.body.form, self.has_items
        return Settled(form, has_items, parameters, constructor, steps, results, codes)

    def _set(self, values: Sequence[Term]) -> tuple[Statement, ...]:
        """What sets the variable for a size that grows."""
        return tuple(
            update(self.naming.codes[RUNNING], self.naming.text(value)) for value in values
        )

    def _replacement(
        self, column: Column, given: Term | Extra | Literal, kept: list[Statement]
    ) -> Expr:
        """What stands in a literal's place; what `forward` needs of it is kept as an attribute."""
        if isinstance(given, Literal):
            return given
        text = given.name if isinstance(given, Extra) else self.naming.text(given)
        if column.member:
            return Name(text)
        field = column.there[0].field
        if not field and not isinstance(given, Extra) and self.naming.is_of_parameters(given):
            return Name(self.naming.text(given, lambda code: self._attribute(code, code, kept)))
        return Name(self._attribute(text, field, kept))

    def _attribute(self, text: str, field: str, kept: list[Statement]) -> str:
        """The attribute that keeps what the constructor knows under this text."""
        assigned = {flat(each.value): each for each in kept if isinstance(each, Assign)}
        if text not in assigned:
            wish = text if text.isidentifier() else field or "value"
            assigned[text] = Assign((f"self.{self.attributes.unique(wish)}",), Name(text))
            kept.append(assigned[text])
        return assigned[text].targets[0]

    def _looped(self, merged: Merged, replaced: Iterator[Expr]) -> Member:
        assert merged.loop is not None
        numbers = with_literals(_model(merged.values), replaced)
        assert isinstance(numbers, Brackets)
        inner = tuple([self._member(each, replaced) for each in merged.inner])
        loop = merged.loop
        count, *sizes = numbers.items
        heading = self.headings[loop.place]
        through = heading.table or f"range({flat(count)})"
        carried = self.naming.codes.get(loop.carried, "")
        head = f"{heading.variables} in {through}"
        first = (Assign(heading.items, Name(heading.row)),) if heading.items else ()
        looping = Looping(head, first, loop.changing, carried, *sizes)
        return Member("", None, merged.kind, inner, merged.condition, looping)

    def _member(self, merged: Merged, replaced: Iterator[Expr]) -> Member:
        if merged.loop is not None:
            return self._looped(merged, replaced)
        name = quoted(merged.name)
        if _has_turns(merged.label):
            name = self._f_string(merged.label)
        if merged.kind:
            inner = tuple([self._member(each, replaced) for each in merged.inner])
            return Member(merged.name, None, merged.kind, inner, merged.condition, quoted=name)
        value = with_literals(_model(merged.values), replaced)
        return Member(merged.name, value, condition=merged.condition, quoted=name)

    def _f_string(self, parts: Sequence[str | Term]) -> str:
        """A name with the numbers of turns in it."""
        texts = (
            str(part.value if isinstance(part, Constant) else part)
            if isinstance(part, str | Constant)
            else f"{{{self.naming.text(part)}}}"
            for part in parts
        )
        return f'f"{"".join(texts)}"'

    def _constructor(
        self, members: Sequence[Member], tested: Collection[str]
    ) -> Iterator[Statement]:
        local = [
            Assign((self.naming.codes[name],), Name(self.naming.text(term)))
            for name, term in self.naming.definitions.items()
        ]
        writer = Constructor(self.naming.text, self.names.unique, tested, self.has_items)
        if self.body.form is Form.CLASS:
            yield Do(call("super().__init__"))
            yield from local
            yield from writer.attributes(members)
        else:
            yield from local
            yield from writer.chain(members)

    # `forward`.

    def _tests(self) -> dict[tuple[bool, ...], Test]:
        """How `forward` tells which steps are there, by who has them."""
        found: dict[tuple[bool, ...], Test] = {}
        # Of a name that several bear, it's not told which of them is there.
        borne = Counter(member.name for member in self.held)
        alone = [member for member in self.held if borne[member.name] == 1]
        for step in self.steps.steps:
            present = step.present
            if all(present) or present in found:
                continue
            # TorchScript follows these tests, and leaves out what else isn't there then.
            members = [m.name for m in alone if m.present == present]
            member = next(filter(str.isidentifier, members), None)
            if member is not None:
                found[present] = Test(f"self.{member} is not None", member=member)
                continue
            if members and self.has_items:
                found[present] = Test(f"hasattr(self, {quoted(members[0])})")
                continue
            term = told(step.conditions, present, self.regions)
            found[present] = self._kept(term, step.step.name, found.values())
        return found

    def _kept(self, term: Term, member: str, others: Iterable[Test]) -> Test:
        """A test of a condition that the class keeps, or of the only arg that this reads, which
        others may keep already.
        """
        symbols = names(term)
        kept: Term = term
        wish = f"has_{member}".replace(".", "_")
        if len(symbols) == 1:
            (symbol,) = symbols
            if not symbol.startswith((VAR, SIZE)):
                kept, wish = Variable(0, 0, symbol), symbol
        known = (each.attribute for each in others if each.kept == kept)
        attribute = next(known, "") or f"self.{self.attributes.unique(wish)}"
        text = attribute
        if kept is not term:
            text = python(term, {wish: attribute})
        return Test(text, attribute=attribute, kept=kept)

    def _final_steps(
        self, values: Sequence[Expr], tests: Mapping[tuple[bool, ...], Test]
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

    def _optional(self, step: Step, test: Test, count: int) -> Step:
        """A step that some candidates lack."""
        instead = [self.steps.instead.get(blob) for blob in step.outputs]
        step = replace(step, augments=None)
        if step.loop is not None and any(instead):
            raise Unlike
        alone = count == 1 and len(step.inputs) == 1 and len(step.outputs) == 1
        if alone and test.member and instead[0] is not None:
            inputs = tuple(dict.fromkeys([*step.inputs, instead[0]]))
            return replace(step, inputs=inputs, optional=f"self.{test.member}")
        if len(instead) > 1 and any(instead):
            raise Unlike
        return replace(step, condition=(test.text,), instead=instead[0])


def _read(part: str | Term) -> set[str]:
    return set() if isinstance(part, str) else names(part)


def _model(values: Sequence[Expr | None]) -> Expr:
    return next(value for value in values if value is not None)


def _has_turns(label: Sequence[str | Term]) -> bool:
    """Whether the number of a turn has a part in a name, which then is put together."""
    return any(is_bound(symbol) for part in label for symbol in _read(part))


def _label_parts(members: Sequence[Merged]) -> Iterator[str | Term]:
    for member in members:
        if _has_turns(member.label):
            yield from member.label
        yield from _label_parts(member.inner)


def _conditions(members: Sequence[Merged]) -> Iterator[Term]:
    for member in members:
        if member.condition is not None:
            yield member.condition
        if member.loop is not None and member.loop.changing is not None:
            yield member.loop.changing
        yield from _conditions(member.inner)
