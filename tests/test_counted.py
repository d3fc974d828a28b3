"""Counts in messages: one of something isn't many."""

import pytest

from netspec.counted import counted
from netspec.room import in_units
from tests.checking import HEAD, found


@pytest.mark.parametrize(
    ("count", "one", "text"),
    [
        (0, "layer", "0 layers"),
        (1, "layer", "1 layer"),
        (2, "layer", "2 layers"),
        ("H", "element", "H elements"),
        (1, "axis", "1 axis"),
        (2, "axis", "2 axes"),
        (3, "parameter or buffer", "3 parameters and buffers"),
    ],
)
def test_singular_and_plural(count: object, one: str, text: str) -> None:
    assert counted(count, one) == text


@pytest.mark.parametrize(
    ("shape", "entry", "message"),
    [
        ("N", "Softmax, axis: 2", "Softmax's `axis` is 2, but its bottom N has 1 axis"),
        (
            "N, 1, 4, 4",
            "Convolution, num_output: 3, kernel_size: 1, group: 3",
            "`group` must divide the bottom's channels; 1 channel can't be split into 3 groups",
        ),
        ("N, 1", "Slice, top: [a, b]", "Slice can't cut 1 element into 2 equal parts"),
        ("N, 4", "Slice, slice_point: [1], top: [a]", "`top` names 1 blob, but the layer gives 2"),
        (
            "N, 1",
            "ArgMax, axis: 1, top_k: 2",
            "ArgMax's `top_k` is 2, but it has only 1 element to choose from",
        ),
    ],
)
def test_one_in_a_message(shape: str, entry: str, message: str) -> None:
    (mistake,) = found(f"{HEAD}inputs: {{data: [{shape}]}}\nlayers: [{{type: {entry}}}]\n")
    assert mistake.message == message


def test_a_byte() -> None:
    assert in_units(1) == "1 byte"
