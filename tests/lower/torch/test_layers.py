"""Each layer in PyTorch against a reference computed by hand."""

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import netspec
from netspec.layers import CATALOGUE
from netspec.lower.torch import to_source, to_torch
from netspec.lower.torch.layers.catalogue import lowered_layers
from tests.lower.torch.checks import checked_source

Reference = Callable[[Tensor, nn.Module], Tensor]


def network(layers: str, shape: str = "[N, 4, 9, 11]") -> netspec.Graph:
    return netspec.loads(f"netspec: 1\nname: Net\ninputs: {{data: {shape}}}\nlayers:\n{layers}")


def weight(model: nn.Module, name: str = "a.weight") -> Tensor:
    return model.get_parameter(name).detach()


CASES: dict[str, tuple[str, str, Reference]] = {
    "convolution": (
        "num_output: 6, kernel_size: [1, 3], stride: [2, 1], pad: [0, 1], group: 2, "
        "type: Convolution",
        "nn.Conv2d(4, 6, (1, 3), stride=(2, 1), padding=(0, 1), groups=2)",
        lambda x, m: F.conv2d(x, weight(m), weight(m, "a.bias"), (2, 1), (0, 1), groups=2),
    ),
    "dilation": (
        "num_output: 6, kernel_size: 3, dilation: 2, bias_term: false, type: Convolution",
        "nn.Conv2d(4, 6, 3, dilation=2, bias=False)",
        lambda x, m: F.conv2d(x, weight(m), dilation=2),
    ),
    "inner_product": (
        "num_output: 5, type: InnerProduct",
        "self.a(data.flatten(1))",
        lambda x, m: x.reshape(2, -1) @ weight(m).T + weight(m, "a.bias"),
    ),
    "inner_product_axis": (
        "num_output: 5, axis: -2, type: InnerProduct, bias_term: false",
        "self.a(data.flatten(2))",
        lambda x, m: x.reshape(2, 4, -1) @ weight(m).T,
    ),
    "inner_product_last_axis": (
        "num_output: 5, axis: 3, type: InnerProduct",
        "return self.a(data)",
        lambda x, m: x @ weight(m).T + weight(m, "a.bias"),
    ),
    "inner_product_transpose": (
        "num_output: 5, transpose: true, type: InnerProduct",
        "TransposedLinear(396, 5)",
        lambda x, m: x.reshape(2, -1) @ weight(m) + weight(m, "a.bias"),
    ),
    "max_pooling": (
        "kernel_size: 3, type: Pooling",
        "nn.MaxPool2d(3, stride=1)",
        lambda x, m: F.max_pool2d(x, 3, 1),
    ),
    "max_pooling_ceil": (
        "kernel_size: [2, 3], stride: 2, pad: 1, round_mode: CEIL, type: Pooling",
        "nn.MaxPool2d((2, 3), stride=2, padding=1, ceil_mode=True)",
        lambda x, m: F.max_pool2d(x, (2, 3), 2, 1, ceil_mode=True),
    ),
    "average_pooling": (
        "pool: AVE, kernel_size: 2, stride: 2, pad: 1, count_include_pad: false, type: Pooling",
        "nn.AvgPool2d(2, padding=1, count_include_pad=False)",
        lambda x, m: F.avg_pool2d(x, 2, 2, 1, count_include_pad=False),
    ),
    "global_average": (
        "pool: AVE, global_pooling: true, type: Pooling",
        "nn.AdaptiveAvgPool2d(1)",
        lambda x, m: x.mean((2, 3), keepdim=True),
    ),
    "global_maximum": (
        "global_pooling: true, type: Pooling",
        "nn.AdaptiveMaxPool2d(1)",
        lambda x, m: x.amax((2, 3), keepdim=True),
    ),
    "adaptive": (
        "pool: AVE, output_size: [2, 3], type: Pooling",
        "nn.AdaptiveAvgPool2d((2, 3))",
        lambda x, m: F.adaptive_avg_pool2d(x, (2, 3)),
    ),
    "lrn": (
        "local_size: 3, alpha: 2, beta: 0.5, k: 3, type: LRN",
        "nn.LocalResponseNorm(3, alpha=2.0, beta=0.5, k=3.0)",
        lambda x, m: x / (3 + 2 / 3 * neighbours(x * x)) ** 0.5,
    ),
    "batch_norm": (
        "eps: 0.001, moving_average_fraction: 0.99, type: BatchNorm",
        "nn.BatchNorm2d(4, eps=0.001, momentum=0.01)",
        lambda x, m: x / (1 + 0.001) ** 0.5,
    ),
    "batch_norm_plain": (
        "affine: false, type: BatchNorm",
        "nn.BatchNorm2d(4, affine=False)",
        lambda x, m: x / (1 + 1e-5) ** 0.5,
    ),
    "relu": ("type: ReLU", "nn.ReLU()", lambda x, m: x.clamp(min=0)),
    "leaky_relu": (
        "negative_slope: 0.25, type: ReLU",
        "nn.LeakyReLU(0.25)",
        lambda x, m: torch.where(x > 0, x, x / 4),
    ),
    "softmax": (
        "axis: -1, type: Softmax",
        "nn.Softmax(dim=-1)",
        lambda x, m: x.exp() / x.exp().sum(-1, keepdim=True),
    ),
    "dropout": ("dropout_ratio: 0.2, type: Dropout", "nn.Dropout(0.2)", lambda x, m: x),
    "flatten": (
        "axis: 1, end_axis: 2, type: Flatten",
        "return data.flatten(1, 2)",
        lambda x, m: x.reshape(2, 36, 11),
    ),
    "pad": (
        "pad: [1, 2, 0, 3], type: Pad",
        "nn.ZeroPad2d((0, 3, 1, 2))",
        lambda x, m: F.pad(x, (0, 3, 1, 2)),
    ),
    "pad_with_value": (
        "pad: [1, 1, 1, 1], value: -2, type: Pad",
        "nn.ConstantPad2d(1, -2.0)",
        lambda x, m: F.pad(x, (1, 1, 1, 1), value=-2),
    ),
    "pad_channels": (
        "axis: 1, before: 1, after: 2, type: Pad",
        "F.pad(data, (0, 0, 0, 0, 1, 2))",
        lambda x, m: torch.cat([x[:, :1] * 0, x, x[:, :2] * 0], 1),
    ),
    "concat": (
        "axis: 2, bottom: [data, data], type: Concat",
        "return torch.cat([data, data], 2)",
        lambda x, m: torch.cat([x, x], 2),
    ),
    "sum": (
        "bottom: [data, data, data], coeff: [-1, 1, 0.5], type: Eltwise",
        "return -data + data + 0.5 * data",
        lambda x, m: x / 2,
    ),
    "product": (
        "bottom: [data, data, data], operation: PROD, type: Eltwise",
        "return data * data * data",
        lambda x, m: x**3,
    ),
    "maximum": (
        "bottom: [data, data, data], operation: MAX, type: Eltwise",
        "return torch.maximum(torch.maximum(data, data), data)",
        lambda x, m: x,
    ),
}


def neighbours(x: Tensor) -> Tensor:
    """The sum over a channel and the two beside it."""
    padded = F.pad(x, (0, 0, 0, 0, 1, 1))
    return padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]


@pytest.mark.parametrize("case", CASES)
def test_layer(case: str) -> None:
    fields, text, reference = CASES[case]
    graph = network(f"  - {{name: a, {fields}}}")
    source = checked_source(graph)
    assert text in source
    model = to_torch(graph).eval()
    data = torch.randn(2, 4, 9, 11)
    torch.testing.assert_close(model(data), reference(data, model))


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ("type: ReLU", "F.relu(self.a(data), inplace=True)"),
        ("type: ReLU, negative_slope: 0.01", "F.leaky_relu(self.a(data), inplace=True)"),
        ("type: ReLU, negative_slope: -0.5", "F.leaky_relu(self.a(data), -0.5)"),
        ("type: Dropout", "F.dropout(self.a(data), training=self.training)"),
        ("type: LRN", "F.local_response_norm(self.a(data), 5, alpha=1.0)"),
        ("type: Pooling, kernel_size: 2, stride: 2", "F.max_pool2d(self.a(data), 2)"),
        (
            "type: Pooling, pool: AVE, output_size: 1",
            "F.adaptive_avg_pool2d(self.a(data), 1)",
        ),
        ("type: Softmax", "self.a(data).softmax(1)"),
        ("type: Flatten", "self.a(data).flatten(1)"),
    ],
)
def test_a_layer_without_a_name_is_a_function(fields: str, text: str) -> None:
    layers = f"  - {{name: a, type: Convolution, num_output: 4, kernel_size: 1}}\n  - {{{fields}}}"
    assert text in checked_source(network(layers))


def test_batch_norm_of_vectors() -> None:
    graph = network("  - {name: a, type: BatchNorm}", "[N, 7]")
    assert "nn.BatchNorm1d(7)" in checked_source(graph)


def test_every_layer_has_a_lowering() -> None:
    assert set(CATALOGUE.values()) == lowered_layers()


def test_a_long_concatenation_breaks() -> None:
    names = [f"branch_with_a_long_name_{number}" for number in range(4)]
    layers = "".join(
        f"  - {{name: {name}, type: Convolution, num_output: 2, kernel_size: 1, bottom: data}}\n"
        for name in names
    )
    layers += f"  - {{name: all, type: Concat, bottom: [{', '.join(names)}]}}\n"
    layers += f"  - {{name: some, type: Eltwise, bottom: [{', '.join(names)}]}}\n"
    layers += "  - {name: end, type: Concat, bottom: [all, some]}"
    checked_source(network(layers))


@pytest.mark.parametrize("left", ["stride: 1", "bias_term: false"])
@pytest.mark.parametrize("right", ["stride: 1", "bias_term: false"])
def test_biases_of_some_layers(left: str, right: str) -> None:
    layers = f"""
  - {{name: a, type: Convolution, num_output: 4, kernel_size: 1, {left}}}
  - {{name: b, type: Convolution, num_output: 4, kernel_size: 1, {right}}}
"""
    checked_source(network(layers))


def test_the_source_is_the_same_every_time() -> None:
    graph = network("  - {name: a, type: ReLU}")
    assert to_source(graph) == to_source(network("  - {name: a, type: ReLU}"))
