"""`did you mean`: the nearest of a set of names."""

from collections.abc import Iterable

MAX_NAME = 64
MAX_CANDIDATES = 50


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate most like `name`, or None where none is like it."""
    folded = {_folded(candidate): candidate for candidate in candidates}
    same = folded.get(_folded(name))
    if same is not None:
        return same
    if len(name) > MAX_NAME:
        return None
    from difflib import get_close_matches

    close = get_close_matches(name, _comparable(name, folded.values()), n=1, cutoff=0.7)
    return close[0] if close else None


def _folded(name: str) -> str:
    return name.lower().replace("_", "")


def _comparable(name: str, candidates: Iterable[str]) -> list[str]:
    """The candidates that are worth comparing: it takes a while, and a hostile text has many."""
    reach = max(2, len(name) // 3)
    found = [each for each in candidates if abs(len(each) - len(name)) <= reach]
    if len(found) > MAX_CANDIDATES:
        found = [each for each in found if each[:1].lower() == name[:1].lower()]
    return found[:MAX_CANDIDATES]


def did_you_mean(name: str, candidates: Iterable[str]) -> str | None:
    """A help line with the nearest candidate; None where none is near."""
    candidate = nearest(name, candidates)
    return f"did you mean `{candidate}`?" if candidate else None
