"""Patterns of parameters: `fc.*` is all whose names begin with `fc.`."""

from collections.abc import Collection, Iterable
from fnmatch import translate
from re import Pattern
from re import compile as compile_pattern


def pattern(text: str) -> Pattern[str]:
    """A pattern as it is matched against whole names."""
    return compile_pattern(translate(text))


def any_of(texts: Iterable[str], name: str) -> bool:
    """Whether one of the patterns matches a name."""
    return any(pattern(text).match(name) for text in texts)


def unmatched(text: str, names: Collection[str]) -> tuple[str, str | None] | None:
    """What is to be said of a pattern, and a help, if it matches none of a network's names."""
    if any(map(pattern(text).match, names)):
        return None
    below = f"{text}.*"
    inside = any(map(pattern(below).match, names))
    help = f"all of `{text}` is `{below}`" if inside else None
    return f"no parameter of the network is called `{text}`", help
