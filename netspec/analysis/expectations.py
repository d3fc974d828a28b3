"""Whether a network has the figures that are expected of it, and where they come from."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

from netspec.analysis.columns.column import Unit
from netspec.analysis.measures import Measured
from netspec.analysis.memory.batch import Open
from netspec.analysis.units import short
from netspec.diagnostics import Diagnostic
from netspec.diagnostics.suggest import did_you_mean
from netspec.graph import Blob, Graph, Size
from netspec.graph.sizes import symbols
from netspec.language.amounts import Amount
from netspec.language.expectations import WHOLE, Claim, Expectation
from netspec.language.figures import FIGURES, Kind
from netspec.listed import listed
from netspec.quick import frozen

CODE = "unmet-expectation"
MAX_CASES = 20
"""At how many sizes of its inputs, and under how many conditions, a network may be judged."""
MAX_OTHERS = 4
"""How many further variants are told in which the same is broken."""
_WORDS = {
    "exactly": "",
    "about": "about ",
    "at_most": "at most ",
    "at_least": "at least ",
    "less": "less than ",
    "more": "more than ",
}
Sizes: TypeAlias = tuple[Size | str, ...]
Found: TypeAlias = int | Sizes
"""A number, the sizes of a shape, or those of a window."""


class _Untold(Exception):
    """There is no such figure, as the diagnostic says."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic)
        self.diagnostic = diagnostic


@frozen
class Verdict:
    """What was found where something is expected, and what there is to say of it, if anything."""

    expectation: Expectation
    found: Found | None
    complaint: Diagnostic | None = None


def judge(graph: Graph, expectations: Sequence[Expectation]) -> list[Verdict]:
    """The verdict on each expectation of a network: of the TEST phase, but for training."""
    measured = Measured(graph)
    cases: set[object] = set()
    verdicts: list[Verdict] = []
    for each in expectations:
        cases.add(frozenset((*each.at.items(), *each.conditions.items())))
        if len(cases) > MAX_CASES:
            message = f"a network is expected to be something in over {MAX_CASES} cases"
            problem = Diagnostic("too-large", message, each.key)
            return [*verdicts, Verdict(each, None, problem)]
        verdicts.append(_verdict(measured, each))
    return verdicts


def _verdict(measured: Measured, expectation: Expectation) -> Verdict:
    try:
        found = _found(measured, expectation)
    except _Untold as error:
        return Verdict(expectation, None, error.diagnostic)
    broken = next((claim for claim in expectation.claims if not _met(claim, found)), None)
    if expectation.differs is not None:
        same = _the_same(expectation, found) if broken is None else None
        return Verdict(expectation, found, same)
    complaint = _unmet(measured, expectation, broken, found) if broken is not None else None
    return Verdict(expectation, found, complaint)


def _found(measured: Measured, expectation: Expectation) -> Found:
    """What a network has; _Untold where that can't be told."""
    for name in expectation.at:
        if name not in measured.symbols:
            message = f"no size of an input is called `{name}`"
            help = did_you_mean(name, measured.symbols)
            raise _Untold(Diagnostic("unknown-name", message, expectation.key, help=help))
    if expectation.name is not None:
        blob = _blob(measured, expectation)
        if FIGURES[expectation.figure].kind is Kind.WINDOW:
            return _window(measured, expectation, blob)
        return tuple(blob.shape.substitute(dict(expectation.at)))
    try:
        found = measured.number(expectation.figure, expectation.at, expectation.conditions)
    except Open as error:
        raise _Untold(_open(expectation, error)) from None
    except ValueError as error:
        raise _Untold(Diagnostic("bad-value", str(error), expectation.key)) from None
    if not isinstance(found, int):
        raise _Untold(_symbolic(expectation, found))
    return found


def _blob(measured: Measured, expectation: Expectation) -> Blob:
    """The only blob that a name stands for."""
    name = str(expectation.name)
    blobs = measured.blobs.get(name, ())
    if len(blobs) == 1:
        return blobs[0]
    message, help = f"`{name}` gives {len(blobs)} blobs, not one", None
    if name not in measured.blobs:
        message = f"no output, layer or blob is called `{name}`"
        help = did_you_mean(name, measured.blobs)
    raise _Untold(Diagnostic("unknown-name", message, expectation.key, help=help))


def _window(measured: Measured, expectation: Expectation, blob: Blob) -> Sizes:
    field = measured.fields.get(blob.name)
    if field is None:
        message = f"`{expectation.name}` depends on no input, so that it has no receptive field"
        raise _Untold(Diagnostic("bad-value", message, expectation.key))
    return tuple(WHOLE if size is None else size for size in field.size)


def _met(claim: Claim, found: Found) -> bool:
    if not isinstance(claim.value, Amount):
        assert isinstance(found, tuple)
        if len(claim.value) == 1 < len(found) and claim.for_all:
            return {*found} == {*claim.value}
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


def _unmet(measured: Measured, expectation: Expectation, claim: Claim, found: Found) -> Diagnostic:
    has = shown(expectation, found)
    message = f"{_called(expectation)} should be {said(claim)}, but is {has}"
    notes = [f"source: {expectation.source}"] if expectation.source else []
    if isinstance(found, int):
        heavy = measured.heaviest(expectation.figure, expectation.at, expectation.conditions)
        parts = [f"{path} {size:,} ({size / found:.1%})" for path, size in heavy]
        notes += [f"most of it: {', '.join(parts)}"] if parts else []
    return Diagnostic(CODE, message, claim.span, notes=tuple(notes))


def _the_same(expectation: Expectation, found: Found) -> Diagnostic:
    (claim,) = expectation.claims
    has = shown(expectation, found)
    message = f"{_called(expectation)} should differ from {said(claim)}, but is {has}"
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


def shown(expectation: Expectation, found: Found) -> str:
    """A figure with all its digits, and an amount of memory with its unit besides."""
    if not isinstance(found, int):
        return "×".join(map(str, found))
    if FIGURES[expectation.figure].kind is Kind.BYTES:
        return f"{found:,} bytes, {short(found, Unit.BYTES)}"
    return f"{found:,}"


def _open(expectation: Expectation, error: Open) -> Diagnostic:
    names = listed(error.names)
    message = f"`{expectation.figure}` is no formula in {names}, but the most of several sums"
    help = "give the inputs numbers for it, but for the batch"
    return Diagnostic("symbolic-size", message, expectation.key, help=help)


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
                more = f"in variant {variant}: {shown(each.expectation, each.found)}"
                self._more.setdefault(place, []).append(more)

    def __iter__(self) -> Iterator[Diagnostic]:
        for place, found in self._found.items():
            yield _with_notes(found, self._others(place))

    def _others(self, place: object) -> tuple[str, ...]:
        more = self._more.get(place, [])
        left = len(more) - MAX_OTHERS
        return (*more[:MAX_OTHERS], *([f"… and in {left} more"] if left > 0 else []))


def _with_notes(found: Diagnostic, notes: Sequence[str]) -> Diagnostic:
    return replace(found, notes=(*found.notes, *notes))
