"""Amounts as people print them: `25557032`, `4.1 G`, `25.6e6`, `8 GiB`, and how exact they are."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

COUNTS = {"k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
"""What stands behind a number of things."""
BYTES = {
    "B": 1,
    "byte": 1,
    "bytes": 1,
    **{f"{prefix}B": 1000**power for power, prefix in enumerate("kMGTP", 1)},
    **{f"{prefix}iB": 1024**power for power, prefix in enumerate("KMGTP", 1)},
    "KB": 1000,
}
"""What stands behind an amount of memory, in bytes."""
_AMOUNT = re.compile(
    r"(?P<whole>\d{1,30}|\d{1,3}(?:,\d{3}){1,9})(?:\.(?P<part>\d{1,30}))?"
    r"(?:[eE]\+?(?P<power>\d{1,2}))?\s*(?P<unit>[A-Za-z]*)",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Amount:
    """A number as it is written; `step` is what one more in its last digit would add.

    >>> amount("4.10e9", COUNTS).step, amount("25.6 M", COUNTS).value == 25_600_000
    (Fraction(10000000, 1), True)
    """

    value: Fraction
    step: Fraction
    text: str

    def rounds(self, number: int) -> bool:
        """Whether a number comes to this one, rounded to as many digits.

        >>> amount("4.1 G", COUNTS).rounds(4_089_184_256), amount("3.8 G", COUNTS).rounds(3_857e6)
        (True, False)
        """
        return abs(number - self.value) <= self.step / 2

    def __str__(self) -> str:
        return self.text


def amount(text: str, units: Mapping[str, int], bare: bool = True) -> Amount:
    """The amount that a text is; ValueError, in words, where it is none.

    `bare` says whether a number may stand without a unit.
    """
    found = _AMOUNT.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no amount")
    unit = found["unit"]
    if unit and unit not in units:
        raise ValueError(f"{text!r} ends in `{unit}`, not in {_listed(units)}")
    if not unit and not bare:
        raise ValueError(f"{text!r} has no unit")
    digits = found["part"] or ""
    scale = Fraction(10 ** int(found["power"] or 0) * units.get(unit, 1))
    number = Fraction(f"{found['whole'].replace(',', '')}.{digits or 0}")
    return Amount(number * scale, scale / 10 ** len(digits), text.strip())


def _listed(units: Mapping[str, int]) -> str:
    *most, last = (f"`{unit}`" for unit in units)
    return f"{', '.join(most)} or {last}"
