"""Operations that layers do with sizes, as a person writes them: equal addends together."""

from typing import Any

from netspec.expressions.syntax import Binary, Expression, Literal, children, with_children
from netspec.lower.torch.terms.terms import Term, constant, folded

ARITHMETIC = ("+", "-", "*", "/", "//", "%")


def simplified(operator: str, left: Term, right: Term) -> Term:
    """An operation that a layer does, as a person writes it: equal addends together."""
    if operator == "+":
        return _sum([*_addends(left), *_addends(right)])
    if operator == "-":
        return _sum([*_addends(left), *((-factor, of) for factor, of in _addends(right))])
    if operator == "//" and isinstance(right, Literal):
        halved = _divided(left, right.value)
        if halved is not None:
            return halved
    if operator == "//" and isinstance(left, Binary) and left.operator == "*":
        # A divisor is never 0: what a layer divides by was the number of something.
        for factor, other in ((left.left, left.right), (left.right, left.left)):
            if right == factor and not isinstance(right, Literal):
                return other
    if operator in ("*", "//", "/") and right == constant(1):
        return left
    if operator == "%" and right == constant(1):
        return constant(0)
    if operator == "*" and left == constant(1):
        return right
    if operator == "*" and constant(0) in (left, right):
        return constant(0)
    return folded(Binary(0, 0, operator, left, right))


def collected(term: Term) -> Term:
    """The size with equal addends together, where it's a sum, and without what a division undoes.

    >>> from netspec.expressions.parser import parse
    >>> from netspec.lower.torch.terms.text import python
    >>> python(collected(parse("2*k + 6*k"))), python(collected(parse("2*(2*(c//2)//2)")))
    ('8 * k', '2 * (c // 2)')
    """
    match term:
        case Binary(operator="+" | "-" | "*" | "//" as operator, left=left, right=right):
            return simplified(operator, collected(left), collected(right))
    return term


def reckoned(term: Term) -> Term:
    """The term without operations that nobody writes, such as those with one and with zero."""
    term = with_children(term, map(reckoned, children(term)))
    if isinstance(term, Binary) and term.operator in ARITHMETIC and _is_number(term):
        return simplified(term.operator, term.left, term.right)
    return folded(term)


def _is_number(term: Term) -> bool:
    """Whether the term can be nothing but a number; names alone may be lists, which `+` joins."""
    match term:
        case Literal(value=value):
            return not isinstance(value, str)
        case Binary(operator="+", left=left, right=right):
            return _is_number(left) or _is_number(right)
        case Binary(operator="*", left=left):  # a list may be multiplied, from behind
            return _is_number(left)
        case Binary(operator=operator):
            return operator in ARITHMETIC
    return False


def _divided(term: Term, divisor: Any) -> Term | None:
    """A product by a number that this divides; None of others."""
    addends = _addends(term)
    factor, of = addends[0]
    if len(addends) > 1 or of is None or type(factor) is not int or type(divisor) is not int:
        return None
    return _product(factor // divisor, of) if divisor > 0 and factor % divisor == 0 else None


def _addends(term: Term) -> list[tuple[int | float, Term | None]]:
    """Factors and what they multiply; a mere number multiplies nothing."""
    match term:
        case Binary(operator="+", left=left, right=right):
            return [*_addends(left), *_addends(right)]
        case Binary(operator="-", left=left, right=right):
            return [*_addends(left), *((-factor, of) for factor, of in _addends(right))]
        case Binary(operator="*", left=Literal(value=int() as factor), right=right):
            return [(factor, right)]
        case Binary(operator="*", left=left, right=Literal(value=int() as factor)):
            return [(factor, left)]
        case Literal(value=int() | float() as value) if not isinstance(value, bool):
            return [(value, None)]
    return [(1, term)]


def _sum(addends: list[tuple[int | float, Term | None]]) -> Term:
    found: list[tuple[int | float, Term | None]] = []
    for factor, of in addends:
        for number, (known, other) in enumerate(found):
            if of == other:
                found[number] = (known + factor, of)
                break
        else:
            found.append((factor, of))
    # What is taken away comes behind what it is taken from.
    found = sorted([each for each in found if each[0]], key=lambda each: each[0] < 0)
    whole: Expression | None = None
    for factor, of in found:
        part = _product(abs(factor) if whole is not None else factor, of)
        sign = "-" if factor < 0 else "+"
        whole = part if whole is None else Binary(0, 0, sign, whole, part)
    return constant(0) if whole is None else whole


def _product(factor: int | float, of: Term | None) -> Term:
    if of is None:
        return constant(factor)
    return of if factor == 1 else Binary(0, 0, "*", constant(factor), of)
