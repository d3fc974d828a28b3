"""Equal elements of a sequence, in a row: one comprehension, if they are many or may be."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from netspec.lower.torch.classes.plan import ClassPlan
from netspec.lower.torch.code import (
    Argument,
    Assign,
    Block,
    Brackets,
    Call,
    Comprehension,
    Do,
    Expr,
    Literal,
    Name,
    Repeated,
    Return,
    Statement,
    call,
)
from netspec.lower.torch.python.layout import flat

RUN = 3
"""So many equal elements in a row are written as one in a comprehension."""


def tidied(plan: ClassPlan) -> ClassPlan:
    """The class with runs of equal elements written as one; more than two elements a line each."""
    return replace(plan, body=tuple(_changed(each, tidy) for each in plan.body))


def _changed(statement: Statement, change: Callable[[Expr], Expr]) -> Statement:
    match statement:
        case Assign(_, value) | Do(value):
            return replace(statement, value=change(value))
        case Return(values):
            return replace(statement, values=tuple(map(change, values)))
        case Block(_, head, body):
            inner = tuple(_changed(each, change) for each in body)
            return replace(statement, head=change(head), body=inner)


def tidy(expr: Expr) -> Expr:
    """The elements of an nn.Sequential, those that are equal and in a row as one or one by one."""
    if isinstance(expr, Call) and _is_list(expr):
        return replace(expr, arguments=tuple(map(_tidy_list, expr.arguments)))
    if isinstance(expr, Call) and _is_sequence(expr):
        found = tuple(_rolled([argument.value for argument in expr.arguments]))
        return replace(expr, arguments=found, expand=len(found) > 2)
    match expr:
        case Call(_, arguments):
            values = (replace(each, value=tidy(each.value)) for each in arguments)
            return replace(expr, arguments=tuple(values))
        case Brackets(_, items):
            return replace(expr, items=tuple(map(tidy, items)))
    return expr


def _is_sequence(call: Call) -> bool:
    callee = call.callee
    return isinstance(callee, Name) and callee.text in ("nn.Sequential", "super().__init__")


def _is_list(whole: Call) -> bool:
    callee = flat(whole.callee)
    return callee == "nn.ModuleList" or callee.endswith(".extend")


def _tidy_list(argument: Argument) -> Argument:
    """The list of a container's elements, as a comprehension if it's one run."""
    if not isinstance(argument.value, Brackets):
        return argument
    items = tuple(each.value for each in _rolled(argument.value.items))
    match items:
        case (Repeated(value, count),):
            return Argument(Comprehension(value, "_", call("range", count)))
    return Argument(Brackets("[]", items))


def _rolled(values: Sequence[Expr]) -> Iterator[Argument]:
    for _, group in groupby(_unrolled(values), key=flat):
        run = list(group)
        if len(run) < RUN:
            yield from map(Argument, map(tidy, run))
        else:
            yield Argument(Repeated(tidy(run[0]), Literal(len(run))))


def _unrolled(values: Sequence[Expr]) -> Iterator[Expr]:
    """The elements one by one, as far as it's known how many they are."""
    for value in values:
        match value:
            case Repeated(element, Literal(int() as count)):
                yield from [element] * count
            case _:
                yield value
