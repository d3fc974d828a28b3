"""BatchNorm folded and dead layers left out: the same results from fewer nodes."""

import numpy as np
import pytest
from onnx import numpy_helper

from netspec import loads
from netspec.diagnostics import SpecError
from netspec.graph import Graph, Phase
from netspec.graph.check import faults
from netspec.layers import Layer
from netspec.layers.activation import ReLU
from netspec.layers.arithmetic import Eltwise
from netspec.layers.convolution import Convolution
from netspec.layers.inner_product import InnerProduct
from netspec.layers.normalization import BatchNorm
from netspec.layers.regularization import Dropout
from netspec.lower.onnx.model import to_model
from netspec.lower.onnx.options import Options
from netspec.lower.onnx.passes.simplify import fold_batchnorm
from netspec.lower.weights import Weights
from tests.graphs import Builder, N, chain
from tests.lower.onnx.checks import checked_model, image, run, weights_at_random


def folded_nodes(graph: Graph, *shape: int) -> list[str]:
    """The nodes of the simplified model, which gives what the whole one gives."""
    weights = weights_at_random(graph)
    whole = checked_model(graph, weights)
    simple = checked_model(graph, options=Options(weights, fold_batchnorm=True))
    x = image(*shape)
    for found, expected in zip(run(simple, x), run(whole, x), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
    assert [each.name for each in simple.graph.output] == [each.name for each in whole.graph.output]
    return [node.name for node in simple.graph.node]


@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no-bias"])
@pytest.mark.parametrize("affine", [True, False], ids=["affine", "plain"])
def test_behind_a_convolution(bias: bool, affine: bool) -> None:
    conv = Convolution(num_output=4, kernel_size=(3, 3), pad=(1, 1), group=2, bias_term=bias)
    graph = chain((N, 2, 5, 5), conv, BatchNorm(affine=affine), ReLU())
    assert folded_nodes(graph, 2, 2, 5, 5) == ["l0", "l2"]


@pytest.mark.parametrize("places", [(5,), (3, 5, 4)])
def test_along_one_and_three_axes(places: tuple[int, ...]) -> None:
    conv = Convolution(num_output=4, kernel_size=3, pad=1, group=2)
    graph = chain((N, 2, *places), conv, BatchNorm(), ReLU())
    assert folded_nodes(graph, 2, 2, *places) == ["l0", "l2"]


@pytest.mark.parametrize("transpose", [True, False], ids=["transposed", "plain"])
@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no-bias"])
def test_behind_an_inner_product(transpose: bool, bias: bool) -> None:
    layer = InnerProduct(num_output=4, transpose=transpose, bias_term=bias)
    assert folded_nodes(chain((N, 3), layer, BatchNorm()), 2, 3) == ["l0"]


def test_many_rows() -> None:
    layer = InnerProduct(num_output=700)
    assert folded_nodes(chain((N, 3000), layer, BatchNorm()), 2, 3000) == ["l0"]


def test_the_users_weights_stay_what_they_are() -> None:
    graph = chain((N, 3), InnerProduct(num_output=4), BatchNorm())
    weights = dict(weights_at_random(graph))
    before = {name: values.copy() for name, values in weights.items()}
    checked_model(graph, options=Options(weights, fold_batchnorm=True))
    for name, values in before.items():
        np.testing.assert_array_equal(weights[name], values)


def test_what_somebody_else_reads_stays() -> None:
    builder = Builder()
    one = builder.layer("one", InnerProduct(num_output=4), builder.input("data", N, 3))
    norm = builder.layer("norm", BatchNorm(), one)
    graph = builder.graph(builder.layer("sum", Eltwise(), one, norm))
    assert folded_nodes(graph, 2, 3) == ["one", "norm", "sum"]


def test_what_is_a_result_stays() -> None:
    builder = Builder()
    one = builder.layer("one", InnerProduct(num_output=4), builder.input("data", N, 3))
    graph = builder.graph(one, builder.layer("norm", BatchNorm(), one))
    assert folded_nodes(graph, 2, 3) == ["one", "norm"]


def test_shared_weights_stay() -> None:
    builder = Builder()
    layer = InnerProduct(num_output=3)
    one = builder.layer("one", layer, builder.input("data", N, 3))
    norm = builder.layer("norm", BatchNorm(), one)
    two = builder.layer("two", layer, norm, share="one")
    graph = builder.graph(builder.layer("norm2", BatchNorm(), two))
    assert folded_nodes(graph, 2, 3) == ["one", "norm", "two", "norm2"]


@pytest.mark.parametrize("layer", [ReLU(), BatchNorm(affine=False), InnerProduct(num_output=5)])
def test_what_cannot_take_it_in(layer: Layer) -> None:
    graph = chain((N, 3), layer, ReLU(), BatchNorm())
    assert folded_nodes(graph, 2, 3) == ["l0", "l1", "l2"]


def test_an_inner_product_of_inner_vectors_does_not_take_it_in() -> None:
    graph = chain((N, 3, 4, 5), InnerProduct(num_output=5, axis=-1), BatchNorm())
    assert "l1" in folded_nodes(graph, 2, 3, 4, 5)


def test_dropout_is_left_out_but_for_a_result() -> None:
    graph = chain((N, 3), Dropout(), InnerProduct(num_output=2), Dropout(), BatchNorm(), Dropout())
    assert folded_nodes(graph, 2, 3) == ["l1", "l4"]


def test_the_order_of_weights_is_theirs() -> None:
    graph = chain((N, 3), InnerProduct(num_output=2, bias_term=False), BatchNorm())
    weights: Weights = weights_at_random(graph)
    model = checked_model(graph, options=Options(weights, fold_batchnorm=True))
    assert [each.name for each in model.graph.initializer] == ["l0.weight", "l0.bias"]


@pytest.mark.parametrize(
    ("name", "value", "into"),
    [
        ("l0.weight", 1e38, "l0.weight"),
        ("l0.bias", -1e38, "l0.bias"),
        ("l1.running_var", -1.0, "l0.weight"),
        ("l1.weight", 3e38, "l0.weight"),
    ],
)
def test_what_cannot_be_folded_within_the_type_is_refused(
    name: str, value: float, into: str
) -> None:
    graph = chain((N, 3), InnerProduct(num_output=4), BatchNorm())
    weights = dict(weights_at_random(graph)) | {"l1.weight": np.full(4, 10, np.float32)}
    weights[name] = np.full_like(weights[name], value)
    with pytest.raises(SpecError) as caught:
        to_model(graph, Options(weights, fold_batchnorm=True))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "weights-format"
    assert diagnostic.message == (
        f"folding `l1` into `{into}` makes finite values infinite or no numbers"
    )
    assert diagnostic.help == "leave the BatchNorm where it is: without `--fold-batchnorm`"


def test_what_is_infinite_stays_so() -> None:
    graph = chain((N, 3), InnerProduct(num_output=2), BatchNorm())
    weights = dict(weights_at_random(graph))
    weights["l0.weight"] = np.array([[np.inf, 1, 1], [np.nan, 1, 1]], np.float32)
    weights["l1.running_mean"] = np.array([np.inf, 1], np.float32)
    model = to_model(graph, Options(weights, fold_batchnorm=True))
    weight, bias = map(numpy_helper.to_array, model.graph.initializer)
    np.testing.assert_array_equal(np.isfinite(weight), np.isfinite(weights["l0.weight"]))
    assert np.isfinite(bias).tolist() == [False, True]


def test_a_norm_of_one_phase_makes_its_layer_one_of_that_phase() -> None:
    text = (
        "netspec: 1\nname: Net\ninputs: {data: [N, 3, 4, 4]}\n"
        "layers:\n"
        "  - {name: conv, type: Convolution, num_output: 4, kernel_size: 1}\n"
        "  - {name: norm, type: BatchNorm, phase: TEST}\n"
        "outputs: [norm]\n"
        "allow: [bias-before-batchnorm]\n"
    )
    folded, _ = fold_batchnorm(loads(text).phase("TEST"), {})
    assert [(node.path, node.phase) for node in folded] == [("conv", Phase.TEST)]
    assert faults(folded) == []
