"""Fresh tensors: Caffe's distributions, and the same bytes every time."""

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.diagnostics import SpecError
from netspec.graph.fillers import Filler
from netspec.lower.values import Array
from netspec.lower.weights.fillers import draw, fan


def filled(
    shape: tuple[int, ...], name: str = "fc.weight", seed: int = 0, **fields: object
) -> Array:
    return draw(name, shape, Filler(**fields), seed, "float32")  # type: ignore[arg-type]


def test_constant() -> None:
    assert filled((2, 3), type="constant", value=0.5).tolist() == [[0.5] * 3] * 2


def test_gaussian() -> None:
    values = filled((400, 500), type="gaussian", mean=3, std=0.5)
    assert values.mean() == pytest.approx(3, abs=0.01)
    assert values.std() == pytest.approx(0.5, rel=0.01)
    assert np.mean(np.abs(values - 3) < 0.5) == pytest.approx(0.6827, abs=0.01)


def test_uniform() -> None:
    values = filled((400, 500), type="uniform", min=-1, max=3)
    assert values.min() >= -1
    assert values.max() <= 3
    assert values.mean() == pytest.approx(1, abs=0.02)
    assert values.std() == pytest.approx(4 / np.sqrt(12), rel=0.01)


@pytest.mark.parametrize(
    ("shape", "norm", "expected"),
    [
        ((96, 3, 11, 11), "FAN_IN", 3 * 121),
        ((96, 3, 11, 11), "FAN_OUT", 96 * 121),
        ((96, 3, 11, 11), "AVERAGE", (3 + 96) * 121 / 2),
        ((10, 500), "FAN_IN", 500),
        ((10, 500), "FAN_OUT", 10),
        ((64,), "FAN_IN", 1),
        ((64,), "FAN_OUT", 64),
        ((), "FAN_IN", 1),
    ],
)
def test_fan(shape: tuple[int, ...], norm: str, expected: float) -> None:
    assert fan(shape, norm) == expected


def test_xavier() -> None:
    values = filled((100, 20, 5, 5), type="xavier")
    limit = np.sqrt(3 / 500)
    assert np.abs(values).max() <= limit
    assert np.abs(values).max() == pytest.approx(limit, rel=0.001)
    assert values.std() == pytest.approx(np.sqrt(1 / 500), rel=0.02)


def test_msra() -> None:
    values = filled((100, 20, 5, 5), type="msra", variance_norm="FAN_OUT")
    assert values.std() == pytest.approx(np.sqrt(2 / 2500), rel=0.02)


def test_positive_unitball() -> None:
    values = filled((7, 3, 5), type="positive_unitball")
    assert values.min() >= 0
    np.testing.assert_allclose(values.sum(axis=(1, 2)), np.ones(7), rtol=1e-6)


def test_bilinear() -> None:
    by_two = np.array([0.25, 0.75, 0.75, 0.25])
    values = filled((2, 1, 4, 4), type="bilinear")
    np.testing.assert_array_equal(values, np.broadcast_to(np.outer(by_two, by_two), values.shape))
    odd = np.array([0.5, 1, 0.5])
    np.testing.assert_array_equal(filled((1, 1, 3, 3), type="bilinear")[0, 0], np.outer(odd, odd))


def test_bilinear_needs_square_kernels() -> None:
    with pytest.raises(ValueError, match="square kernels"):
        filled((1, 1, 3, 4), type="bilinear")


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "constant", "value": 1e39},
        {"type": "gaussian", "std": 2e38},
        {"type": "uniform", "max": 1e39},
        {"type": "uniform", "min": -1e308, "max": 1e308},
    ],
    ids=str,
)
def test_values_too_large_for_the_type(fields: dict[str, object]) -> None:
    with pytest.raises(SpecError) as caught:
        filled((40, 30), **fields)  # type: ignore[arg-type]
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "bad-value"
    assert diagnostic.message == "the filler of `fc.weight` gives values too large for float32"


def test_other_dtypes() -> None:
    counter = draw("bn.num_batches_tracked", (), Filler(), 0, "int64")
    np.testing.assert_array_equal(counter, np.int64(0), strict=True)


RANDOM = ["gaussian", "uniform", "xavier", "msra", "positive_unitball"]


@given(st.sampled_from(RANDOM), st.integers(0, 2**40), st.text(max_size=8))
def test_a_tensor_depends_on_seed_and_name_alone(type: str, seed: int, name: str) -> None:
    first = filled((3, 4), name, seed, type=type)
    np.testing.assert_array_equal(first, filled((3, 4), name, seed, type=type))
    assert (first != filled((3, 4), name, seed + 1, type=type)).any()
    assert (first != filled((3, 4), name + "x", seed, type=type)).any()


def test_the_bytes_are_those_of_every_machine() -> None:
    digests = {
        type: hashlib.sha256(filled((300, 1000), type=type).astype("<f4").tobytes()).hexdigest()
        for type in RANDOM
    }
    assert {type: digest[:16] for type, digest in digests.items()} == {
        "gaussian": "659bcc1be1a3dd15",
        "msra": "5b9e7cd20041d9c7",
        "positive_unitball": "48c0360125426a8b",
        "uniform": "f033cc46b1a1c1df",
        "xavier": "b6831bcacc8b0ec0",
    }
