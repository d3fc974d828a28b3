"""Roll: elements shifted along axes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.graph import Size
from netspec.layers.roll import Roll
from netspec.lower.torch import to_source
from tests.graphs import H, N, W
from tests.layers.layer_checks import check_gradients, check_numbers, flops, layer_graph, refusal
from tests.lower.onnx.checks import checked_model, run

Sizes = tuple[Size, ...]
IMAGE: Sizes = (N, 3, H, W)


@pytest.mark.parametrize("shift", [7, -7, 5, 0, 12, -1, 1])
@pytest.mark.parametrize("shape", [(N, 5), (N, H)])
def test_any_shift(shape: Sizes, shift: int) -> None:
    """Of five places, at a size that is known and at one that isn't."""
    check_numbers(Roll(axis=1, shift=shift), [shape], lambda x: x.roll(shift, 1), source=False)


@settings(deadline=None, max_examples=25)
@given(
    axes=st.lists(st.integers(0, 3), min_size=1, max_size=3, unique=True),
    shifts=st.lists(st.integers(-9, 9), min_size=3, max_size=3),
)
def test_several_axes(axes: list[int], shifts: list[int]) -> None:
    shifts = shifts[: len(axes)]
    layer = Roll(axis=axes, shift=shifts)
    for shape in (IMAGE, (N, 3, 4, 5)):
        check_numbers(layer, [shape], lambda x: x.roll(shifts, axes), opsets=[13], source=False)


def test_numbers_at_every_opset() -> None:
    layer = Roll(axis=[1, -1], shift=[-2, 2])
    check_numbers(layer, [IMAGE], lambda x: x.roll((-2, 2), (1, 3)))
    check_gradients(layer, IMAGE)
    assert flops(layer, IMAGE) == 0


def test_a_shift_of_whole_turns_is_none() -> None:
    model = checked_model(layer_graph(Roll(axis=1, shift=-6), (N, 3)))
    assert [node.op_type for node in model.graph.node] == ["Identity"]
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    np.testing.assert_array_equal(run(model, x)[0], x)


@pytest.mark.parametrize(
    ("layer", "text"),
    [
        (Roll(axis=1, shift=-1), "return torch.roll(in0, shifts=-1, dims=1)"),
        (Roll(axis=[2, 3], shift=[3, 3]), "return torch.roll(in0, shifts=(3, 3), dims=(2, 3))"),
    ],
)
def test_emitted(layer: Roll, text: str) -> None:
    assert text in to_source(layer_graph(layer, IMAGE))


@pytest.mark.parametrize(
    ("layer", "code", "message"),
    [
        (
            Roll(axis=[1, 2], shift=3),
            "bad-value",
            "`shift` needs a number for each axis: 2, not 1",
        ),
        (Roll(axis=[], shift=[]), "bad-axis", "Roll's `axis` is empty"),
        (
            Roll(axis=1, shift=-(2**62)),
            "bad-value",
            "`shift` should be from -2147483647 to 2147483647, not -4611686018427387904",
        ),
        (Roll(axis=[1, -3], shift=[1, 1]), "bad-axis", "Roll's `axis` names an axis twice"),
        (
            Roll(axis=4, shift=1),
            "bad-axis",
            "Roll's `axis` is 4, but its bottom N×3×H×W has 4 axes",
        ),
    ],
)
def test_refusals(layer: Roll, code: str, message: str) -> None:
    error = refusal(layer, IMAGE)
    assert (error.code, error.message) == (code, message)
