"""A class's constructor as statements: what isn't always there stands under an `if`."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from netspec.expressions.syntax import Comparison, Unary
from netspec.lower.torch.classes.body import LIST, SEQUENTIAL
from netspec.lower.torch.code import (
    Assign,
    Block,
    Brackets,
    Call,
    Do,
    Expr,
    Name,
    Statement,
    call,
)
from netspec.lower.torch.layers.constant import BUFFER
from netspec.lower.torch.layers.parameter import TENSOR
from netspec.lower.torch.python.layout import flat, quoted
from netspec.lower.torch.terms.terms import Term
from netspec.lower.torch.terms.text import OPPOSITE

_REGISTERING = {TENSOR: "self.register_parameter", BUFFER: "self.register_buffer"}
"""How a tensor is held that has but a number."""


@dataclass(frozen=True, slots=True)
class Looping:
    """A loop: its head, and what its turns begin with; what the variable is called for the size
    that's handed on, if it is, its value before, and behind each turn, or behind each for which
    `changing` holds.
    """

    head: str
    first: tuple[Statement, ...] = ()
    changing: Term | None = None
    carried: str = ""
    before: Expr | None = None
    behind: Expr | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A member with all decided: what constructs it, or what a container of this kind holds.

    It's there where the condition holds. `before` are what is assigned to variables before it.
    """

    name: str
    value: Expr | None
    kind: str = ""
    inner: "tuple[Member, ...]" = ()
    condition: Term | None = None
    looping: Looping | None = None
    quoted: str = ""
    before: tuple[Statement, ...] = ()

    @property
    def is_numbered(self) -> bool:
        """Whether its number in a container is all of its name."""
        if self.looping is not None:
            return all(each.is_numbered for each in self.inner)
        return self.name.isdecimal()

    @property
    def whole(self) -> Expr | None:
        """One expression for it; None where something inside depends on a condition."""
        if self.value is not None or self.looping is not None:
            return self.value
        inner = [member.whole for member in self.inner]
        values = tuple(value for value in inner if value is not None)
        if len(values) < len(inner) or any(member.condition for member in self.inner):
            return None
        if self.kind == SEQUENTIAL:
            return call(SEQUENTIAL, *values)
        if self.kind == LIST:
            return call(self.kind, Brackets("[]", values))
        return call(self.kind, Brackets("{}", values, tuple(each.name for each in self.inner)))


class Constructor:
    """Writes the members of a class; `forward` asks of those `tested` whether they are None."""

    def __init__(
        self,
        text: Callable[[Term], str],
        local: Callable[[str], str],
        tested: Collection[str] = (),
        has_items: bool = False,
    ) -> None:
        """`text` gives a condition as code, `local` a name for a variable; with `has_items` numbers
        are keys of the class.
        """
        self._has_items = has_items
        self._text = text
        self._local = local
        self._tested = tested

    def chain(self, members: Sequence[Member]) -> Iterator[Statement]:
        """A class that is an nn.Sequential itself."""
        first = _unconditional(members)
        if not all(member.is_numbered for member in members):
            first = 0
        values = [member.whole for member in members[:first]]
        yield Do(call("super().__init__", *(value for value in values if value is not None)))
        if any(member.looping is None and not member.is_numbered for member in members):
            yield from self.attributes(members)
        else:
            yield from self._appended("self", members[first:])

    def attributes(self, members: Sequence[Member]) -> Iterator[Statement]:
        """A class whose members have names; those that `forward` tests may be None."""
        named = [list(group) for _, group in groupby(members, key=_place)]
        for condition, run in groupby(named, key=_only_condition):
            groups = list(run)
            if condition is None:
                for alternatives in groups:
                    yield from alternatives[0].before
                    yield from self._alternatives(alternatives)
                continue
            together = [alternatives[0] for alternatives in groups]
            yield from (_none(member.name) for member in together if member.name in self._tested)
            body = [line for member in together for line in self._assigned(member.name, member)]
            yield Block("if", Name(self._text(condition)), tuple(body))

    def _alternatives(self, alternatives: Sequence[Member]) -> Iterator[Statement]:
        """A member that is always there, or one that isn't always the same."""
        first = alternatives[0]
        if first.condition is None:
            yield from self._assigned(first.name, first)
            return
        branches: list[Block] = []
        for member in alternatives:
            body = tuple(self._assigned(member.name, member))
            assert member.condition is not None
            if branches and _opposed(first.condition, member.condition):
                branches.append(Block("else", Name(""), body))
            else:
                keyword = "elif" if branches else "if"
                branches.append(Block(keyword, Name(self._text(member.condition)), body))
        if branches[-1].keyword != "else" and first.name in self._tested:
            yield _none(first.name)
        yield from branches

    def _assigned(self, name: str, member: Member) -> Iterator[Statement]:
        if member.looping is not None:
            yield from self._looped("self", member.looping, member.inner)
            return
        value = member.whole
        if value is None and name.isidentifier():
            yield from self._built(f"self.{name}", member)
            return
        if value is None:
            value = Name(self._local("stage"))
            yield from self._built(value.text, member)
        if not name.isidentifier():
            add = _REGISTERING.get(flat(value.callee)) if isinstance(value, Call) else None
            if self._has_items and add is None:
                yield Assign((f"self[{quoted(name)}]",), value)
                return
            yield Do(call(add or "self.add_module", Name(quoted(name)), value))
        else:
            yield Assign((f"self.{name}",), value)

    def _built(self, target: str, member: Member) -> Iterator[Statement]:
        """A container made step by step."""
        if member.kind not in (SEQUENTIAL, LIST):
            yield Assign((target,), call(member.kind))
            for each in member.inner:
                value = each.whole
                if value is None:
                    value = Name(self._local("stage"))
                    yield from self._built(value.text, each)
                yield Assign((f"{target}[{quoted(each.name)}]",), value)
            return
        first = _unconditional(member.inner)
        values = [each.whole for each in member.inner[:first]]
        given = tuple(value for value in values if value is not None)
        if member.kind == LIST and given:
            given = (Brackets("[]", given),)
        yield Assign((target,), call(member.kind, *given))
        yield from self._appended(target, member.inner[first:])

    def _appended(self, target: str, members: Sequence[Member]) -> Iterator[Statement]:
        branches: list[tuple[Term | None, list[Statement]]] = []
        for condition, group in groupby(members, key=lambda member: member.condition):
            branches.append((condition, list(self._extended(target, list(group)))))
        before: Term | None = None
        for condition, body in branches:
            is_else = before is not None and _opposed(before, condition)
            if condition is None:
                yield from body
            elif is_else:
                yield Block("else", Name(""), tuple(body))
            else:
                yield Block("if", Name(self._text(condition)), tuple(body))
            before = None if is_else else condition

    def _extended(self, target: str, members: Sequence[Member]) -> Iterator[Statement]:
        for is_whole, group in groupby(members, key=lambda member: member.whole is not None):
            if is_whole and not all(member.is_numbered for member in members):
                for member in group:
                    assert member.whole is not None
                    yield _added(target, member, member.whole)
            elif is_whole:
                values = [value for each in group if (value := each.whole) is not None]
                if len(values) == 1:
                    yield Do(call(f"{target}.append", values[0]))
                else:
                    yield Do(call(f"{target}.extend", Brackets("[]", tuple(values))))
            for member in () if is_whole else group:
                if member.looping is not None:
                    yield from self._looped(target, member.looping, member.inner)
                    continue
                name = self._local("stage")
                yield from self._built(name, member)
                yield _added(target, member, Name(name))

    def _looped(
        self, target: str, looping: Looping, members: Sequence[Member]
    ) -> Iterator[Statement]:
        """The elements that a loop appends, and the size that one hands on to the next."""
        carried = looping.carried
        if looping.before is not None and flat(looping.before) != carried:
            yield Assign((carried,), looping.before)
        body = list(self._appended(target, members))
        if looping.behind is not None:
            changed = update(carried, flat(looping.behind))
            body = self._with_update(body, changed, looping.changing)
        yield Block("for", Name(looping.head), (*looping.first, *body))

    def _with_update(
        self, body: list[Statement], line: Statement, condition: Term | None
    ) -> list[Statement]:
        """The body with a last line, or one under the condition that it depends on."""
        if condition is None:
            return [*body, line]
        head = Name(self._text(condition))
        for number, each in reversed(list(enumerate(body))):
            if isinstance(each, Block) and each.keyword == "if" and each.head == head:
                changed = replace(each, body=(*each.body, line))
                return [*body[:number], changed, *body[number + 1 :]]
        return [*body, Block("if", head, (line,))]


def _place(member: Member) -> str | int:
    """What alternatives have in common: a name; a loop, which has none, is one by itself."""
    return member.name if member.looping is None else id(member)


def _added(target: str, member: Member, value: Expr) -> Do:
    """An element put behind those of a chain."""
    if member.is_numbered:
        return Do(call(f"{target}.append", value))
    return Do(call(f"{target}.add_module", Name(member.quoted), value))


def update(variable: str, value: str) -> Assign:
    """The assignment of a value to a variable, or the operation that changes it."""
    value = re.sub(rf"^(\w+) \+ {variable}$", rf"{variable} + \1", value)
    found = re.fullmatch(rf"{variable} (\+|//|\*) (.+)", value)
    if found is None or " if " in value or (found[1] != "+" and not found[2].isalnum()):
        return Assign((variable,), Name(value))
    return Assign((variable,), Name(found[2]), found[1])


def _only_condition(alternatives: Sequence[Member]) -> Term | None:
    """The condition of a member that is there or not; None of one that has alternatives."""
    return alternatives[0].condition if len(alternatives) == 1 else None


def _none(name: str) -> Assign:
    return Assign((f"self.{name}",), Name("None"))


def _unconditional(members: Sequence[Member]) -> int:
    """How many members stand before the first that depends on a condition."""
    for number, member in enumerate(members):
        if member.condition is not None or member.whole is None:
            return number
    return len(members)


def _opposed(one: Term | None, other: Term | None) -> bool:
    """Whether exactly one of two conditions holds, plainly so."""
    match one, other:
        case Unary(operator="not", operand=operand), _:
            return operand == other
        case _, Unary(operator="not", operand=operand):
            return operand == one
        case Comparison(operators=(first,)), Comparison(operators=(second,)):
            return OPPOSITE.get(first) == second and one.operands == other.operands
    return False
