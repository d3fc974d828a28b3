"""Pooling along one axis: over channels, against PyTorch written by hand."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

import netspec
from netspec.layers.pooling import Pooling, PoolingMethod
from netspec.lower.torch import to_source
from tests.graphs import H, N, W
from tests.layers.layer_checks import Sizes, check_gradients, check_numbers, flops, refusal

SUMMARIES: dict[PoolingMethod, Callable[[Tensor], Tensor]] = {
    "MAX": lambda x: x.amax(2),
    "AVE": lambda x: x.mean(2),
    "L2": lambda x: x.square().sum(2).sqrt(),
}
SHAPES: list[Sizes] = [(N, 6), (N, 6, 5), (N, 6, H, W), (N, 6, 2, 3, 4)]
OPSETS = (13, 17, 18, 22)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("pool", SUMMARIES)
def test_maxout(pool: PoolingMethod, shape: Sizes) -> None:
    """Groups of three channels side by side."""
    layer = Pooling(pool=pool, axis=1, kernel_size=3, stride=3)
    summary = SUMMARIES[pool]
    check_numbers(layer, [shape], lambda x: summary(x.unflatten(1, (2, 3))), opsets=OPSETS)


@pytest.mark.parametrize("pool", SUMMARIES)
def test_windows_that_overlap(pool: PoolingMethod) -> None:
    layer = Pooling(pool=pool, axis=1, kernel_size=(3,), stride=2)
    summary = SUMMARIES[pool]

    def reference(x: Tensor) -> Tensor:
        return torch.stack([summary(x[:, None, i : i + 3]) for i in (0, 2, 4)], 1).squeeze(2)

    check_numbers(layer, [(N, 8, H, W)], reference, opsets=OPSETS)


@pytest.mark.parametrize("pool", SUMMARIES)
@pytest.mark.parametrize("axis", [1, -1])
def test_the_whole_axis(pool: PoolingMethod, axis: int) -> None:
    layer = Pooling(pool=pool, axis=axis, global_pooling=True)
    summary = SUMMARIES[pool]

    def reference(x: Tensor) -> Tensor:
        return summary(x.movedim(axis, 2)).unsqueeze(axis)

    check_numbers(layer, [(N, 5, H, W)], reference, opsets=OPSETS)


@pytest.mark.parametrize("pool", SUMMARIES)
def test_gradients(pool: PoolingMethod) -> None:
    check_gradients(Pooling(pool=pool, axis=1, kernel_size=2, stride=2), (2, 4, 3, 3))


def test_flops() -> None:
    assert flops(Pooling(axis=1, kernel_size=3, stride=3), (N, 6, 4, 5)) == 2 * 4 * 5 * 2
    assert flops(Pooling(axis=1, pool="AVE", global_pooling=True), (N, 6, 4, 5)) == 4 * 5 * 6


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ("kernel_size: 4, stride: 4", "data.unfold(1, 4, 4).amax(-1)"),
        ("pool: L2, kernel_size: 4", "torch.linalg.vector_norm(data.unfold(1, 4, 1), dim=-1)"),
        ("pool: AVE, global_pooling: true", "data.mean(1, keepdim=True)"),
    ],
)
def test_source(fields: str, text: str) -> None:
    spec = f"inputs: {{data: [N, 8, H, W]}}\nlayers: [{{type: Pooling, axis: 1, {fields}}}]\n"
    assert text in to_source(netspec.loads(f"netspec: 1\nname: Net\n{spec}"))


@pytest.mark.parametrize(
    ("fields", "code", "field", "message"),
    [
        ({"pad": 1}, "field-conflict", "pad", "`pad` doesn't go with `axis`"),
        (
            {"round_mode": "CEIL"},
            "field-conflict",
            "round_mode",
            "`round_mode` doesn't go with `axis`",
        ),
        (
            {"pool": "STOCHASTIC"},
            "field-conflict",
            "axis",
            "`axis` doesn't go with STOCHASTIC",
        ),
        (
            {"stride": (1, 2)},
            "bad-value",
            "stride",
            "`stride` is a list of 2, but `axis` is one axis",
        ),
        ({"axis": 0}, "bad-axis", "axis", "Pooling's `axis` is the batch, whose items are apart"),
        (
            {"axis": 4},
            "bad-axis",
            "axis",
            "Pooling's `axis` is 4, but its bottom N×8×H×W has 4 axes",
        ),
        (
            {"axis": 2},
            "unknown-size",
            None,
            "Pooling needs to know the size of the axis that windows lie along, which is H here",
        ),
    ],
)
def test_mistakes(fields: dict[str, Any], code: str, field: str | None, message: str) -> None:
    mistake = refusal(Pooling(**{"axis": 1, "kernel_size": 2, **fields}), (N, 8, H, W))
    assert (mistake.code, mistake.field, mistake.message) == (code, field, message)


def test_output_size_and_mask() -> None:
    mistake = refusal(Pooling(axis=1, output_size=2), (N, 8, 4, 4))
    assert (mistake.field, mistake.message) == (
        "output_size",
        "`output_size` doesn't go with `axis`",
    )
    text = "{name: p, type: Pooling, axis: 1, kernel_size: 2, top: [a, b]}"
    with pytest.raises(netspec.SpecError) as caught:
        netspec.loads(f"netspec: 1\nname: Net\ninputs: {{data: [N, 8, 4, 4]}}\nlayers: [{text}]\n")
    (found,) = caught.value.diagnostics
    assert (found.code, found.message) == (
        "field-conflict",
        "a mask names elements of an image; along an `axis` there is none",
    )
