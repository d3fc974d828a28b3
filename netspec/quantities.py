"""Amounts that people write: `24GiB`, `500 MB`, `4.2e9`.

A number is plain decimal, of a bounded length: text from anywhere takes no time to read.
"""

import re
from fractions import Fraction

_NUMBER = r"\d{1,30}(?:\.\d{1,30})?(?:[eE]\+?\d{1,2})?"
_AMOUNT = re.compile(rf"\s*({_NUMBER})\s*([^\d\s.].*?)?\s*", re.ASCII)
BYTES = {
    "B": 1,
    "byte": 1,
    "bytes": 1,
    **{f"{prefix}B": 1000**power for power, prefix in enumerate("kMGTP", 1)},
    **{f"{prefix}iB": 1024**power for power, prefix in enumerate("KMGTP", 1)},
    "KB": 1000,
}
"""What stands behind an amount of memory, in bytes."""
_USUAL = "KiB, MiB, GiB or TiB (1024 times one another), or kB, MB, GB or TB (1000 times)"


def bytes_in(text: str) -> int:
    """The bytes of an amount of memory; what is no whole byte is left out.

    ValueError where it's none, or has no unit: a bare number could be anything.

    >>> bytes_in("24GiB"), bytes_in("1.5 kB"), bytes_in("500MB"), bytes_in("96 bytes")
    (25769803776, 1500, 500000000, 96)
    """
    number, unit = _taken_apart(text)
    if unit in BYTES:
        return int(number * BYTES[unit])
    if not unit:
        raise ValueError(f"{text!r} has no unit: give it in {_USUAL}")
    near = [each for each in BYTES if each.lower() == unit.lower()]
    near = near or [f"{each}iB or {each}B" for each in "KMGTP" if each == unit.upper()]
    asked = f"is it {near[0]}?" if near else f"give it in {_USUAL}"
    raise ValueError(f"{text!r} has a unit, `{unit}`, that is none of memory: {asked}")


def count_in(text: str) -> int:
    """A whole number, with an exponent if need be; ValueError where it's none.

    >>> count_in("25557032"), count_in("4.2e9")
    (25557032, 4200000000)
    """
    number, unit = _taken_apart(text)
    if unit:
        raise ValueError(f"{text!r} is no plain number: it ends in `{unit}`")
    if number.denominator != 1:
        raise ValueError(f"{text!r} is no whole number")
    return int(number)


def _taken_apart(text: str) -> tuple[Fraction, str]:
    """The number and what stands behind it."""
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no amount: a number, and a unit such as GiB behind it")
    return Fraction(found[1]), found[2] or ""
