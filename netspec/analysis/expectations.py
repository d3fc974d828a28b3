"""Whether a network has the figures that are expected of it, and where they come from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from netspec.analysis.figures import Figures, Found
from netspec.diagnostics import Diagnostic
from netspec.diagnostics.suggest import did_you_mean
from netspec.graph import Graph, Phase, Shape, Size
from netspec.graph.sizes import symbols
from netspec.language.amounts import Amount
from netspec.language.expectations import Claim, Expectation
from netspec.listed import listed

CODE = "unmet-expectation"
MAX_PLACES = 20
"""At how many sizes of its inputs a network may be judged."""
_WORDS = {
    "exactly": "",
    "about": "about ",
    "at_most": "at most ",
    "at_least": "at least ",
    "less": "less than ",
    "more": "more than ",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found where something is expected, and what there is to say of it, if anything."""

    expectation: Expectation
    found: Found | None
    complaint: Diagnostic | None = None


def judge(graph: Graph, expectations: Sequence[Expectation]) -> list[Verdict]:
    """The verdict on each expectation of a network in the TEST phase."""
    if not expectations:
        return []
    figures = Figures(graph if graph.view is not None else graph.phase(Phase.TEST))
    places: set[frozenset[tuple[str, int]]] = set()
    verdicts: list[Verdict] = []
    for each in expectations:
        places.add(frozenset(each.at.items()))
        if len(places) > MAX_PLACES:
            message = f"a network is expected to be something at over {MAX_PLACES} sizes"
            problem = Diagnostic("too-large", message, each.key)
            return [*verdicts, Verdict(each, None, problem)]
        verdicts.append(_verdict(figures, each))
    return verdicts


def _verdict(figures: Figures, expectation: Expectation) -> Verdict:
    problem = _unknown_symbol(figures, expectation)
    if problem is not None:
        return Verdict(expectation, None, problem)
    found: Found
    if expectation.name is not None:
        shapes = figures.shapes.get(expectation.name, ())
        if len(shapes) != 1:
            return Verdict(expectation, None, _unknown_name(figures, expectation, len(shapes)))
        found = shapes[0].substitute(dict(expectation.at))
    else:
        found = figures.number(expectation.figure, expectation.at)
        if not isinstance(found, int):
            return Verdict(expectation, found, _symbolic(expectation, found))
    broken = next((claim for claim in expectation.claims if not _met(claim, found)), None)
    if expectation.differs is not None:
        same = _the_same(expectation, found) if broken is None else None
        return Verdict(expectation, found, same)
    complaint = _unmet(figures, expectation, broken, found) if broken is not None else None
    return Verdict(expectation, found, complaint)


def _met(claim: Claim, found: Found) -> bool:
    if not isinstance(claim.value, Amount):
        assert isinstance(found, Shape)
        return [*map(_plain, found)] == [*map(_plain, claim.value)]
    assert isinstance(found, int)
    number = claim.value.value
    match claim.comparison:
        case "about":
            return claim.value.rounds(found)
        case "at_most":
            return found <= number
        case "at_least":
            return found >= number
        case "less":
            return found < number
        case "more":
            return found > number
    return found == number


def _plain(size: Size | str) -> int | str:
    return size if isinstance(size, int) else str(size).replace(" ", "")


# ---- what is said


def _unmet(figures: Figures, expectation: Expectation, claim: Claim, found: Found) -> Diagnostic:
    message = f"{_called(expectation)} should be {said(claim)}, but is {shown(found)}"
    notes = [f"source: {expectation.source}"] if expectation.source else []
    if isinstance(found, int):
        heavy = figures.heaviest(expectation.figure, expectation.at)
        parts = [f"{path} {size:,} ({size / found:.1%})" for path, size in heavy]
        notes += [f"most of it: {', '.join(parts)}"] if parts else []
    return Diagnostic(CODE, message, claim.span, notes=tuple(notes))


def _the_same(expectation: Expectation, found: Found) -> Diagnostic:
    (claim,) = expectation.claims
    message = f"{_called(expectation)} should differ from {said(claim)}, but is {shown(found)}"
    help = "the network has that figure: leave out `differs`"
    return Diagnostic(CODE, message, claim.span, help=help)


def _called(expectation: Expectation) -> str:
    of = "" if expectation.name is None else f" of `{expectation.name}`"
    return f"`{expectation.figure}`{of}"


def said(claim: Claim) -> str:
    """A claim in words: `at most 4.2 G`."""
    if isinstance(claim.value, Amount):
        text = claim.value.text
        return _WORDS[claim.comparison] + (f"{int(text):,}" if text.isdecimal() else text)
    return "×".join(map(str, claim.value))


def shown(found: Found) -> str:
    """A figure with all its digits."""
    return f"{found:,}" if isinstance(found, int) else str(found)


def _unknown_symbol(figures: Figures, expectation: Expectation) -> Diagnostic | None:
    for name in expectation.at:
        if name not in figures.symbols:
            message = f"no size of an input is called `{name}`"
            help = did_you_mean(name, figures.symbols)
            return Diagnostic("unknown-name", message, expectation.key, help=help)
    return None


def _unknown_name(figures: Figures, expectation: Expectation, count: int) -> Diagnostic:
    name = str(expectation.name)
    message = f"no output, layer or blob is called `{name}`"
    help = did_you_mean(name, figures.shapes)
    if name in figures.shapes:
        message, help = f"`{name}` gives {count} blobs, not one", None
    return Diagnostic("unknown-name", message, expectation.key, help=help)


def _symbolic(expectation: Expectation, found: Size) -> Diagnostic:
    names = sorted(symbols(found))
    formula = str(found)
    formula = formula if len(formula) <= 200 else f"{formula[:199]}…"
    message = f"`{expectation.figure}` is a formula in {listed(names)}: {formula}"
    sizes = ", ".join(f"{name}: 224" for name in names)
    help = f"say at which sizes it is meant: `at: {{{sizes}}}`"
    return Diagnostic("symbolic-size", message, expectation.key, help=help)


class Complaints:
    """What is said of several variants, once for each place: a file expects the same of all."""

    def __init__(self) -> None:
        self._found: dict[object, Diagnostic] = {}
        self._more: dict[object, list[str]] = {}

    def add(self, verdicts: Sequence[Verdict], variant: str | None) -> None:
        for each in verdicts:
            found = each.complaint
            if found is None:
                continue
            assert found.span is not None
            place = (found.code, found.span.key)
            if place not in self._found:
                where = () if variant is None else (f"in variant {variant}",)
                self._found[place] = _with_notes(found, where)
            elif variant is not None and each.found is not None:
                more = f"in variant {variant}: {shown(each.found)}"
                self._more.setdefault(place, []).append(more)

    def __iter__(self) -> Iterator[Diagnostic]:
        for place, found in self._found.items():
            yield _with_notes(found, self._others(place))

    def _others(self, place: object) -> tuple[str, ...]:
        more = self._more.get(place, [])
        left = len(more) - MAX_OTHERS
        return (*more[:MAX_OTHERS], *([f"… and in {left} more"] if left > 0 else []))


MAX_OTHERS = 4
"""How many further variants are told in which the same is broken."""


def _with_notes(found: Diagnostic, notes: Sequence[str]) -> Diagnostic:
    return replace(found, notes=(*found.notes, *notes))
