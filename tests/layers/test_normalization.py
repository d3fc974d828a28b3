"""BatchNorm, MVN and Normalize."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from netspec.graph import Size
from netspec.graph.fillers import Filler
from netspec.layers.normalization import MVN, BatchNorm, Normalize
from netspec.lower.torch import to_source, to_torch
from tests.graphs import H, N, W, chain
from tests.layers.layer_checks import (
    Reference,
    Sizes,
    check_gradients,
    check_numbers,
    flops,
    held,
    layer_graph,
    refusal,
)
from tests.lower.torch.checks import checked_source

IMAGE: Sizes = (N, 3, H, W)
MATRIX: Sizes = (N, 3)
SIGNAL: Sizes = (N, 3, H)
VOLUME: Sizes = (N, 3, 2, H, W)


def stored(x: Tensor, running_mean: Tensor, running_var: Tensor, **held: Tensor) -> Tensor:
    """By the running statistics."""
    affine = held.get("weight"), held.get("bias")
    return F.batch_norm(x, running_mean, running_var, *affine, eps=1e-3)


def of_batch(x: Tensor, weight: Tensor | None = None, bias: Tensor | None = None) -> Tensor:
    """By the batch's statistics, with the biased variance."""
    axes = [axis for axis in range(x.dim()) if axis != 1]
    mean = x.mean(axes, keepdim=True)
    variance = (x - mean).square().mean(axes, keepdim=True)
    y = (x - mean) / (variance + 1e-3).sqrt()
    if weight is None or bias is None:
        return y
    shape = (-1, *[1] * (x.dim() - 2))
    return y * weight.view(shape) + bias.view(shape)


@pytest.mark.parametrize("shape", [IMAGE, MATRIX, SIGNAL, VOLUME])
@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("use", [None, True, False])
def test_batch_norm(use: bool | None, affine: bool, shape: Sizes) -> None:
    layer = BatchNorm(eps=1e-3, affine=affine, use_global_stats=use)
    check_numbers(layer, [shape], of_batch if use is False else stored)
    check_gradients(layer, shape)


def trained(layer: BatchNorm, shape: Sizes, x: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    model = to_torch(layer_graph(layer, shape)).train()
    return model(x), dict(model.named_buffers())


@pytest.mark.parametrize("shape", [IMAGE, MATRIX, SIGNAL, VOLUME])
def test_batch_norm_in_training(shape: Sizes) -> None:
    torch.manual_seed(0)
    x = torch.randn(7, 3, *[5] * (len(shape) - 2)) * 2 + 1
    axes = [axis for axis in range(x.dim()) if axis != 1]

    y, buffers = trained(BatchNorm(moving_average_fraction=0.8), shape, x)
    torch.testing.assert_close(y, F.batch_norm(x, None, None, training=True))
    torch.testing.assert_close(buffers["here.running_mean"], 0.2 * x.mean(axes))
    # The running variance is the unbiased one: divided by m - 1.
    unbiased = 0.8 + 0.2 * x.var(axes, correction=1)
    torch.testing.assert_close(buffers["here.running_var"], unbiased)
    assert buffers["here.num_batches_tracked"] == 1

    y, buffers = trained(BatchNorm(use_global_stats=True), shape, x)
    torch.testing.assert_close(y, x / (1 + 1e-5) ** 0.5)
    assert (buffers["here.running_mean"] == 0).all()

    y, buffers = trained(BatchNorm(use_global_stats=False), shape, x)
    torch.testing.assert_close(y, F.batch_norm(x, None, None, training=True))
    assert not buffers


def test_batch_norm_as_text() -> None:
    for use, text in (
        (None, "nn.BatchNorm2d(3)"),
        (True, "FixedBatchNorm(3)"),
        (False, "nn.BatchNorm2d(3, track_running_stats=False)"),
    ):
        assert text in to_source(layer_graph(BatchNorm(use_global_stats=use), IMAGE))
    checked_source(chain((N, 3, 4, 4), BatchNorm(use_global_stats=True), BatchNorm()))


def test_weights() -> None:
    learned = {"weight": (3,), "bias": (3,)}
    running: dict[str, tuple[int, ...]] = {
        "running_mean": (3,),
        "running_var": (3,),
        "num_batches_tracked": (),
    }
    assert held(BatchNorm(), IMAGE) == learned | running
    assert held(BatchNorm(affine=False, use_global_stats=True), MATRIX) == running
    assert held(BatchNorm(use_global_stats=False), IMAGE) == learned
    assert held(MVN(), IMAGE) == {}
    assert held(Normalize(), IMAGE) == {"weight": (1,)}
    assert held(Normalize(channel_shared=False), IMAGE) == {"weight": (3,)}


@pytest.mark.parametrize("variance", [True, False])
@pytest.mark.parametrize("across", [True, False])
@pytest.mark.parametrize("shape", [IMAGE, (N, 3, H), (N, H, 4, 2, W)])
def test_mvn(shape: Sizes, across: bool, variance: bool) -> None:
    axes = list(range(1 if across else 2, len(shape)))

    def reference(x: Tensor) -> Tensor:
        centred = x - x.mean(axes, keepdim=True)
        deviation = centred.square().mean(axes, keepdim=True).sqrt()
        return centred / (deviation + 0.01) if variance else centred

    layer = MVN(across_channels=across, normalize_variance=variance, eps=0.01)
    check_numbers(layer, [shape], reference)
    check_gradients(layer, shape)


def test_mvn_of_vectors_and_of_what_has_no_deviation() -> None:
    layer = MVN(across_channels=True)
    check_numbers(layer, [MATRIX], lambda x: (x - x.mean(1, True)) / x.std(1, False, True))
    check_gradients(MVN(), IMAGE, inputs=[torch.full((2, 3, 4, 4), 0.5)])
    y = to_torch(layer_graph(MVN(), IMAGE))(torch.full((2, 3, 4, 4), 0.5))
    assert (y == 0).all()


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("across", [True, False])
@pytest.mark.parametrize("shape", [IMAGE, MATRIX, (N, 3, H)])
def test_normalize(shape: Sizes, across: bool, shared: bool) -> None:
    axes = list(range(1, len(shape))) if across else [1]

    def reference(x: Tensor, weight: Tensor) -> Tensor:
        length = (x.square().sum(axes, keepdim=True) + 0.1).sqrt()
        return x / length * weight.view(-1, *[1] * (len(shape) - 2))

    layer = Normalize(across_spatial=across, channel_shared=shared, eps=0.1)
    check_numbers(layer, [shape], reference)
    check_gradients(layer, shape)


def test_normalize_of_nothing() -> None:
    check_gradients(Normalize(), IMAGE, inputs=[torch.zeros(2, 3, 4, 4)])


def test_normalize_as_in_ssd() -> None:
    fill = Filler(value=20)
    layer = Normalize(across_spatial=False, channel_shared=False, scale_filler=fill)
    graph = layer_graph(layer, IMAGE)
    source = checked_source(graph)
    assert "L2Norm(3, across_spatial=False)" in source
    assert "nn.init.constant_(module.weight, 20.0)" in source
    assert to_torch(graph).get_parameter("here.weight").tolist() == [20, 20, 20]


@pytest.mark.parametrize(
    ("layer", "count"),
    [
        (BatchNorm(), 2 * 60),
        (BatchNorm(affine=False, use_global_stats=True), 2 * 60),
        # Three groups of 20: 5·20 + 2 each; scale and shift 2 an element.
        (BatchNorm(use_global_stats=False), 3 * 102 + 2 * 60),
        (BatchNorm(use_global_stats=False, affine=False), 3 * 102),
        (MVN(), 3 * 102),
        (MVN(across_channels=True), 5 * 60 + 2),
        (MVN(normalize_variance=False), 2 * 60),
        # One sum of 60 squares, or 20 of 3.
        (Normalize(), 4 * 60 + 1),
        (Normalize(across_spatial=False, channel_shared=False), 20 * (4 * 3 + 1)),
    ],
)
def test_flops(layer: BatchNorm | MVN | Normalize, count: int) -> None:
    assert flops(layer, (N, 3, 4, 5)) == count


REFUSED: list[tuple[BatchNorm | MVN | Normalize, tuple[Size, ...], str]] = [
    (BatchNorm(), (N,), "BatchNorm needs a bottom of two to five axes, N×C×…, but reads N"),
    (
        BatchNorm(),
        (N, 3, 4, 4, 4, 4),
        "BatchNorm needs a bottom of two to five axes, N×C×…, but reads N×3×4×4×4×4",
    ),
    (BatchNorm(), (N, H), "BatchNorm needs to know the number of channels, which is H here"),
    (MVN(), MATRIX, "MVN needs a bottom of three axes or more, N×C×…, but reads N×3"),
    (
        MVN(across_channels=True),
        (N,),
        "MVN needs a bottom of two axes or more, N×C×…, but reads N",
    ),
    (Normalize(), (N,), "Normalize needs a bottom of two axes or more, N×C×…, but reads N"),
    (
        Normalize(channel_shared=False),
        (N, H, 2),
        "Normalize needs to know the number of channels, which is H here",
    ),
    (
        Normalize(scale_filler=Filler(type="bilinear")),
        IMAGE,
        "a bilinear filler fills square kernels, but this tensor has 1 axis, not four",
    ),
]


@pytest.mark.parametrize(("layer", "shape", "message"), REFUSED)
def test_refusals(layer: BatchNorm | MVN | Normalize, shape: Sizes, message: str) -> None:
    assert refusal(layer, shape).message == message


def test_references_are_what_pytorch_gives() -> None:
    """The batch's statistics by hand are those of PyTorch's own function."""
    x = torch.randn(4, 3, 5, 5, dtype=torch.float64)
    reference: Reference = of_batch
    torch.testing.assert_close(reference(x), F.batch_norm(x, None, None, training=True, eps=1e-3))
