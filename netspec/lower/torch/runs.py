"""Equal elements of a sequence, in a row: one comprehension, if they are many or may be."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from netspec.lower.torch.code import Argument, Brackets, Call, Expr, Literal, Name, Repeated
from netspec.lower.torch.layout import flat

RUN = 3
"""So many equal elements in a row are written as one in a comprehension."""

COUNT = "count"
"""The field of the literals that say how many."""


def rolled(expr: Expr) -> Expr:
    """Every run of equal elements of an nn.Sequential as one, even a run of one."""
    if isinstance(expr, Call) and _is_sequence(expr):
        groups = groupby((argument.value for argument in expr.arguments), key=flat)
        runs = [list(group) for _, group in groups]
        found = (Repeated(rolled(run[0]), Literal(len(run), COUNT)) for run in runs)
        return replace(expr, arguments=tuple(map(Argument, found)))
    return _inside(expr, rolled)


def tidy(expr: Expr) -> Expr:
    """Short runs written out, if their length is known; more than two elements a line each."""
    if isinstance(expr, Call) and _is_sequence(expr):
        found = tuple(_unrolled([argument.value for argument in expr.arguments]))
        return replace(expr, arguments=found, expand=len(found) > 2)
    return _inside(expr, tidy)


def _is_sequence(call: Call) -> bool:
    callee = call.callee
    return isinstance(callee, Name) and callee.text in ("nn.Sequential", "super().__init__")


def _inside(expr: Expr, change: Callable[[Expr], Expr]) -> Expr:
    match expr:
        case Call(_, arguments):
            values = (replace(each, value=change(each.value)) for each in arguments)
            return replace(expr, arguments=tuple(values))
        case Brackets(_, items):
            return replace(expr, items=tuple(map(change, items)))
    return expr


def _unrolled(values: Sequence[Expr]) -> Iterator[Argument]:
    for value in values:
        match value:
            case Repeated(element, Literal(int() as count)) if count < RUN:
                yield from [Argument(tidy(element))] * count
            case Repeated(element, count):
                yield Argument(Repeated(tidy(element), count))
            case _:
                yield Argument(tidy(value))
