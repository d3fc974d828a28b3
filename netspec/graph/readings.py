"""How to tell a symbolic size from those of tensors at hand, when the network runs.

A reading is a size over symbols that stand for axes of tensors: `0.2` is axis 2 of the first. It is
found by trial, and is one only if the sizes of the tensors in it give the wanted size exactly.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from math import gcd

from netspec.graph.bounds import equal, value
from netspec.graph.sizes import (
    Atom,
    FloorDivision,
    Size,
    SymbolicSize,
    substitute,
    symbol,
    symbols,
    total,
)
from netspec.graph.types import Shape

MAX_STEP = 2**20
"""A divisor beyond which a size isn't told from another."""
TRIALS = 64
"""So many values are tried before a reading is proved."""


def reading(size: Size, shapes: Sequence[Shape], axis: int | None = None) -> Size | None:
    """A size over the axes of tensors of these shapes; None where they don't tell it.

    `axis` is where a person would look first.
    """
    if isinstance(size, int):
        return size
    places = [
        (f"{number}.{at}", each)
        for number, shape in enumerate(shapes)
        for at, each in sorted(enumerate(shape), key=lambda pair: pair[0] != axis)
        if not isinstance(each, int)
    ]
    return _reading(size, tuple(places))


@lru_cache(maxsize=1024)
def _reading(size: SymbolicSize, places: tuple[tuple[str, SymbolicSize], ...]) -> Size | None:
    return _told(size, dict(places))


def place(name: str) -> tuple[int, int]:
    """The number of the tensor, and the axis, that a reading's symbol stands for."""
    number, axis = name.split(".")
    return int(number), int(axis)


def written(size: Size, name: Callable[[str], str]) -> str:
    """A reading as an expression; `name` says what stands for a symbol.

    >>> written((symbol("0.2") * 2 + 3) // 5 - 1, lambda place: "x.shape[2]")
    '(x.shape[2] * 2 + 3) // 5 - 1'
    """
    if isinstance(size, int):
        return str(size)
    text = ""
    for monomial, coefficient in sorted(size.terms, key=lambda term: term[1] < 0):
        # A product is read from the left: only there may a quotient stand bare.
        first, *rest = [_factor(atom, name) for atom in monomial] or [str(abs(coefficient))]
        rest = [f"({each})" if "//" in each else each for each in rest]
        if abs(coefficient) != 1 and monomial:
            rest.append(str(abs(coefficient)))
        product = " * ".join([first, *rest])
        if text:
            text += f" {'-' if coefficient < 0 else '+'} {product}"
        else:
            text = product if coefficient > 0 else f"-({product})" if monomial else f"-{product}"
    return text


def _factor(atom: Atom, name: Callable[[str], str]) -> str:
    if not isinstance(atom, FloorDivision):
        return name(atom.name)
    inner = written(atom.numerator, name)
    terms = atom.numerator.terms
    return f"({inner}) // {atom.divisor}" if len(terms) > 1 else f"{inner} // {atom.divisor}"


def _told(size: Size, places: Mapping[str, SymbolicSize]) -> Size | None:
    if isinstance(size, int):
        return size
    for found in (*_direct(size, places), *_by_parts(size, places)):
        if equal(substitute(found, dict(places)), size):
            return found
    return None


def _direct(size: SymbolicSize, places: Mapping[str, SymbolicSize]) -> Iterator[Size]:
    """floor((a·s + b) / c) of a single axis's size s."""
    names = sorted(symbols(size))
    for name, known in places.items():
        step = _divisors(size) * _divisors(known)
        if symbols(known) != {*names} or step > MAX_STEP:
            continue
        near, far = (dict.fromkeys(names, step * times) for times in (1, 2))
        gains = [value(each, far) - value(each, near) for each in (size, known)]
        if gains[1] <= 0:
            continue
        common = gcd(*gains)
        a, c = gains[0] // common, gains[1] // common
        rests = []
        for number in range(1, TRIALS + 1):
            values = dict.fromkeys(names, number)
            rests.append(c * value(size, values) - a * value(known, values))
        # One rest serves all values if it is c - 1 more than none of them, and less than none.
        low, high = max(rests), min(rests) + c - 1
        if low <= high:
            b = next((each for each in (0, c - 1) if low <= each <= high), low)
            yield (a * symbol(name) + b) // c


def _by_parts(size: SymbolicSize, places: Mapping[str, SymbolicSize]) -> Iterator[Size]:
    """A sum, a multiple or a quotient of what can be told."""
    terms = dict(size.terms)
    constant = terms.pop((), 0)
    if len(terms) > 1 or constant:
        parts = [_told(SymbolicSize((each,)), places) for each in terms.items()]
        known = [each for each in parts if each is not None]
        if len(known) == len(parts):
            yield total([*known, constant])
        return
    ((monomial, coefficient),) = terms.items()
    if coefficient != 1:
        inner = _told(SymbolicSize(((monomial, 1),)), places)
        if inner is not None:
            yield inner * coefficient
    elif len(monomial) == 1 and isinstance(monomial[0], FloorDivision):
        inner = _told(monomial[0].numerator, places)
        if inner is not None:
            yield inner // monomial[0].divisor


def _divisors(size: Size) -> int:
    """The product of all divisors in a size."""
    result = 1
    for monomial, _ in size.terms if isinstance(size, SymbolicSize) else ():
        for atom in monomial:
            if isinstance(atom, FloorDivision):
                result = min(result * atom.divisor * _divisors(atom.numerator), MAX_STEP + 1)
    return result
