"""Lists in messages: the first few, and how many more there are."""

from collections.abc import Iterable

SHOWN = 5
"""The items of a list that are told; the rest is counted."""

_LONGEST = 120


def quoted(names: Iterable[str]) -> str:
    """Names, in quotes."""
    return enumerated([f"`{short(name)}`" for name in names])


def enumerated(items: list[str], separator: str = ", ") -> str:
    """The first items, and the number of the others.

    >>> enumerated(list("abcdefgh"))
    'a, b, c, d, e and 3 more'
    """
    shown = separator.join(items[:SHOWN])
    more = len(items) - SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def short(text: str) -> str:
    """A text that ends where a reader loses interest."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
