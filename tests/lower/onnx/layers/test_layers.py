"""Every layer but Pooling: valid at every opset, and equal to PyTorch in ONNX Runtime."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from netspec.graph import Graph, Size
from netspec.layers import CATALOGUE, Layer
from netspec.layers.activation import ReLU
from netspec.layers.arithmetic import Eltwise
from netspec.layers.convolution import Convolution
from netspec.layers.inner_product import InnerProduct
from netspec.layers.lrn import LRN
from netspec.layers.normalization import BatchNorm
from netspec.layers.regularization import Dropout
from netspec.layers.shape import Concat, Flatten, Pad
from netspec.layers.softmax import Softmax
from netspec.lower.onnx.layers.catalogue import LOWERINGS, REFUSED
from netspec.lower.weights import fresh
from tests.graphs import Builder, H, N, W, chain
from tests.lower.onnx.checks import (
    OPSETS,
    assert_close,
    checked_model,
    image,
    run,
    weights_at_random,
)

Shape = tuple[Size, ...]
Reference = Callable[..., Tensor]
"""Of the bottoms and, by their last names, the weights."""


def linear(axis: int, transpose: bool = False) -> Reference:
    def apply(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        return F.linear(x.flatten(axis), weight.T if transpose else weight, bias)

    return apply


def batch_norm(eps: float) -> Reference:
    def apply(x: Tensor, **held: Tensor) -> Tensor:
        affine = held.get("weight"), held.get("bias")
        return F.batch_norm(x, held["running_mean"], held["running_var"], *affine, eps=eps)

    return apply


def flattened(axis: int, end: int) -> Reference:
    return lambda x: x.flatten(axis, end)


CASES: dict[str, tuple[Layer, list[Shape], Reference]] = {
    "conv": (
        Convolution(num_output=4, kernel_size=(3, 3)),
        [(N, 3, 8, 9)],
        F.conv2d,
    ),
    "conv-everything": (
        Convolution(
            num_output=6,
            kernel_size=(3, 2),
            stride=(2, 3),
            pad=(2, 1),
            dilation=(2, 3),
            group=2,
            bias_term=False,
        ),
        [(N, 4, H, W)],
        lambda x, weight: F.conv2d(x, weight, None, (2, 3), (2, 1), (2, 3), 2),
    ),
    "fc-matrix": (InnerProduct(num_output=5), [(N, 7)], linear(1)),
    "fc-image": (InnerProduct(num_output=5), [(N, 3, 4, 2)], linear(1)),
    "fc-no-bias": (InnerProduct(num_output=5, bias_term=False), [(N, 7)], linear(1)),
    "fc-transpose": (InnerProduct(num_output=5, transpose=True), [(N, 3, 2)], linear(1, True)),
    "fc-last-axis": (InnerProduct(num_output=5, axis=-1), [(N, H, W, 6)], linear(3)),
    "fc-last-transpose": (
        InnerProduct(num_output=5, axis=-1, transpose=True),
        [(N, H, 6)],
        linear(2, True),
    ),
    "fc-inner-axis": (InnerProduct(num_output=5, axis=2), [(N, H, 3, 4)], linear(2)),
    "fc-whole": (InnerProduct(num_output=5, axis=0), [(2, 3, 4)], linear(0)),
    "fc-vector": (InnerProduct(num_output=5, axis=0, bias_term=False), [(6,)], linear(0)),
    "lrn": (
        LRN(local_size=5, alpha=1e-2, beta=0.75, k=2.0),
        [(N, 9, H, W)],
        lambda x: F.local_response_norm(x, 5, 1e-2, 0.75, 2.0),
    ),
    "lrn-wider-than-channels": (
        LRN(local_size=7, alpha=0.5, beta=0.5),
        [(N, 2, 4, 4)],
        lambda x: F.local_response_norm(x, 7, 0.5, 0.5, 1.0),
    ),
    "bn-image": (BatchNorm(eps=1e-3), [(N, 3, H, W)], batch_norm(1e-3)),
    "bn-matrix": (BatchNorm(), [(N, 3)], batch_norm(1e-5)),
    "bn-plain": (BatchNorm(affine=False), [(N, 3, 4, 4)], batch_norm(1e-5)),
    "bn-plain-matrix": (BatchNorm(affine=False, eps=0.0), [(N, 3)], batch_norm(0.0)),
    "relu": (ReLU(), [(N, 3, H, W)], F.relu),
    "relu-slope": (ReLU(negative_slope=0.1), [(N, 3)], lambda x: F.leaky_relu(x, 0.1)),
    "relu-negative": (ReLU(negative_slope=-0.5), [(N, 3)], lambda x: F.leaky_relu(x, -0.5)),
    "softmax": (Softmax(), [(N, 3)], lambda x: x.softmax(1)),
    "softmax-channels": (Softmax(), [(N, 3, H, W)], lambda x: x.softmax(1)),
    "softmax-last": (Softmax(axis=-1), [(N, 3, H, W)], lambda x: x.softmax(-1)),
    "softmax-batch": (Softmax(axis=0), [(N, 3)], lambda x: x.softmax(0)),
    "dropout": (Dropout(dropout_ratio=0.9), [(N, 3)], lambda x: x),
    "sum": (Eltwise(), [(N, 3, H, W)] * 2, lambda a, b: a + b),
    "sum-of-four": (Eltwise(), [(N, 3)] * 4, lambda a, b, c, d: a + b + c + d),
    "difference": (Eltwise(coeff=[1.0, -1.0]), [(N, 3)] * 2, lambda a, b: a - b),
    "weighted": (
        Eltwise(coeff=[0.5, 1.0, 2.0]),
        [(N, 3)] * 3,
        lambda a, b, c: 0.5 * a + b + 2 * c,
    ),
    "product": (Eltwise(operation="PROD"), [(N, 3)] * 3, lambda a, b, c: a * b * c),
    "maximum": (
        Eltwise(operation="MAX"),
        [(N, 3)] * 3,
        lambda a, b, c: torch.maximum(torch.maximum(a, b), c),
    ),
    "pad-image": (
        Pad(pad=[1, 2, 0, 3]),
        [(N, 3, H, W)],
        lambda x: F.pad(x, (0, 3, 1, 2)),
    ),
    "pad-channels": (
        Pad(axis=-3, before=2, after=1, value=-0.5),
        [(N, 3, H, W)],
        lambda x: F.pad(x, (0, 0, 0, 0, 2, 1), value=-0.5),
    ),
    "concat": (
        Concat(),
        [(N, 3, H, W), (N, 5, H, W)],
        lambda *bottoms: torch.cat(bottoms, 1),
    ),
    "concat-last": (
        Concat(axis=-1),
        [(N, 3, H), (N, 3, W)],
        lambda *bottoms: torch.cat(bottoms, -1),
    ),
    "concat-alone": (Concat(), [(N, 3)], lambda x: x),
    "concat-batches": (Concat(axis=0), [(N, 3), (N, 3)], lambda *bottoms: torch.cat(bottoms, 0)),
}

FLATTENED: list[tuple[Shape, int, int]] = [
    ((N, 3, 4, 5), 1, -1),
    ((N, 3, H, W), 1, -1),
    ((N, 7), 1, -1),
    ((N, 3, H, W), 2, 3),
    ((N, 3, H, W), 1, 2),
    ((N, 3, H, W), 0, 1),
    ((N, 3, H, W), 0, 2),
    ((N, 3, H, W), 0, 3),
    ((N, 3, H, W), 1, 1),
    ((N, 3, H, W), 0, 0),
    ((N, 3, 4, 5), 0, 1),
    ((2, H, W, 5), 0, 0),
    ((2, 3, H, W), 0, 1),
    ((6,), 0, 0),
]

CASES |= {
    f"flatten-{axis}-{end}-of-{'x'.join(map(str, shape))}": (
        Flatten(axis=axis, end_axis=end),
        [shape],
        flattened(axis, end),
    )
    for shape, axis, end in FLATTENED
}


def case_graph(layer: Layer, shapes: list[Shape]) -> Graph:
    builder = Builder()
    inputs = [builder.input(f"in{number}", *shape) for number, shape in enumerate(shapes)]
    return builder.graph(builder.layer("here.it", layer, *inputs))


@pytest.mark.parametrize("opset", OPSETS)
@pytest.mark.parametrize("name", CASES)
def test_equal_to_torch(name: str, opset: int) -> None:
    layer, shapes, reference = CASES[name]
    graph = case_graph(layer, shapes)
    weights = weights_at_random(graph)
    model = checked_model(graph, weights, opset)

    known = {N: 2, H: 5, W: 6}
    inputs = [
        image(*(size if isinstance(size, int) else known[size] for size in shape)) + number
        for number, shape in enumerate(shapes)
    ]
    (actual,) = run(model, *inputs)

    tensors = {key.rpartition(".")[2]: torch.from_numpy(weights[key]) for key in weights}
    expected = reference(*map(torch.from_numpy, inputs), **tensors)
    assert_close(actual, expected.numpy())


def test_every_layer_has_a_lowering_or_a_reason() -> None:
    assert LOWERINGS.keys() | REFUSED.keys() == set(CATALOGUE.values())
    assert not LOWERINGS.keys() & REFUSED.keys()


def test_a_stride_that_turns_heights_into_quotients() -> None:
    layers = [Convolution(num_output=4, kernel_size=(3, 3), stride=(2, 2), pad=(1, 1))] * 2
    graph = chain((N, 3, H, W), *layers)
    model = checked_model(graph)
    dims = model.graph.output[0].type.tensor_type.shape.dim
    assert [size.dim_param or size.dim_value for size in dims] == ["N", 4, "ceil(H/4)", "ceil(W/4)"]
    assert run(model, image(2, 3, 9, 17))[0].shape == (2, 4, 3, 5)


def test_fresh_weights_in_a_whole_network() -> None:
    graph = chain(
        (N, 1, 28, 28),
        Convolution(num_output=4, kernel_size=(5, 5)),
        BatchNorm(),
        ReLU(),
        InnerProduct(num_output=10),
        Softmax(),
    )
    weights = fresh(graph, seed=3)
    x = torch.from_numpy(image(2, 1, 28, 28))
    (actual,) = run(checked_model(graph, weights), x.numpy())

    w = {name: torch.from_numpy(weights[name]) for name in weights}
    x = F.conv2d(x, w["l0.weight"], w["l0.bias"])
    affine = w["l1.weight"], w["l1.bias"]
    x = F.relu(F.batch_norm(x, w["l1.running_mean"], w["l1.running_var"], *affine))
    x = F.linear(x.flatten(1), w["l3.weight"], w["l3.bias"]).softmax(1)
    assert_close(actual, x.numpy())
