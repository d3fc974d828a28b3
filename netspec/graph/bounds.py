"""What holds of a symbolic size whatever values its symbols have: decided, never guessed.

A size that is linear in one symbol, floors of such sizes included, grows by a fixed gain from one
period to the next: f(x + period) = f(x) + gain for every x. One period then shows all values. A
size that never falls is decided at the least values of its symbols. Whatever is neither is tried at
small values, which can show that something breaks, but not that it holds.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import product
from math import gcd, lcm, prod

from netspec.graph.sizes import Atom, Size, Symbol, SymbolicSize, symbol, symbols
from netspec.quick import frozen

MAX_PERIOD = 1024
"""Values of a symbol that are tried one by one."""
FACTORS = (2, 4, 8, 16, 32, 64, 128, 3, 6, 12, 24, 48, 96, 5, 7)
"""What an input's sizes may be multiples of, so that something holds."""
LARGEST = 2**62
"""Values beyond which a least one isn't sought."""
MAX_TRIALS = 512
"""Combinations of small values that are tried where nothing can be shown."""

Values = Mapping[str, int]


@frozen
class Decision:
    """Whether something holds for all values: True, False with values for which it doesn't, or
    None where neither could be shown.
    """

    holds: bool | None
    values: Values | None = None


HOLDS, UNSHOWN = Decision(True), Decision(None)


def stated(values: Values) -> str:
    """`H is 3 and W is 2`, for messages."""
    return " and ".join(f"{name} is {each}" for name, each in values.items())


def value(size: Size, values: Values) -> int:
    """The size where its symbols have these values, those that aren't named 1."""
    if isinstance(size, int):
        return size
    total = 0
    for monomial, coefficient in size.terms:
        total += coefficient * prod(_value_of(atom, values) for atom in monomial)
    return total


def _value_of(atom: Atom, values: Values) -> int:
    if isinstance(atom, Symbol):
        return values.get(atom.name, 1)
    return value(atom.numerator, values) // atom.divisor


def positive(size: Size, lowest: Values) -> Decision:
    """Whether a size is 1 or more wherever no symbol is below its lowest value (1 if unnamed)."""
    if isinstance(size, int):
        return HOLDS if size > 0 else Decision(False, {})
    names = sorted(symbols(size))
    start = {name: lowest.get(name, 1) for name in names}
    parts = _parts(size)
    if parts is not None and all(_growth(part)[0] <= MAX_PERIOD for part in parts.values()):
        return _decided(size, parts, start)
    if value(size, start) <= 0:
        return Decision(False, start)
    if _never_falls(size, start):
        return HOLDS
    for values in _small(names, start):
        if value(size, values) <= 0:
            return Decision(False, values)
    return UNSHOWN


def differing(one: Size, other: Size) -> Values | None:
    """Small values for which two sizes are both 1 or more and aren't equal; None if none is found.

    They may be equal all the same where their formulas aren't: see `equal`.
    """
    names = sorted(symbols(one) | symbols(other))
    one, other = _bare(one), _bare(other)
    for values in _small(names, dict.fromkeys(names, 1)):
        here, there = value(one, values), value(other, values)
        if here != there and here > 0 and there > 0:
            return values
    return None


def _bare(size: Size) -> Size:
    """The size in mere integers: those that keep a record of what is done with them take long."""
    if isinstance(size, int):
        return int.__int__(size)
    return SymbolicSize(tuple((atoms, int.__int__(each)) for atoms, each in size.terms))


def equal(one: Size, other: Size) -> bool:
    """Whether two sizes are known to be equal whatever values their symbols have."""
    if one == other:
        return True
    difference = one - other
    if isinstance(difference, int):
        return False
    parts = _parts(difference)
    if parts is None:
        return False
    growths = [_growth(part) for part in parts.values()]
    if any(gain or period > MAX_PERIOD for period, gain in growths):
        return False
    return all(positive(each + 1, {}).holds for each in (difference, -difference))


def enough_factor(
    names: Iterable[str], suffices: Callable[[Mapping[str, Size], int], bool]
) -> str | None:
    """The advice to make the symbols' sizes multiples, where that is enough: `2*H` for `H`.

    `suffices` is asked with what would stand for each symbol, and with the factor.
    """
    found = sorted(names)
    for factor in FACTORS if found else ():
        if suffices({name: factor * symbol(name) for name in found}, factor):
            pairs = [f"`{factor}*{name}` for `{name}`" for name in found]
            return f"give the input a multiple: {' and '.join(pairs)}"
    return None


def least_value(size: SymbolicSize) -> tuple[str, int] | None:
    """The only symbol of a size that never falls, and its least value for which the size is 1 or
    more; None for a size of several symbols or one that may fall.
    """
    names = symbols(size)
    if len(names) != 1:
        return None
    (name,) = names
    more = first(lambda each: value(size, {name: 1 + each}) > 0)
    if more is None or not _never_falls(size, {name: 1 + more}):
        return None
    return name, 1 + more


def first(suffices: Callable[[int], bool]) -> int | None:
    """The least number from 0 on that suffices, if all that are larger do; None for none found."""
    low, high = -1, 0
    while not suffices(high):
        low, high = high, 2 * high + 1
        if high > LARGEST:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if suffices(middle) else (middle, high)
    return high


def _parts(size: SymbolicSize) -> dict[str, SymbolicSize] | None:
    """A linear size as a sum of sizes of one symbol each; None for one that isn't so made.

    The constant is left out.
    """
    parts: dict[str, Size] = {}
    for monomial, coefficient in size.terms:
        if not monomial:
            continue
        if len(monomial) != 1 or not _is_linear(monomial[0]):
            return None
        names = symbols(SymbolicSize(((monomial, 1),)))
        if len(names) != 1:
            return None
        (name,) = names
        parts[name] = parts.get(name, 0) + SymbolicSize(((monomial, coefficient),))
    return {name: part for name, part in parts.items() if isinstance(part, SymbolicSize)}


def _is_linear(atom: Atom) -> bool:
    if isinstance(atom, Symbol):
        return True
    numerator = atom.numerator
    return all(
        len(monomial) <= 1 and all(map(_is_linear, monomial)) for monomial, _ in numerator.terms
    )


def _growth(size: SymbolicSize) -> tuple[int, int]:
    """The period of a linear size of one symbol, and by how much it grows in each."""
    grown = [(_growth_of(m[0]), coefficient) for m, coefficient in size.terms if m]
    period = lcm(*(each for (each, _), _ in grown))
    return period, sum(c * gain * (period // each) for (each, gain), c in grown)


def _growth_of(atom: Atom) -> tuple[int, int]:
    if isinstance(atom, Symbol):
        return 1, 1
    period, gain = _growth(atom.numerator)
    times = atom.divisor // gcd(atom.divisor, gain)
    return period * times, gain * times // atom.divisor


def _decided(size: SymbolicSize, parts: Mapping[str, SymbolicSize], start: Values) -> Decision:
    """The decision on a sum of sizes of one symbol each: each part is at its least by itself."""
    lowest = dict(start)
    falling = ""
    for name, part in parts.items():
        period, gain = _growth(part)
        falling = name if gain < 0 else falling
        span = range(start[name], start[name] + period)
        lowest[name] = min((value(part, {name: each}), each) for each in span)[1]
    if not falling and value(size, lowest) > 0:
        return HOLDS
    return Decision(False, _first_break(size, parts, lowest, start, falling))


def _first_break(
    size: SymbolicSize,
    parts: Mapping[str, SymbolicSize],
    lowest: Values,
    start: Values,
    falling: str,
) -> Values:
    """Values that make a size less than 1; the first such value where that is of one symbol."""
    broken = dict(lowest)
    if falling:
        period, gain = _growth(parts[falling])
        # So many periods make the size fall below 1.
        periods = max(0, -(-value(size, lowest) // -gain))
        broken[falling] = lowest[falling] + periods * period
    for name in parts:
        first = max(start[name], broken[name] - MAX_PERIOD)
        for each in range(first, broken[name]):
            if value(size, {**broken, name: each}) <= 0:
                broken[name] = each
                break
    return broken


def _never_falls(size: SymbolicSize, start: Values) -> bool:
    """Whether a size is known not to get smaller where its symbols get larger from these values."""
    return all(
        not monomial or (coefficient > 0 and all(_grows(atom, start) for atom in monomial))
        for monomial, coefficient in size.terms
    )


def _grows(atom: Atom, start: Values) -> bool:
    """Whether what stands in a product is 0 or more and never falls."""
    if isinstance(atom, Symbol):
        return True
    return _value_of(atom, start) >= 0 and _never_falls(atom.numerator, start)


def _small(names: list[str], start: Values) -> Iterator[dict[str, int]]:
    """Combinations of small values, the smallest first."""
    count = max(2, int(MAX_TRIALS ** (1 / max(1, len(names)))))
    if len(names) > 8:
        return
    steps = sorted(product(range(count), repeat=len(names)), key=sum)
    for each in steps:
        yield {name: start[name] + step for name, step in zip(names, each, strict=True)}
