"""Amounts of memory that people ask for, beside a spec: `24GiB`, `500 MB`."""

from netspec.language.amounts import BYTES, amount

_USUAL = "KiB, MiB, GiB or TiB (1024 times one another), or kB, MB, GB or TB (1000 times)"


def bytes_in(text: str) -> int:
    """The bytes of an amount of memory; what is no whole byte is left out.

    ValueError, in words, where it's none, or has no unit: a bare number could be anything.

    >>> bytes_in("24GiB"), bytes_in("1.5 kB"), bytes_in("500MB")
    (25769803776, 1500, 500000000)
    """
    unit = text.strip().lstrip("0123456789.,eE+ ")
    if unit and unit not in BYTES:
        near = [each for each in BYTES if each.lower() == unit.lower()]
        near = near or [f"{each}iB or {each}B" for each in "KMGTP" if each == unit.upper()]
        if near:
            raise ValueError(f"{text!r} ends in `{unit}`: is it {near[0]}?")
    found = amount(text, BYTES)
    if not unit:
        raise ValueError(f"{text!r} has no unit: give it in {_USUAL}")
    return int(found.value)
