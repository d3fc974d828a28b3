"""What `verify` found, as data. Imports nothing heavy."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import isfinite, isnan
from typing import Any

TOLERANCES = {"float32": 1e-5, "float16": 1e-2, "bfloat16": 5e-2}
"""What a target may differ from PyTorch by, relative to a value's largest magnitude."""


class Result(StrEnum):
    """What came of it; `inconclusive` where nothing differs, but a fault might not have shown."""

    VERIFIED = "verified"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"


class Verdict(StrEnum):
    """What a difference means; `unclear` where the type is too coarse to tell."""

    AGREES = "agrees"
    DIFFERS = "differs"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Judgement:
    """Two targets' values of one blob held against PyTorch's in float64.

    `torch` and `other` are how far each is off, relative to the largest magnitude; `allowed` is
    what either may be. `reason` is said where it isn't a matter of numbers.
    """

    verdict: Verdict
    torch: float
    other: float
    allowed: float
    reason: str | None = None

    def to_json(self, target: str) -> dict[str, Any]:
        """As part of what `netspec verify --format json` prints."""
        return {
            "verdict": self.verdict.value,
            "torch": _finite(self.torch),
            target: _finite(self.other),
            "allowed": _finite(self.allowed),
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """A blob's values in PyTorch and in another target: the largest difference, absolute and
    relative to the largest magnitude that PyTorch gave; and what the judge says, where it was
    asked.
    """

    name: str
    shape: tuple[int, ...]
    absolute: float
    relative: float
    judgement: Judgement | None = None
    target: str = "onnx"

    def to_json(self) -> dict[str, Any]:
        """As part of what `netspec verify --format json` prints."""
        judgement = self.judgement
        return {
            "name": self.name,
            "shape": list(self.shape),
            "absolute": _finite(self.absolute),
            "relative": _finite(self.relative),
            "judgement": judgement.to_json(self.target) if judgement is not None else None,
            "target": self.target,
        }


@dataclass(frozen=True, slots=True)
class Trial:
    """A network run on other sizes than the usual, or on an input that is constant.

    `limit` is what PyTorch says where it alone can't run it, as it takes no statistics of a single
    number, and the file gives what is promised: that is no fault of either.
    """

    title: str
    sizes: Mapping[str, int]
    outputs: tuple[Difference, ...] = ()
    wrong_shapes: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    limit: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As part of what `netspec verify --format json` prints."""
        return {
            "title": self.title,
            "sizes": dict(self.sizes),
            "outputs": [each.to_json() for each in self.outputs],
            "wrong_shapes": list(self.wrong_shapes),
            "refused": list(self.refused),
            "limit": self.limit,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class NonFinite:
    """A layer that PyTorch and another target begin to differ at where one element of each input is
    `value` (nan, inf or -inf): how many elements of its top are not finite in each, and what is
    `known` of that layer, None where it shouldn't be so. `where` is what messages call the target.
    """

    value: str
    layer: str
    type: str
    torch: int
    other: int
    known: str | None
    target: str = "onnx"
    where: str = "the ONNX file"

    def to_json(self) -> dict[str, Any]:
        """As part of what `netspec verify --format json` prints."""
        return {
            "value": self.value,
            "layer": self.layer,
            "type": self.type,
            "torch": self.torch,
            self.target: self.other,
            "known": self.known,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was compared and what differed; `ok` if nothing did and a fault would have shown.

    `tolerance` is relative, `absolute_tolerance` lets small values differ by more. `checks` are
    further promises of targets, each with what is wrong there, if anything; `runners` are what ran
    the targets that were held against PyTorch, and `refused` what those said that couldn't run the
    network; `untold` is why no run would tell anything.
    `layers` are the values of all layers in the order of the spec, if they were asked for; then
    they must agree too, as must those in `inner`, which go into layers that saturate. `unmoved` are
    parameters that move nothing compared, with the layer at which a change of them ends, if it is
    known. `nonfinite` is None if not asked for.
    """

    name: str
    tolerance: float
    absolute_tolerance: float
    outputs: tuple[Difference, ...]
    shapes_checked: int
    wrong_shapes: tuple[str, ...]
    parameters_checked: int
    wrong_parameters: tuple[str, ...]
    checks: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    runners: Mapping[str, str] = field(default_factory=dict)
    refused: tuple[str, ...] = ()
    untold: str | None = None
    layers: tuple[Difference, ...] = ()
    inner: tuple[Difference, ...] = ()
    moved: int = 0
    unmoved: Mapping[str, str | None] = field(default_factory=dict)
    trials: tuple[Trial, ...] = ()
    nonfinite: tuple[NonFinite, ...] | None = None

    @property
    def result(self) -> Result:
        wrong = self.wrong_shapes or self.wrong_parameters or self.invalid or self.refused
        verdicts = set(map(self.verdict, self.compared))
        unknown = any(each.known is None for each in self.nonfinite or ())
        if (
            wrong
            or unknown
            or Verdict.DIFFERS in verdicts
            or not all(map(self.passed, self.trials))
        ):
            return Result.FAILED
        if Verdict.UNCLEAR in verdicts or self.unmoved or self.untold:
            return Result.INCONCLUSIVE
        return Result.VERIFIED

    @property
    def invalid(self) -> dict[str, str]:
        """What is wrong with what targets made, by their names."""
        wrong = {name: [*filter(None, each.values())] for name, each in self.checks.items()}
        return {name: "\n".join(each) for name, each in wrong.items() if each}

    @property
    def ok(self) -> bool:
        return self.result is Result.VERIFIED

    @property
    def compared(self) -> tuple[Difference, ...]:
        """All values that were compared in the usual sizes on random numbers."""
        return (*self.outputs, *self.inner, *self.layers)

    def verdict(self, difference: Difference) -> Verdict:
        """What a difference means: one that is within a tolerance agrees; one that is no number
        isn't, and where the judge wasn't asked, the others differ.
        """
        near = difference.relative <= self.tolerance
        if near or difference.absolute <= self.absolute_tolerance:
            return Verdict.AGREES
        judgement = difference.judgement
        return judgement.verdict if judgement is not None else Verdict.DIFFERS

    def agrees(self, difference: Difference) -> bool:
        return self.verdict(difference) is Verdict.AGREES

    def passed(self, trial: Trial) -> bool:
        """Whether nothing is wrong with a trial; what no type can tell of a constant is not."""
        differs = any(self.verdict(each) is Verdict.DIFFERS for each in trial.outputs)
        return not (differs or trial.wrong_shapes or trial.refused)

    @property
    def first_difference(self) -> Difference | None:
        """The first layer, in the order of the spec, that doesn't agree."""
        return next((each for each in self.layers if not self.agrees(each)), None)

    @property
    def largest_layer(self) -> Difference | None:
        """The layer with the largest relative difference."""
        return _largest(self.layers)

    def to_json(self) -> dict[str, Any]:
        """The object that `netspec verify --format json` prints."""
        first, largest = self.first_difference, self.largest_layer
        nonfinite = self.nonfinite
        return {
            "name": self.name,
            "ok": self.ok,
            "result": self.result.value,
            "targets": ["torch", *self.runners],
            "tolerance": self.tolerance,
            "absolute_tolerance": self.absolute_tolerance,
            "outputs": [each.to_json() for each in self.outputs],
            "inner": [each.to_json() for each in self.inner],
            "shapes": {"checked": self.shapes_checked, "wrong": list(self.wrong_shapes)},
            "parameters": {
                "checked": self.parameters_checked,
                "wrong": list(self.wrong_parameters),
                "unmoved": [{"name": name, "ends_at": end} for name, end in self.unmoved.items()],
            },
            "onnx_checker": self.invalid.get("onnx"),
            "refused": [*self.refused, *filter(None, [self.untold])],
            "layers": len(self.layers),
            "first_difference": first.to_json() if first is not None else None,
            "largest_layer_difference": largest.to_json() if largest is not None else None,
            "trials": [{"ok": self.passed(each), **each.to_json()} for each in self.trials],
            "nonfinite": None if nonfinite is None else [each.to_json() for each in nonfinite],
        }


def _finite(number: float) -> float | None:
    """A number as JSON has it: null where it's none or infinite."""
    return number if isfinite(number) else None


def _largest(differences: Iterable[Difference]) -> Difference | None:
    return max(differences, key=lambda each: (isnan(each.relative), each.relative), default=None)
