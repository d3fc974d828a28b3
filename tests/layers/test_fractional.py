"""FractionalMaxPooling: drawn windows in training, else those of PyTorch for a draw of 1/2."""

from fractions import Fraction
from math import floor

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

import netspec
from netspec.layers.fractional import FractionalMaxPooling
from netspec.layers.windows import fractional_starts
from netspec.lower.flat import to_flat
from netspec.lower.torch import to_source, to_torch
from netspec.verify import verify
from tests.graphs import H, N, W
from tests.layers.layer_checks import (
    Sizes,
    check_gradients,
    check_numbers,
    flops,
    layer_graph,
    refusal,
    values_for,
)
from tests.lower.onnx.checks import checked_model

IMAGE: Sizes = (N, 3, 13, 11)


def middle(x: Tensor, kernel: tuple[int, int], size: tuple[int, int]) -> Tensor:
    """What PyTorch gives for a draw of 1/2, in float64."""
    draws = torch.full((*x.shape[:2], 2), 0.5, dtype=torch.float64)
    return F.fractional_max_pool2d(x.double(), kernel, size, _random_samples=draws)


@pytest.mark.parametrize(
    ("layer", "kernel", "size"),
    [
        (FractionalMaxPooling(kernel_size=2, output_size=9), (2, 2), (9, 9)),
        (FractionalMaxPooling(kernel_size=(3, 2), output_size=(4, 10)), (3, 2), (4, 10)),
        (FractionalMaxPooling(kernel_size=(2, 3), output_size=(1, 9)), (2, 3), (1, 9)),
        (FractionalMaxPooling(kernel_size=1, output_size=(2, 1)), (1, 1), (2, 1)),
        (FractionalMaxPooling(kernel_size=2, output_ratio=0.7), (2, 2), (9, 7)),
        (FractionalMaxPooling(kernel_size=2, output_ratio=(0.5, 0.75)), (2, 2), (6, 8)),
    ],
)
def test_numbers(
    layer: FractionalMaxPooling, kernel: tuple[int, int], size: tuple[int, int]
) -> None:
    check_numbers(layer, [IMAGE], lambda x: middle(x, kernel, size))


def test_starts() -> None:
    """PyTorch rounds α and its multiples: where one is a whole number, it may fall just below, and
    the window starts an element earlier than it should.
    """
    differing = 0
    cases = [
        (n, k, m)
        for n in range(1, 32)
        for k in range(1, min(n, 3) + 1)
        for m in range(1, n - k + 2)
    ]
    for size, kernel, count in cases:
        falling = -torch.arange(size, dtype=torch.float64).view(1, 1, -1, 1)
        theirs = -middle(falling, (kernel, 1), (count, 1)).flatten()
        ours = fractional_starts(size, kernel, count)
        step = Fraction(size - kernel, max(count - 1, 1))
        half = Fraction(1, 2)
        exact = [floor((i + half) * step) - floor(half * step) for i in range(count - 1)]
        assert ours == [*exact, size - kernel]
        for number, (mine, its) in enumerate(zip(ours, theirs.tolist(), strict=True)):
            if mine != its:
                differing += 1
                assert its == mine - 1
                assert ((number + half) * step).denominator == 1
    assert differing < 10


def test_training_draws() -> None:
    """Windows of the same kind, other ones each time."""
    layer = FractionalMaxPooling(kernel_size=2, output_size=(9, 8))
    model = to_torch(layer_graph(layer, IMAGE)).train()
    x = torch.from_numpy(values_for(IMAGE))
    torch.manual_seed(0)
    drawn = [model(x) for _ in range(8)]
    assert not all(torch.equal(drawn[0], each) for each in drawn)
    torch.manual_seed(0)
    torch.testing.assert_close(drawn[0], F.fractional_max_pool2d(x, (2, 2), (9, 8)))
    check_gradients(layer, IMAGE)


def test_onnx_gathers_the_windows_side_by_side() -> None:
    model = checked_model(layer_graph(FractionalMaxPooling(kernel_size=2, output_size=9), IMAGE))
    assert [node.op_type for node in model.graph.node] == ["Gather", "Gather", "MaxPool"]


def test_flops() -> None:
    layer = FractionalMaxPooling(kernel_size=(2, 3), output_size=(9, 8))
    assert flops(layer, IMAGE) == 3 * 9 * 8 * 5


NETWORK = """\
netspec: 1
name: Net
inputs: {data: [N, 1, 36, 36]}
blocks:
  stage:
    args: {channels: required, ratio: 0.7}
    layers:
      - {name: conv, type: Convolution, num_output: $channels, kernel_size: 2}
      - {name: relu, type: ReLU, negative_slope: 0.3}
      - {name: pool, type: FractionalMaxPooling, kernel_size: 2, output_ratio: $ratio}
layers:
  - {name: stages, type: stage, channels: $(32 * (i + 1)), repeat: 3}
  - {name: last, type: stage, channels: 128, ratio: [0.5, 0.6]}
"""


def test_in_a_network() -> None:
    network = netspec.loads(NETWORK)
    (result,) = network.results
    assert str(result.shape) == "N×128×4×5"
    source = to_source(network)
    assert "self.pool = FractionalMaxPool2d((2, 2), output_size=output_size)" in source
    flat = to_flat(network)
    assert "type: FractionalMaxPooling, kernel_size: 2, output_ratio: [0.5, 0.6]}" in flat
    assert netspec.loads(flat).results[0].shape == result.shape
    assert verify(network).ok


@pytest.mark.parametrize(
    ("shape", "fields", "code", "field", "message"),
    [
        (
            IMAGE,
            {},
            "missing-field",
            None,
            "FractionalMaxPooling needs `output_size` or `output_ratio`",
        ),
        (
            IMAGE,
            {"output_size": 5, "output_ratio": 0.5},
            "field-conflict",
            "output_ratio",
            "FractionalMaxPooling takes `output_size` or `output_ratio`, not both",
        ),
        (
            IMAGE,
            {"output_size": (12, 11)},
            "bad-value",
            "output_size",
            "`output_size` asks for 11 windows of 2 along the width of 11, where there are at most "
            "10",
        ),
        (
            (N, 3, 13, 1),
            {"output_ratio": 0.99, "kernel_size": 1},
            "bad-value",
            "output_ratio",
            "`output_ratio` leaves no window along the width of 1",
        ),
        (
            (N, 3, 100, 100),
            {"output_ratio": 0.99, "kernel_size": 3},
            "bad-value",
            "output_ratio",
            "`output_ratio` asks for 99 windows of 3 along the height of 100, where there are at "
            "most 98",
        ),
        (
            IMAGE,
            {"kernel_size": (14, 2), "output_size": 1},
            "bad-value",
            "kernel_size",
            "a window's height is 14, but the image's is 13",
        ),
        (
            IMAGE,
            {"output_size": (1, 1, 1)},
            "bad-value",
            "output_size",
            "`output_size` is a list of 3, but the bottom N×3×13×11 has 2 spatial axes",
        ),
        (
            IMAGE,
            {"output_ratio": (0.5,)},
            "bad-value",
            "output_ratio",
            "`output_ratio` is a list of 1, but the bottom N×3×13×11 has 2 spatial axes",
        ),
        (
            (N, 3, H, W),
            {"output_size": 3},
            "unknown-size",
            None,
            "FractionalMaxPooling needs to know the image's height, which is H here",
        ),
    ],
)
def test_mistakes(
    shape: Sizes, fields: dict[str, object], code: str, field: str | None, message: str
) -> None:
    mistake = refusal(FractionalMaxPooling.model_validate({"kernel_size": 2, **fields}), shape)
    assert (mistake.code, mistake.field, mistake.message) == (code, field, message)


def test_a_ratio_is_less_than_one() -> None:
    text = NETWORK.replace("ratio: 0.7", "ratio: 1.5")
    with pytest.raises(netspec.SpecError) as caught:
        netspec.loads(text)
    assert caught.value.diagnostics[0].message == "`output_ratio` should be less than 1.0, not 1.5"
