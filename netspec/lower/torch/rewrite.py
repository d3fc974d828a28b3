"""Changing the constructors of planned classes: their literals, their calls, their layout."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from netspec.lower.torch.code import (
    Assign,
    Block,
    Brackets,
    Call,
    Do,
    Expr,
    Literal,
    Name,
    Operation,
    Repeated,
    Return,
    Statement,
    literals,
    with_literals,
)
from netspec.lower.torch.plan import ClassPlan

HOLE = Name("_")


def class_literals(plan: ClassPlan) -> list[Literal]:
    """The literals of a class's constructor, in order."""
    return [each for statement in _statements(plan) for each in statement_literals(statement)]


def class_with_literals(plan: ClassPlan, values: Sequence[Expr]) -> ClassPlan:
    """The class with its constructor's literals replaced, in the order of `class_literals`."""
    rest = iter(values)
    return constructor_changed(plan, lambda expr: with_literals(expr, rest))


def hollow(plan: ClassPlan) -> ClassPlan:
    """The class with holes for its constructor's literals: equal for those of one structure."""
    return class_with_literals(plan, [HOLE] * len(class_literals(plan)))


def calls_changed(plan: ClassPlan, change: Callable[[Call], Call]) -> ClassPlan:
    """The class with each call of its constructor changed, inner ones first."""

    def changed(expr: Expr) -> Expr:
        match expr:
            case Call(_, arguments):
                inner = tuple(replace(each, value=changed(each.value)) for each in arguments)
                return change(replace(expr, arguments=inner))
            case Brackets(_, items):
                return replace(expr, items=tuple(map(changed, items)))
            case Operation(operands):
                return replace(expr, operands=tuple(map(changed, operands)))
            case Repeated(value):
                return replace(expr, value=changed(value))
        return expr

    return constructor_changed(plan, changed)


def constructor_changed(plan: ClassPlan, change: Callable[[Expr], Expr]) -> ClassPlan:
    """The class with each expression of its constructor changed."""
    constructs = statement_changed(plan.constructs, change)
    members = tuple(statement_changed(statement, change) for statement in plan.members)
    return replace(plan, constructs=constructs, members=members)


def _statements(plan: ClassPlan) -> tuple[Statement, ...]:
    return (plan.constructs, *plan.members)


def statement_literals(statement: Statement) -> Iterator[Literal]:
    """The literals of a statement, in the order in which they are written."""
    match statement:
        case Assign(_, value) | Do(value):
            yield from literals(value)
        case Return(values):
            for value in values:
                yield from literals(value)
        case Block(_, head, body):
            yield from literals(head)
            for inner in body:
                yield from statement_literals(inner)


def statement_changed(statement: Statement, change: Callable[[Expr], Expr]) -> Statement:
    """The statement with each of its expressions changed."""
    match statement:
        case Assign(_, value) | Do(value):
            return replace(statement, value=change(value))
        case Return(values):
            return replace(statement, values=tuple(map(change, values)))
        case Block(_, head, body):
            inner = tuple(statement_changed(each, change) for each in body)
            return replace(statement, head=change(head), body=inner)
