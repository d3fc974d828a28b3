"""`did you mean`: the nearest of a set of names."""

from collections.abc import Iterable


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate most like `name`, or None where none is like it."""
    import difflib

    candidates = list(candidates)
    folded = {candidate.lower().replace("_", ""): candidate for candidate in candidates}
    same = folded.get(name.lower().replace("_", ""))
    if same is not None:
        return same
    if len(name) > 64:
        return None
    close = difflib.get_close_matches(name, candidates, n=1, cutoff=0.7)
    return close[0] if close else None


def did_you_mean(name: str, candidates: Iterable[str]) -> str | None:
    """A help line with the nearest candidate; None where none is near."""
    candidate = nearest(name, candidates)
    return f"did you mean `{candidate}`?" if candidate else None
