"""PyTorch in float64 as the judge: what differs by more than rounding, and what nobody can tell."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from netspec.layers.functions import Power
from netspec.lower.onnx.emitter import Emitter
from netspec.lower.onnx.layers.catalogue import LOWERINGS
from netspec.lower.onnx.options import Options
from netspec.verify import verify
from netspec.verify.judge import _judgement, compared
from netspec.verify.result import Difference, Judgement, Trial, Verdict, Verification
from tests.verify.networks import SMALL, chaos, loads

ONE = np.array([1.0, -2.0, 3.0])
NAN, INF = np.nan, np.inf


def judgement(
    truth: Any, made: Any, given: Any, shaken: Any = None, tolerance: float = 1e-5
) -> Judgement:
    arrays = [np.asarray(each, np.float64) for each in (truth, made, given)]
    noisy = arrays[0] if shaken is None else np.asarray(shaken, np.float64)
    return _judgement(
        arrays[0], noisy, (arrays[1], arrays[2]), ("PyTorch", "ONNX Runtime"), tolerance
    )


@pytest.mark.parametrize(
    ("made", "given", "shaken", "expected"),
    [
        (1e-4, 7e-4, 0, Verdict.AGREES),
        (7e-4, 1e-4, 0, Verdict.AGREES),
        (1e-4, 9e-4, 0, Verdict.DIFFERS),
        (9e-4, 1e-4, 0, Verdict.DIFFERS),
        (1e-7, 9e-4, 2e-4, Verdict.AGREES),
        (1e-7, 9e-4, 1e-4, Verdict.DIFFERS),
        (0.02, 0.02, 0, Verdict.UNCLEAR),
        (1e-7, 1.0, 0.02, Verdict.UNCLEAR),
        (1e-7, 2e-6, 0, Verdict.AGREES),
    ],
)
def test_either_may_be_off_by_a_few_times_the_other_or_rounding(
    made: float, given: float, shaken: float, expected: Verdict
) -> None:
    found = judgement(ONE, ONE * (1 + made), ONE * (1 + given), ONE * (1 + shaken))
    assert found.verdict is expected
    assert found.torch == pytest.approx(made)
    assert found.other == pytest.approx(given)


def test_integers_are_judged_as_numbers() -> None:
    truth = np.array([3, 7])
    for given, expected in ([3, 7], Verdict.AGREES), ([3, 5], Verdict.DIFFERS):
        values = np.array([3.0, 7.0]), np.array(given)
        found = _judgement(truth, truth, values, ("PyTorch", "ONNX Runtime"), 1e-5)
        assert found.verdict is expected


@pytest.mark.parametrize(
    ("truth", "made", "given", "expected", "reason"),
    [
        ([1, 2], [1, 2], [1, NAN], Verdict.DIFFERS, "ONNX Runtime gives NaN in 1 of 2 elements wh"),
        ([1, 2], [NAN, 2], [1, 2], Verdict.DIFFERS, "PyTorch gives NaN in 1 of 2 elements where"),
        ([1, 2], [1, NAN], [1, NAN], Verdict.DIFFERS, "PyTorch gives NaN in 1 of 2 elements wh"),
        ([1, 2], [1, INF], [1, 2], Verdict.DIFFERS, "PyTorch alone gives infinity in 1 of 2 ele"),
        ([1, NAN], [1, NAN], [1, 0], Verdict.DIFFERS, "ONNX Runtime gives a number in 1 of 2"),
        ([1, INF], [1, INF], [1, 9], Verdict.DIFFERS, "ONNX Runtime gives a number in 1 of 2"),
        ([1, 1e50], [1, INF], [1, INF], Verdict.UNCLEAR, "values are too large for the type in 1"),
        ([NAN, NAN], [NAN, NAN], [NAN, NAN], Verdict.UNCLEAR, "there is no number to compare, in"),
        ([1, NAN], [1, NAN], [1, NAN], Verdict.AGREES, None),
        ([1, -INF], [1, -INF], [1, -INF], Verdict.AGREES, None),
    ],
)
def test_what_is_not_finite(
    truth: list[float], made: list[float], given: list[float], expected: Verdict, reason: str | None
) -> None:
    found = judgement(truth, made, given)
    assert found.verdict is expected
    assert (found.reason or "").startswith(reason or "")
    assert (found.reason is None) == (reason is None)


def test_values_that_compare() -> None:
    def relative(made: Any, given: Any) -> float:
        return compared("x", np.asarray(made), np.asarray(given)).relative

    assert relative([1.0, 4.0], [1.0, 4.0]) == 0
    assert relative([1.0, 4.0], [2.0, 4.0]) == 0.25
    assert relative([INF, 4.0], [INF, 4.0]) == 0
    assert relative([0.0], [0.0]) == 0
    assert relative([0.0], [1e-9]) == INF
    assert np.isnan(relative([NAN, 1.0], [NAN, 1.0]))
    assert relative([1.0, 2.0], [1.0]) == INF
    assert relative([], []) == 0


def test_a_network_that_makes_much_of_rounding_is_judged_by_float64() -> None:
    result = verify(chaos(16))
    (output,) = result.outputs
    assert output.relative > result.tolerance
    assert output.judgement is not None
    assert output.judgement.verdict is Verdict.AGREES
    assert result.result == "verified"


def test_one_that_makes_too_much_of_it_is_inconclusive() -> None:
    result = verify(chaos(40))
    assert result.result == "inconclusive"
    (output,) = result.outputs
    assert output.judgement is not None
    assert output.judgement.verdict is Verdict.UNCLEAR


def test_a_tolerance_that_is_given_is_the_only_judge() -> None:
    assert verify(chaos(16), tolerance=1e-6).result == "failed"
    assert verify(chaos(16), tolerance=0.5).result == "verified"
    assert verify(chaos(16), absolute_tolerance=10).result == "verified"


@pytest.fixture
def shifted(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets the ONNX file add to what a Power adds."""
    whole = LOWERINGS[Power]

    def shift(by: float) -> None:
        def lowered(layer: Power, emitter: Emitter) -> None:
            whole(layer.model_copy(update={"shift": layer.shift + by}), emitter)

        monkeypatch.setitem(LOWERINGS, Power, lowered)  # type: ignore[misc]

    return shift


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_a_fault_is_no_rounding(shifted: Callable[[float], None], dtype: str) -> None:
    graph = loads(f"{SMALL}  - {{name: power, type: Power, shift: 1}}")
    assert verify(graph, Options(dtype=dtype)).ok
    shifted(1.0)
    result = verify(graph, Options(dtype=dtype))
    assert result.result == "failed"
    (output,) = result.outputs
    assert output.judgement is not None
    assert output.judgement.other > 0.05
    assert output.judgement.torch < 1e-5


@pytest.mark.parametrize("layer", ["{name: norm, type: MVN}", "{name: norm, type: Normalize}"])
def test_what_is_lost_for_a_constant_input_is_noticed(
    layer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An eps that has become 0 in the file alone: random inputs don't show it."""
    graph = loads(f"  - {layer}")
    assert verify(graph).ok
    kind: Any = type(graph.nodes[0].layer)
    whole = LOWERINGS[kind]

    def lowered(layer: Any, emitter: Emitter) -> None:
        whole(layer.model_copy(update={"eps": 0.0}), emitter)

    monkeypatch.setitem(LOWERINGS, kind, lowered)
    result = verify(graph)
    assert result.result == "failed"
    assert all(map(result.agrees, result.outputs))
    wrong = [trial for trial in result.trials if not result.passed(trial)]
    assert wrong[0].title == "an input of zeros"
    judged = wrong[0].outputs[0].judgement
    assert judged is not None
    assert judged.reason is not None
    assert judged.reason.startswith("ONNX Runtime gives NaN in 768 of 768 elements where float64")


def test_what_is_no_number_in_float64_either_is_not_compared() -> None:
    result = verify(loads(f"{SMALL}  - {{name: log, type: Log}}"))
    assert result.ok
    assert np.isfinite(result.outputs[0].relative)


def test_a_trial_that_nothing_can_tell_of_is_no_fault() -> None:
    unclear = Judgement(Verdict.UNCLEAR, 1.0, 1.0, 8.0)
    trial = Trial("an input of zeros", {}, (Difference("fc", (1,), 1.0, 1.0, unclear),))
    result = Verification(
        name="net",
        tolerance=1e-5,
        absolute_tolerance=0.0,
        outputs=(),
        shapes_checked=2,
        wrong_shapes=(),
        parameters_checked=2,
        wrong_parameters=(),
        trials=(trial,),
    )
    assert result.ok
    wrong = Verification(
        name="net",
        tolerance=1e-5,
        absolute_tolerance=0.0,
        outputs=(),
        shapes_checked=2,
        wrong_shapes=(),
        parameters_checked=2,
        wrong_parameters=(),
        trials=(Trial("odd", {}, wrong_shapes=("fc",)),),
    )
    assert wrong.result == "failed"


def test_sums_of_equal_numbers_may_be_less_exact() -> None:
    """Adding up 6,000 equal numbers rounds the same way each time."""
    graph = loads(
        """
  - {name: conv, type: Convolution, num_output: 4, kernel_size: 3}
  - {name: pool, type: Pooling, pool: AVE, global_pooling: true}
""",
        "{data: [N, 3, 64, 96]}",
    )
    assert verify(graph).ok
    assert all(map(verify(graph, tolerance=1e-5).passed, verify(graph).trials))


def test_rows_that_are_counted_when_it_runs() -> None:
    """How many there are is a difference, unless rounding alone makes it."""
    two, three = np.ones((2, 7)), np.ones((3, 7))
    found = judgement(two, two, three)
    assert (found.verdict, found.reason) == (
        Verdict.DIFFERS,
        "PyTorch gives 2×7, ONNX Runtime gives 3×7, float64 gives 2×7",
    )
    found = judgement(three, two, two)
    assert found.verdict is Verdict.DIFFERS
    found = judgement(two, two, three, shaken=three)
    assert (found.verdict, found.reason) == (
        Verdict.UNCLEAR,
        "rounding alone decides how many there are",
    )
