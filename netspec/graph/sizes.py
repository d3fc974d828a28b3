"""Sizes: integers, and symbolic ones such as `N`, `ceil(H/32)` or `512*H*W`.

A symbolic size is a polynomial with integer coefficients over atoms; an atom is a symbol or the
floor of a polynomial divided by an integer. It is kept in a normal form, so that two sizes which
the rules below can show to be equal are equal as objects:

- floor((p + k*c) / c) = floor(p / c) + k for integers k,
- floor((floor(p / a) + b) / c) = floor((p + a*b) / (a*c)).

With these a stack of strided convolutions over a height `H` gives `ceil(H/32)`, not a tower of
floors.
"""

from collections.abc import Iterable
from dataclasses import field
from functools import reduce
from math import gcd
from typing import TypeAlias, Union

from netspec.quick import frozen

Size: TypeAlias = Union[int, "SymbolicSize"]
Atom: TypeAlias = Union["Symbol", "FloorDivision"]
Monomial: TypeAlias = "tuple[Atom, ...]"


@frozen
class Symbol:
    """A size known by name alone."""

    name: str

    def __str__(self) -> str:
        return self.name


@frozen
class FloorDivision:
    """floor(numerator / divisor), with a divisor of two or more.

    `text` is what it is written as. Terms are put in order by it, again and again.
    """

    numerator: "SymbolicSize"
    divisor: int
    text: str = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", self._text())

    def _text(self) -> str:
        terms = dict(self.numerator.terms)
        constant = terms.pop((), 0)
        if constant == self.divisor - 1 and terms:
            return f"ceil({_quotient(_polynomial(terms), self.divisor)})"
        return f"floor({_quotient(self.numerator, self.divisor)})"

    def __str__(self) -> str:
        return self.text


def _quotient(numerator: Size, divisor: int) -> str:
    text = str(numerator)
    simple = isinstance(numerator, SymbolicSize) and len(numerator.terms) == 1 and "*" not in text
    return f"{text}/{divisor}" if simple else f"({text})/{divisor}"


@frozen
class SymbolicSize:
    """A size that depends on open ones, as a formula: `N`, `ceil(H/32)`, `512*H*W`.

    It adds, subtracts and multiplies with integers and its like, and floor-divides by a positive
    integer; `str` is the formula. Sizes that are equal by the rules of this module are equal
    objects. It is a polynomial over atoms: `terms` are (monomial, coefficient) in a fixed order.
    """

    terms: tuple[tuple[Monomial, int], ...]

    def __add__(self, other: Size) -> Size:
        terms = dict(self.terms)
        for monomial, coefficient in _terms(other):
            terms[monomial] = terms.get(monomial, 0) + coefficient
        return _polynomial(terms)

    __radd__ = __add__

    def __neg__(self) -> Size:
        return self * -1

    def __sub__(self, other: Size) -> Size:
        return self + -other

    def __rsub__(self, other: Size) -> Size:
        return -self + other

    def __mul__(self, other: Size) -> Size:
        if isinstance(other, int):
            scaled = tuple([(monomial, each * other) for monomial, each in self.terms])
            return SymbolicSize(scaled) if other else 0
        terms: dict[Monomial, int] = {}
        for left, a in self.terms:
            for right, b in _terms(other):
                monomial = tuple(sorted(left + right, key=str))
                terms[monomial] = terms.get(monomial, 0) + a * b
        return _polynomial(terms)

    __rmul__ = __mul__

    def __floordiv__(self, divisor: int) -> Size:
        """Floor division by a positive integer."""
        if divisor == 1:
            return self
        whole: dict[Monomial, int] = {}
        rest: dict[Monomial, int] = {}
        for monomial, coefficient in self.terms:
            if monomial == ():
                whole[monomial], rest[monomial] = divmod(coefficient, divisor)
            elif coefficient % divisor == 0:
                whole[monomial] = coefficient // divisor
            else:
                rest[monomial] = coefficient
        return _polynomial(whole) + _floor(_polynomial(rest), divisor)

    def __str__(self) -> str:
        text = ""
        for monomial, coefficient in self.terms:
            factors = [str(atom) for atom in monomial]
            if abs(coefficient) != 1 or not factors:
                factors.insert(0, str(abs(coefficient)))
            minus, plus = (" - ", " + ") if text else ("-", "")
            text += (minus if coefficient < 0 else plus) + "*".join(factors)
        return text

    def __repr__(self) -> str:
        return f"SymbolicSize({self})"


def symbol(name: str) -> SymbolicSize:
    """The size that is known as `name` alone."""
    return SymbolicSize((((Symbol(name),), 1),))


def is_mere_symbol(size: Size) -> bool:
    """Whether a size is known by name alone, and nothing is computed with it.

    >>> is_mere_symbol(symbol("H")), is_mere_symbol(symbol("H") + 1), is_mere_symbol(3)
    (True, False, False)
    """
    return any(size == symbol(name) for name in symbols(size))


ROWS = symbol("rows")
"""What a layer's own rule says of as many rows as it finds when the network runs."""


def rows_of(path: str) -> SymbolicSize:
    """As many rows as the layer of that path finds when the network runs, 0 or more.

    No size of an input has such a name, which has a dot.
    """
    return symbol(f"{path}.{ROWS}")


def ceil_div(size: Size, divisor: int) -> Size:
    """ceil(size / divisor)."""
    return (size + (divisor - 1)) // divisor


def exact_div(size: Size, divisor: int) -> Size | None:
    """size / divisor; None where that isn't a whole number, or isn't known to be one."""
    quotient = size // divisor
    return quotient if quotient * divisor == size else None


def multiple(size: Size) -> tuple[int, str] | None:
    """The factor and the symbol's name of a size such as `32*H`, 1 for a mere `H`; None of others.

    >>> multiple(32 * symbol("H")), multiple(symbol("H") + 1), multiple(7)
    ((32, 'H'), None, None)
    """
    match size:
        case SymbolicSize(terms=(((Symbol(name=name),), factor),)):
            return factor, name
    return None


def total(sizes: Iterable[Size]) -> Size:
    """The sum of sizes; 0 for none. Its terms are put in order once, not for each of the sizes."""
    terms: dict[Monomial, int] = {}
    number = 0
    for size in sizes:
        if isinstance(size, int):
            number += size
            continue
        for monomial, coefficient in size.terms:
            terms[monomial] = terms.get(monomial, 0) + coefficient
    if not terms:
        return number
    terms[()] = terms.get((), 0) + number
    return _polynomial(terms)


def product(sizes: "list[Size] | tuple[Size, ...]") -> Size:
    """The product of sizes; 1 for none."""
    # Numbers first: a formula is then multiplied by their product, not by each.
    number = 1
    formulas = []
    for size in sizes:
        if isinstance(size, int):
            number *= size
        else:
            formulas.append(size)
    result: Size = number
    for formula in formulas:
        result = result * formula
    return result


def substitute(size: Size, values: dict[str, Size]) -> Size:
    """The size with symbols replaced by the given sizes."""
    if isinstance(size, int):
        return size
    return total(
        coefficient * product([_substitute_atom(atom, values) for atom in monomial])
        for monomial, coefficient in size.terms
    )


def symbols(size: Size) -> set[str]:
    """The names that a size depends on."""
    if isinstance(size, int):
        return set()
    names: set[str] = set()
    for monomial, _ in size.terms:
        for atom in monomial:
            names |= {atom.name} if isinstance(atom, Symbol) else symbols(atom.numerator)
    return names


def slope(size: Size) -> tuple[str, int, int] | None:
    """The only symbol that a size depends on, and how many times as fast as that it grows, as a
    fraction's two numbers; None where it grows otherwise, or not.

    >>> slope(ceil_div(3 * symbol("H"), 32) + 1), slope(symbol("H") * symbol("W")), slope(7)
    (('H', 3, 32), None, None)
    """
    names = symbols(size)
    if len(names) != 1 or isinstance(size, int):
        return None
    above, below = 0, 1
    for monomial, coefficient in size.terms:
        if len(monomial) > 1:
            return None
        if monomial:
            atom = monomial[0]
            inner = (1, 1) if isinstance(atom, Symbol) else _slope_of(atom)
            if inner is None:
                return None
            above = above * inner[1] + coefficient * inner[0] * below
            below *= inner[1]
    common = gcd(above, below)
    return (names.pop(), above // common, below // common) if above > 0 else None


def _slope_of(division: FloorDivision) -> tuple[int, int] | None:
    inner = slope(division.numerator)
    return None if inner is None else (inner[1], inner[2] * division.divisor)


def _substitute_atom(atom: Atom, values: dict[str, Size]) -> Size:
    if isinstance(atom, Symbol):
        return values.get(atom.name, symbol(atom.name))
    return substitute(atom.numerator, values) // atom.divisor


def _terms(size: Size) -> tuple[tuple[Monomial, int], ...]:
    return size.terms if isinstance(size, SymbolicSize) else (((), size),)


def _polynomial(terms: dict[Monomial, int]) -> Size:
    terms = {monomial: coefficient for monomial, coefficient in terms.items() if coefficient}
    if not terms:
        return 0
    if terms.keys() == {()}:
        return terms[()]
    # Constants last, as people write them; otherwise by text, which is stable across runs.
    order = sorted(terms.items(), key=lambda term: (term[0] == (), [str(a) for a in term[0]]))
    return SymbolicSize(tuple(order))


def _floor(numerator: Size, divisor: int) -> Size:
    if isinstance(numerator, int):
        return numerator // divisor
    terms = dict(numerator.terms)
    constant = terms.pop((), 0)
    if len(terms) == 1:
        ((monomial, coefficient),) = terms.items()
        inner = monomial[0] if len(monomial) == 1 else None
        if coefficient == 1 and isinstance(inner, FloorDivision):
            merged = inner.numerator + constant * inner.divisor
            assert isinstance(merged, SymbolicSize)
            return merged // (inner.divisor * divisor)
    common = reduce(gcd, terms.values(), divisor)
    if common > 1:
        # floor((g*p + c) / (g*d)) = floor((p + floor(c/g)) / d) for an integer p.
        terms = {monomial: coefficient // common for monomial, coefficient in terms.items()}
        return (_polynomial(terms) + constant // common) // (divisor // common)
    if numerator.terms[0][1] < 0:
        # floor(-p / d) = -ceil(p / d): one formula for both ways to write it.
        return -((divisor - 1 - numerator) // divisor)
    return SymbolicSize((((FloorDivision(numerator, divisor),), 1),))
