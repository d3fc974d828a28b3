"""Terms: the spec's expressions over the names that a constructor has.

A term is what an expression comes to where it stands: args stay names, the sizes of blobs are the
terms that these have, and what holds no open name any more is its value.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from netspec.expressions import ExpressionError
from netspec.expressions.evaluate import evaluate
from netspec.expressions.syntax import (
    Attribute,
    Binary,
    Comparison,
    Conditional,
    Expression,
    Index,
    List,
    Literal,
    Name,
    children,
    names,
    reads,
    with_children,
)
from netspec.graph.axes import axis_names
from netspec.graph.written import Turn

Term: TypeAlias = Expression
Sizes: TypeAlias = Callable[[str], "tuple[Term | None, ...]"]
"""The terms of a blob's sizes, by what an expression calls the blob; None for a symbolic size."""


SAME = {("==",): True, ("<=",): True, (">=",): True, ("!=",): False, ("<",): False, (">",): False}
"""What comparing something with itself gives."""


class Opaque(Exception):
    """An expression has no term: it reads a symbolic size, or something that has no value."""


def constant(value: Any) -> Term:
    """The term of a value."""
    if isinstance(value, list | tuple):
        return List(0, 0, tuple(map(constant, value)))
    return Literal(0, 0, value)


def is_open(term: Term) -> bool:
    """Whether a term reads a name."""
    return reads(term)


@dataclass(frozen=True, slots=True)
class _Values:
    values: Mapping[str, Any]

    def value(self, name: str) -> Any:
        if name not in self.values:
            raise ExpressionError("unknown-name", name)
        return self.values[name]

    def spend(self, steps: int) -> None:
        """Nothing is counted: the elaboration has evaluated all of these."""


def value_of(term: Term, values: Mapping[str, Any]) -> Any:
    """A term's value for values of its names; Opaque where it has none."""
    try:
        return evaluate(term, _Values(values))
    except ExpressionError as error:
        raise Opaque from error


@dataclass(frozen=True, slots=True)
class Resolver:
    """What the names and blobs of an expression stand for, and the tables in it that have names."""

    terms: Mapping[str, Term]
    sizes: Sizes
    tables: Mapping[Expression, Term] = field(default_factory=dict)

    def within(self, turn: Turn, number: Term) -> "Resolver":
        """What they stand for in a turn of a repeat."""
        inner = replace(self, terms={**self.terms, turn.index: number})
        try:
            row = {name: inner.term(each) for name, each in turn.values.items()}
        except Opaque:  # the repeat's count, which is noted, reads the same
            return inner
        return replace(inner, terms={**inner.terms, **row})

    def term(self, expression: Expression) -> Term:
        """The term of an expression; Opaque where it has none."""
        match expression:
            case Literal():
                return expression
            case Name(name=name):
                if name not in self.terms:
                    raise Opaque
                return self.terms[name]
            case List() if expression in self.tables:
                return self.tables[expression]
            case Attribute(value=Name(name=name), name=cell) if f"{name}.{cell}" in self.terms:
                return self.terms[f"{name}.{cell}"]
            case Attribute():
                return self._property(expression)
            case Index(value=Attribute(name="shape") as shape, index=index):
                return self._size(shape, self.term(index))
            case Conditional():
                return self._chosen(expression)
            case Binary(operator="and" | "or"):
                return self._logical(expression)
        return folded(with_children(expression, map(self.term, children(expression))))

    def _property(self, expression: Attribute) -> Term:
        sizes = self._sizes(expression.value)
        if expression.name == "shape":
            if any(size is None for size in sizes):
                raise Opaque
            return List(0, 0, tuple(size for size in sizes if size is not None))
        named = dict(zip(axis_names(len(sizes)), sizes[1:], strict=False))
        size = named.get(expression.name)
        if size is None:
            raise Opaque
        return size

    def _size(self, shape: Attribute, index: Term) -> Term:
        sizes = self._sizes(shape.value)
        axis = None if is_open(index) else value_of(index, {})
        size = sizes[axis] if type(axis) is int and -len(sizes) <= axis < len(sizes) else None
        if size is None:
            raise Opaque
        return size

    def _sizes(self, blob: Expression) -> tuple[Term | None, ...]:
        return self.sizes(path(blob))

    def _chosen(self, expression: Conditional) -> Term:
        condition = self.term(expression.condition)
        if not is_open(condition):
            chosen = value_of(condition, {})
            return self.term(expression.if_true if chosen else expression.if_false)
        sides = (self.term(expression.if_true), self.term(expression.if_false))
        return with_children(expression, (condition, *sides))

    def _logical(self, expression: Binary) -> Term:
        left = self.term(expression.left)
        if is_open(left):
            right = self.term(expression.right)
            if is_open(right):
                return replace(expression, left=left, right=right)
            # What doesn't depend on anything decides, or has no part in it.
            decides = value_of(right, {}) is (expression.operator == "or")
            return right if decides else left
        if value_of(left, {}) is (expression.operator == "or"):
            return left
        return self.term(expression.right)


def path(blob: Expression) -> str:
    """What an expression calls a blob: a dotted path; Opaque where it's none."""
    match blob:
        case Name(name=name):
            return name
        case Attribute(value=value, name=name):
            return f"{path(value)}.{name}"
    raise Opaque


def folded(term: Term) -> Term:
    """The term, or its value if it reads no name."""
    if isinstance(term, Index) and isinstance(term.value, List) and not is_open(term.index):
        at = value_of(term.index, {})
        items = term.value.items
        return items[at] if type(at) is int and -len(items) <= at < len(items) else term
    if not is_open(term):
        return constant(value_of(term, {}))
    if isinstance(term, Comparison) and term.operators in SAME and len(set(term.operands)) == 1:
        return constant(SAME[term.operators])
    return term


def substituted(term: Term, terms: Mapping[str, Term]) -> Term:
    """The term with names replaced by other terms; names that have none stay."""
    read = names(term)
    if not read & terms.keys():
        return term
    kept = {name: Name(0, 0, name) for name in read - terms.keys()}
    return Resolver({**kept, **terms}, _no_blobs).term(term)


def _no_blobs(path: str) -> "tuple[Term | None, ...]":
    raise Opaque


def holds(term: Term, part: Term) -> bool:
    """Whether a term is a part of another, or that itself."""
    return term == part or any(holds(each, part) for each in children(term))


def replaced(term: Term, part: Term, by: Term) -> Term:
    """The term with another one in the place of a part of it."""
    if term == part:
        return by
    parts = children(term)
    return with_children(term, [replaced(each, part, by) for each in parts]) if parts else term


def both(conditions: Iterable[Term]) -> Term | None:
    """The conjunction of terms; None of none."""
    whole: Term | None = None
    for each in dict.fromkeys(conditions):
        whole = each if whole is None else Binary(0, 0, "and", whole, each)
    return whole


def is_joined(term: Term) -> bool:
    """Whether a term is a list's name, or those of several with a plus between them."""
    match term:
        case Binary(operator="+", left=left, right=right):
            return is_joined(left) and is_joined(right)
    return isinstance(term, Name)
