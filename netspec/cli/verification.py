"""What `netspec verify` found, as text: a line for each thing that was looked at."""

from collections.abc import Iterator, Sequence
from itertools import chain

from netspec.counted import counted
from netspec.verify.result import Difference, Result, Trial, Verdict, Verification

HEADS = {
    Result.VERIFIED: "verified",
    Result.FAILED: "FAILED",
    Result.INCONCLUSIVE: "INCONCLUSIVE",
}
MARKS = {Verdict.AGREES: "ok", Verdict.DIFFERS: "no", Verdict.UNCLEAR: "??"}
SHOWN = 5
"""How many of a list of names are written out."""


def render(result: Verification) -> str:
    """The lines, the verdict first."""
    lines = [
        *_promises(result),
        *(_line("no", each) for each in result.refused),
        *(_line("??", each) for each in filter(None, [result.untold])),
        *(_difference(result, each) for each in result.outputs),
        *_inner(result),
        *_layers(result),
        *_moving(result),
        *_trials(result),
        *_nonfinite(result),
    ]
    if result.result is Result.INCONCLUSIVE:
        lines.append(f"  to know more: {_advice(result)}")
    return "\n".join([f"{result.name}: {HEADS[result.result]}", *lines])


def _promises(result: Verification) -> Iterator[str]:
    shapes = f"{_does(result.shapes_checked, 'predicted shape', 'equal')} what PyTorch made"
    yield _checked(not result.wrong_shapes, shapes)
    yield from (f"    {wrong}" for wrong in result.wrong_shapes)
    equal = _does(result.parameters_checked, "parameter or buffer", "equal")
    parameters = f"{equal} PyTorch's state_dict"
    yield _checked(not result.wrong_parameters, parameters)
    yield from (f"    {wrong}" for wrong in result.wrong_parameters)
    for promise, wrong in chain.from_iterable(each.items() for each in result.checks.values()):
        yield _checked(wrong is None, promise)
        yield from (f"    {line}" for line in (wrong or "").splitlines())


def _difference(result: Verification, each: Difference) -> str:
    shape = "×".join(map(str, each.shape))
    runner = result.runners[each.target]
    what = f"{each.name} {shape}: PyTorch and {runner} differ by {each.relative:.1e}"
    return _line(
        MARKS[result.verdict(each)],
        f"{what} (tolerance {result.tolerance:.0e}){_judged(result, each)}",
    )


def _inner(result: Verification) -> Iterator[str]:
    """What goes into layers that saturate: value by value, or of many those that don't agree."""
    wrong = [each for each in result.inner if not result.agrees(each)]
    few = len(result.inner) <= SHOWN
    yield from (_difference(result, each) for each in (result.inner if few else wrong[:SHOWN]))
    if not few:
        many = f"{len(result.inner)} values go into layers that may hide them"
        yield _line("ok" if not wrong else "??", f"{many}; differing: {len(wrong)}")


def _judged(result: Verification, each: Difference) -> str:
    """What the judge says of a difference."""
    judgement = each.judgement
    if judgement is None:
        return ""
    if judgement.reason is not None:
        return f"\n        {judgement.reason}"
    errors = f"{judgement.torch:.1e} and {judgement.other:.1e} off PyTorch's float64"
    if judgement.verdict is Verdict.UNCLEAR:
        return f"\n        they are {errors}; rounding alone may make that"
    return f"\n        they are {errors}, where rounding explains {judgement.allowed:.1e}"


def _layers(result: Verification) -> Iterator[str]:
    first, largest = result.first_difference, result.largest_layer
    if first is not None:
        yield f"first layer that differs: {first.name}, by {first.relative:.1e}"
        yield from filter(None, [_judged(result, first).strip("\n")])
    elif largest is not None:
        many = f"{_does(len(result.layers), 'layer', 'agree')} one by one"
        yield _line("ok", f"{many}; {largest.name} differs most, by {largest.relative:.1e}")


def _moving(result: Verification) -> Iterator[str]:
    count = result.moved + len(result.unmoved)
    if result.unmoved:
        move = "moves" if len(result.unmoved) == 1 else "move"
        many = f"{len(result.unmoved)} of {counted(count, 'parameter or buffer')} {move}"
        yield _line("??", f"{many} nothing compared: {_listed(list(result.unmoved))}")
        ends = dict.fromkeys(end for end in result.unmoved.values() if end is not None)
        if ends:
            yield f"        a change of them ends at {_listed(list(ends))}"
    elif count:
        every = f"any of {count} parameters and buffers" if count > 1 else "the only parameter"
        yield _line("ok", f"a change of {every} would show")


def _trials(result: Verification) -> Iterator[str]:
    good = [each.title for each in result.trials if result.passed(each) and each.limit is None]
    if good:
        yield _line("ok", f"the same with {', '.join(good)}")
    for trial in result.trials:
        if trial.limit is not None:
            others = " and ".join(result.runners.values())
            yield _line("--", f"with {trial.title} {others} gives what is predicted, but")
            yield f"        {trial.limit}"
        elif not result.passed(trial):
            yield from _trial(result, trial)


def _trial(result: Verification, trial: Trial) -> Iterator[str]:
    yield _line("no", f"with {trial.title}:")
    yield from (f"    {each}" for each in (*trial.refused, *trial.wrong_shapes))
    for each in trial.outputs:
        if result.verdict(each) is Verdict.DIFFERS:
            yield f"  {_difference(result, each)}"


def _nonfinite(result: Verification) -> Iterator[str]:
    if result.nonfinite == ():
        every = "both" if len(result.runners) == 1 else "all"
        yield _line("ok", f"NaN and infinities go through {every} targets alike")
    for each in result.nonfinite or ():
        known = "" if each.known is None else f"; known: {each.known}"
        mark = "no" if each.known is None else "ok"
        where = f"{each.value} at {each.layer} ({each.type})"
        counts = f"{counted(each.torch, 'element')} in PyTorch not finite, {each.other}"
        yield _line(mark, f"{where}: {counts} in {each.where}{known}")


def _advice(result: Verification) -> str:
    unclear = any(result.verdict(each) is Verdict.UNCLEAR for each in result.compared)
    ways = [] if result.layers or not result.unmoved else ["--layers compares every layer"]
    ways += ["--weights of a trained network", "another --seed"]
    return ", ".join(ways + (["fillers that keep values near 1"] if unclear else []))


def _does(count: int, one: str, verb: str) -> str:
    """`1 layer agrees`, `2 layers agree`."""
    return f"{counted(count, one)} {verb}{'s' * (count == 1)}"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def _checked(good: bool, text: str) -> str:
    return _line("ok" if good else "no", text)


def _line(mark: str, text: str) -> str:
    return f"  {mark}  {text}"
