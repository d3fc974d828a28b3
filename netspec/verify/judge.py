"""Whether two targets' values agree as well as their type allows: PyTorch in float64 is the judge.

A network can make much of a little: where PyTorch's own float32 is off by a tenth, ONNX Runtime's
may be, too. What is off by more than a few times the other, and by more than rounding behind every
layer makes of the float64 values, is a fault.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from netspec.counted import counted
from netspec.graph import Shape
from netspec.lower.values import Array
from netspec.verify.result import Difference, Judgement, Verdict
from netspec.verify.torch_network import PYTORCH, TorchNetwork
from netspec.verify.watcher import SHARES

SLACK = 8
"""How many times the other's error, or that of rounding, one target's may be."""
COARSE = 0.1
"""What may be allowed at most: where rounding alone makes that, nothing can be told."""
CONSTANT = 100
"""How many times the usual tolerance is accepted where an input is constant."""
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Pair:
    """What PyTorch and another target gave for a blob, and what they differ by."""

    blob: str
    difference: Difference
    made: Array
    given: Array


def compared(name: str, made: Array | None, given: Array | None) -> Difference:
    """The largest difference between two values; infinite where one is missing or of another
    shape, no number where either is none.
    """
    if made is None or given is None or made.shape != given.shape:
        return Difference(name, given.shape if given is not None else (), np.inf, np.inf)
    wide, other = made.astype(np.float64), given.astype(np.float64)
    # Equal infinities, as padding alone gives to a maximum, don't differ.
    gap = np.subtract(wide, other, where=wide != other, out=np.zeros_like(wide))
    absolute = float(np.abs(gap).max(initial=0.0))
    magnitude = _magnitude(wide)
    relative = absolute / magnitude if magnitude else (0.0 if absolute == 0 else np.inf)
    return Difference(name, given.shape, absolute, relative)


def judged(
    network: TorchNetwork,
    inputs: Mapping[str, Array],
    pairs: Sequence[Pair],
    *,
    dtype: str,
    tolerance: float,
    runner: str,
) -> list[Difference]:
    """What these pairs differ by, with a judgement on each. `dtype` is what the other computes in,
    `tolerance` what is accepted however good either is.
    """
    names = [pair.blob for pair in pairs]
    with network.in_double():
        truth, _ = network.values(inputs, names)
        shaken, _ = network.values(inputs, names, SHARES[dtype])
    targets = (PYTORCH, runner)
    found = []
    for pair in pairs:
        values = pair.made, pair.given
        judgement = _judgement(truth[pair.blob], shaken[pair.blob], values, targets, tolerance)
        found.append(replace(_plain(pair, judgement), judgement=judgement))
    return found


def _plain(pair: Pair, judgement: Judgement) -> Difference:
    """What the numbers differ by where the others are rightly none."""
    if judgement.verdict is not Verdict.AGREES:
        return pair.difference
    number = ~(np.isnan(pair.made) & np.isnan(pair.given))
    if number.all():
        return pair.difference
    difference = compared(pair.difference.name, pair.made[number], pair.given[number])
    return replace(difference, shape=pair.difference.shape)


def _judgement(
    truth: Array,
    shaken: Array,
    values: tuple[Array, Array],
    targets: tuple[str, str],
    tolerance: float,
) -> Judgement:
    uneven = _uneven(truth, shaken, values, targets)
    if uneven is not None:
        return Judgement(uneven[0], np.inf, np.inf, tolerance, uneven[1])
    # Layers that give integers do so in float64, too.
    truth, shaken, *wide = (
        each.astype(np.float64, copy=False) for each in (truth, shaken, *values)
    )
    rounding = _error(shaken, truth)
    torch, other = (_error(each, truth) for each in wide)
    limit = SLACK * max(min(torch, other), rounding)
    strange = _strange(truth, wide, targets)
    if strange is not None:
        verdict, reason = strange
        return Judgement(verdict, torch, other, max(tolerance, limit), reason)
    verdict = Verdict.AGREES
    if max(torch, other) > tolerance:
        verdict = Verdict.AGREES if max(torch, other) <= limit else Verdict.DIFFERS
        verdict = Verdict.UNCLEAR if limit > COARSE else verdict
    return Judgement(verdict, torch, other, max(tolerance, limit))


def _uneven(
    truth: Array, shaken: Array, values: tuple[Array, Array], targets: tuple[str, str]
) -> tuple[Verdict, str] | None:
    """What is to be said of values that aren't equally many; None where they are.

    A layer may count what it gives, and rounding may decide what counts.
    """
    if truth.shape != shaken.shape:
        return Verdict.UNCLEAR, "rounding alone decides how many there are"
    if all(each.shape == truth.shape for each in values):
        return None
    pairs = zip((*targets, "float64"), (*values, truth), strict=True)
    said = [f"{name} gives {Shape(each.shape)}" for name, each in pairs]
    return Verdict.DIFFERS, ", ".join(said)


def _strange(
    truth: Array, values: Sequence[Array], targets: Sequence[str]
) -> tuple[Verdict, str] | None:
    """What is to be said of values that aren't finite; None where they are where they should be."""
    for value, target in zip(values, targets, strict=True):
        if (lost := np.isnan(value) & ~np.isnan(truth)).any():
            return Verdict.DIFFERS, f"{target} gives NaN{_count(lost)} where float64 has a number"
    finite = np.isfinite(truth)
    beyond = [finite & np.isinf(value) for value in values]
    if not np.array_equal(beyond[0], beyond[1]):
        target, which = max(zip(targets, beyond, strict=True), key=lambda each: each[1].sum())
        return Verdict.DIFFERS, f"{target} alone gives infinity{_count(which)}"
    for value, target in zip(values, targets, strict=True):
        if (other := ~finite & ~_same(value, truth)).any():
            kind = "NaN" if np.isnan(truth[other]).any() else "infinity"
            return (
                Verdict.DIFFERS,
                f"{target} gives a number{_count(other)} where float64 has {kind}",
            )
    if beyond[0].any():
        return Verdict.UNCLEAR, f"values are too large for the type{_count(beyond[0])}"
    if truth.size and not finite.any():
        return Verdict.UNCLEAR, "there is no number to compare, in float64 either"
    return None


def _count(which: Mask) -> str:
    return f" in {int(which.sum())} of {counted(which.size, 'element')}"


def _same(one: Array, other: Array) -> Mask:
    return np.asarray((one == other) | (np.isnan(one) & np.isnan(other)))


def _error(values: Array, truth: Array) -> float:
    """How far finite values are off, relative to the largest magnitude."""
    both = np.isfinite(values) & np.isfinite(truth)
    gap = np.abs(np.subtract(values, truth, where=both, out=np.zeros_like(truth)))
    largest = float(gap.max(initial=0.0))
    magnitude = _magnitude(truth)
    return largest / magnitude if magnitude else (0.0 if largest == 0 else np.inf)


def _magnitude(values: Array) -> float:
    return float(np.abs(values[np.isfinite(values)]).max(initial=0.0))
