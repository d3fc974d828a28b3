"""Elements of a chain, as those see them who make loops of them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from netspec.expressions.syntax import names
from netspec.graph.written import Control, Turn
from netspec.lower.torch.classes.body import Held, Holder
from netspec.lower.torch.classes.closing import closed_held
from netspec.lower.torch.classes.merging import Merged
from netspec.lower.torch.code import Brackets, Expr, Literal, literals, with_literals
from netspec.lower.torch.python.layout import flat
from netspec.lower.torch.terms.numbers import Log, is_plain, plain, term_of, whole
from netspec.lower.torch.terms.terms import Term, replaced


def repeat_of(held: Held) -> int | None:
    """The place of the outermost repeat in whose turn a member stands."""
    return held.key[0] if len(held.key) > 1 else None


def text(held: Held) -> str:
    """The code of an element, outside of any loop."""
    value = closed_held(held).value
    if not isinstance(value, Holder):
        return flat(value)
    loop = "" if value.loop is None else flat(value.loop.numbers)
    return f"{value.kind}{loop}({', '.join(map(text, value.held))})"


def names_in(held: Held) -> set[str]:
    """All that the numbers of an element read."""
    if isinstance(held.value, Holder):
        return set().union(*map(names_in, held.value.held))
    return set().union(*(names(term_of(literal.value)) for literal in literals(held.value)))


def counting(held: Held) -> Held:
    """A loop whose elements ask for no size that is handed on."""
    assert isinstance(held.value, Holder)
    loop = held.value.loop
    if loop is not None:
        loop = replace(loop, numbers=Brackets("()", loop.numbers.items[:1]), changing=None)
    inner = tuple(
        counting(each) if isinstance(each.value, Holder) else each for each in held.value.held
    )
    return replace(held, value=replace(held.value, held=inner, loop=loop))


def lines(held: Held) -> int:
    """About how many lines an element takes."""
    if not isinstance(held.value, Holder):
        return 1
    loop = held.value.loop
    return (1 if loop is None else len(loop.numbers.items)) + sum(map(lines, held.value.held))


def has_turns(held: Held) -> bool:
    """Whether a container holds turns of a repeat."""
    if not isinstance(held.value, Holder):
        return False
    return any(len(each.key) > 1 or has_turns(each) for each in held.value.held)


def looped(merged: Merged, settled: Iterator[Expr]) -> Held:
    """The element that a loop gives."""
    conditions = () if merged.condition is None else (merged.condition,)
    if merged.kind:
        loop = merged.loop
        if loop is not None:
            numbers = with_literals(loop.numbers, settled)
            assert isinstance(numbers, Brackets)
            loop = replace(loop, numbers=numbers)
        inner = tuple([looped(each, settled) for each in merged.inner])
        value: Expr | Holder = Holder(merged.kind, inner, loop)
    else:
        model = next(each for each in merged.values if each is not None)
        value = with_literals(model, settled)
    return Held(merged.name, value, merged.key, conditions, label=merged.label)


def controls_around(controls: tuple[Control, ...], place: int) -> tuple[Control, ...]:
    """The controls around a repeat, of those within it."""
    at = next(
        n for n, each in enumerate(controls) if isinstance(each, Turn) and each.place == place
    )
    return controls[:at]


def renamed_element(held: Held, handed: Mapping[Term, Term], log: Log) -> Held:
    """A member behind loops, in which what these hand on has its name."""
    if not handed:
        return held
    if isinstance(held.value, Holder):
        loop = held.value.loop
        if loop is not None:
            loop = replace(loop, numbers=_with_names(loop.numbers, handed, log))
        inner = tuple(renamed_element(each, handed, log) for each in held.value.held)
        return replace(held, value=replace(held.value, held=inner, loop=loop))
    return replace(held, value=_with_names(held.value, handed, log))


def _with_names(expr: Any, handed: Mapping[Term, Term], log: Log) -> Any:
    def renamed(literal: Literal) -> Literal:
        value = literal.value
        if is_plain(value):
            return literal
        term = term_of(value)
        for size, name in handed.items():
            term = replaced(term, size, name)
        return replace(literal, value=whole(plain(value), term, log))

    return with_literals(expr, map(renamed, literals(expr)))
