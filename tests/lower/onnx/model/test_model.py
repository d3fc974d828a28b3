"""The model around the layers: names, types, versions, metadata, and what is refused."""

import io
from typing import Any, ClassVar

import numpy as np
import onnx
import pytest

from netspec._version import __version__
from netspec.diagnostics import SpecError
from netspec.graph import Graph, Phase
from netspec.layers.activation import ReLU
from netspec.layers.arithmetic import Eltwise
from netspec.layers.base import ElementwiseLayer
from netspec.layers.convolution import Convolution
from netspec.layers.inner_product import InnerProduct
from netspec.layers.losses import SoftmaxWithLoss
from netspec.layers.normalization import BatchNorm
from netspec.layers.pooling import Pooling
from netspec.layers.regularization import Dropout
from netspec.layers.softmax import Softmax
from netspec.lower.onnx.model import to_model, write
from netspec.lower.onnx.opsets import DEFAULT_OPSETS, NEWEST_OPSET, OLDEST_OPSET
from netspec.lower.onnx.options import Options
from netspec.lower.weights import fresh
from tests.graphs import Builder, H, N, W, chain
from tests.lower.onnx.checks import NEWEST, NEWEST_WRITTEN, checked_model, image, run, shapes

IR_VERSIONS = {13: 7, 14: 7, 15: 8, 17: 8, 18: 8, 19: 9, 20: 9, 21: 10, 24: 12, 25: 13, 28: 14}


def small_network() -> Graph:
    return chain(
        (N, 3, H, W),
        Convolution(num_output=4, kernel_size=(3, 3), stride=(2, 2)),
        BatchNorm(),
        Dropout(),
        Pooling(pool="AVE", global_pooling=True),
        InnerProduct(num_output=10),
        Softmax(),
    )


def written(graph: Graph, **options: Any) -> bytes:
    file = io.BytesIO()
    write(graph, file, Options(**options))
    return file.getvalue()


def test_names_are_the_graphs() -> None:
    model = checked_model(small_network())
    graph = model.graph
    assert graph.name == "net"
    assert [node.name for node in graph.node if "/" not in node.name] == [f"l{i}" for i in range(6)]
    assert [value.name for value in graph.input] == ["data"]
    assert [value.name for value in graph.output] == ["l5"]
    assert [each.name for each in graph.initializer if "/" not in each.name] == [
        "l0.weight",
        "l0.bias",
        "l1.weight",
        "l1.bias",
        "l1.running_mean",
        "l1.running_var",
        "l4.weight",
        "l4.bias",
    ]
    typed = shapes(model)
    assert typed["data"] == ["N", 3, "H", "W"]
    assert typed["l4/flat"] == ["N", 4]
    assert typed["l0"] == ["N", 4, "ceil(H/2) - 1", "ceil(W/2) - 1"]


def test_metadata() -> None:
    model = checked_model(small_network())
    assert (model.producer_name, model.producer_version) == ("netspec", __version__)
    properties = {each.key: each.value for each in model.metadata_props}
    assert properties == {"spec": "net.yaml", "digest": "0" * 64}


@pytest.mark.parametrize(
    ("opset", "ir_version"), [each for each in IR_VERSIONS.items() if each[0] <= NEWEST_WRITTEN]
)
def test_the_ir_version_is_the_oldest_that_the_opset_allows(opset: int, ir_version: int) -> None:
    model = checked_model(small_network(), opset=opset)
    assert [(each.domain, each.version) for each in model.opset_import] == [("", opset)]
    assert model.ir_version == ir_version


@pytest.mark.parametrize("opset", [OLDEST_OPSET - 1, NEWEST_OPSET + 1])
def test_other_opsets_are_refused(opset: int) -> None:
    graph = small_network()
    with pytest.raises(ValueError, match=f"opset {opset} is not between 13 and 28"):
        to_model(graph, Options(opset=opset))


@pytest.mark.parametrize("opset", [OLDEST_OPSET, DEFAULT_OPSETS["float32"], NEWEST])
def test_the_written_file_is_the_model(opset: int) -> None:
    graph = small_network()
    data = written(graph, opset=opset)
    assert onnx.load_from_string(data) == to_model(graph, Options(opset=opset))
    assert data == written(small_network(), opset=opset)
    (result,) = run(data, image(2, 3, 8, 8))
    np.testing.assert_allclose(result.sum(axis=1), [1, 1], rtol=1e-5)


def test_weights_by_seed_by_file_and_as_made() -> None:
    graph = small_network()
    seven = fresh(graph, seed=7)
    assert written(graph, seed=7) == written(graph, weights=seven)
    assert written(graph, seed=7) == written(graph, weights=dict(seven))
    assert written(graph, seed=7) != written(graph)
    assert to_model(graph, Options(dict(seven))) == to_model(graph, Options(seed=7))


def test_weights_that_do_not_fit_are_refused_before_anything_is_written() -> None:
    file = io.BytesIO()
    with pytest.raises(SpecError, match=r"the weights lack `l0\.weight`, `l0\.bias`"):
        write(small_network(), file, Options({}))
    assert file.getvalue() == b""


def test_weights_that_no_result_depends_on_may_be_missing() -> None:
    builder = Builder()
    hidden = builder.layer("hidden", InnerProduct(num_output=4), builder.input("data", N, 3))
    builder.layer("fc", InnerProduct(num_output=2), hidden)
    graph = builder.graph(hidden)
    backbone = {name: each for name, each in fresh(graph).items() if name.startswith("hidden")}
    model = checked_model(graph, options=Options(backbone))
    assert [each.name for each in model.graph.initializer] == ["hidden.weight", "hidden.bias"]
    with pytest.raises(SpecError, match=r"the weights lack `hidden\.bias`$"):
        to_model(graph, Options({"hidden.weight": backbone["hidden.weight"]}))


def test_an_input_that_is_the_result_needs_no_weights() -> None:
    builder = Builder()
    data = builder.input("data", N, 3)
    builder.layer("fc", InnerProduct(num_output=2), data)
    assert not to_model(builder.graph(data), Options({})).graph.initializer


def test_the_test_phase_alone_is_written() -> None:
    builder = Builder()
    data = builder.input("data", N, 3)
    hidden = builder.layer("hidden", InnerProduct(num_output=4), data)
    auxiliary = builder.layer("aux", InnerProduct(num_output=2), hidden, phase=Phase.TRAIN)
    result = builder.layer("prob", Softmax(), hidden, phase=Phase.TEST)
    model = checked_model(builder.graph(auxiliary, result))
    assert [node.name for node in model.graph.node] == ["hidden", "prob"]
    assert [each.name for each in model.graph.output] == ["prob"]
    assert [each.name for each in model.graph.initializer] == ["hidden.weight", "hidden.bias"]


def test_results_of_the_train_phase_alone_are_refused() -> None:
    builder = Builder()
    data = builder.input("data", N, 3)
    auxiliary = builder.layer("aux", InnerProduct(num_output=2), data, phase=Phase.TRAIN)
    with pytest.raises(SpecError) as caught:
        to_model(builder.graph(auxiliary))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "not-lowerable"
    assert diagnostic.message == (
        "an ONNX file is of the TEST phase, but the TRAIN phase alone gives `aux`"
    )


def test_shared_parameters_stand_once_under_their_owners_name() -> None:
    builder = Builder()
    left, right = builder.input("left", N, 3), builder.input("right", N, 3)
    one = builder.layer("one", InnerProduct(num_output=4), left)
    two = builder.layer("two", InnerProduct(num_output=4), right, share="one")
    model = checked_model(builder.graph(builder.layer("sum", Eltwise(), one, two)))
    assert [each.name for each in model.graph.initializer] == ["one.weight", "one.bias"]
    assert [list(node.input)[1:] for node in model.graph.node[:2]] == [
        ["one.weight", "one.bias"]
    ] * 2


def test_several_outputs_one_of_them_read_again() -> None:
    builder = Builder()
    first = builder.layer("first", ReLU(), builder.input("data", N, 3))
    second = builder.layer("second", Softmax(), first)
    model = checked_model(builder.graph(second, first))
    assert [each.name for each in model.graph.output] == ["second", "first"]
    assert not model.graph.value_info
    assert len(run(model, image(2, 3))) == 2


def test_helper_values_make_way_for_blobs() -> None:
    builder = Builder()
    builder.input("fc/flat", N, 3)
    result = builder.layer("fc", InnerProduct(num_output=2), builder.input("data", N, 3, 2))
    model = checked_model(builder.graph(result))
    assert [node.name for node in model.graph.node] == ["fc/flat_2", "fc"]


class Unheard(ElementwiseLayer):
    """A layer that no target knows."""

    family: ClassVar[str] = "test"
    source: ClassVar[str] = "nowhere"
    flops_rule: ClassVar[str] = "none"


class Unseen(Unheard):
    """Another one."""


def test_all_layers_that_cannot_be_lowered_are_reported() -> None:
    graph = chain((N, 3, H, W), Unheard(), ReLU(), Pooling(output_size=(2, 2)), Unseen())
    with pytest.raises(SpecError) as caught:
        to_model(graph)
    found = [(each.code, each.path, each.message) for each in caught.value.diagnostics]
    assert sorted(found) == [
        ("not-lowerable", "l0", "netspec has no way to express Unheard in ONNX"),
        (
            "not-lowerable",
            "l2",
            "ONNX has no adaptive pooling: its windows must be known, but the bottom's width is W",
        ),
        ("not-lowerable", "l3", "netspec has no way to express Unseen in ONNX"),
    ]


def test_a_loss_is_refused_in_the_test_phase_alone() -> None:
    def graph(phase: Phase | None) -> Graph:
        builder = Builder()
        result = builder.layer("fc", InnerProduct(num_output=2), builder.input("data", N, 3))
        label = builder.input("label", N)
        return builder.graph(
            result, builder.layer("loss", SoftmaxWithLoss(), result, label, phase=phase)
        )

    with pytest.raises(SpecError, match="holds no loss: give loss `phase: TRAIN`"):
        to_model(graph(None))
    checked_model(graph(Phase.TRAIN))


def test_a_blob_called_like_a_parameter_is_refused() -> None:
    builder = Builder()
    data = builder.input("fc.bias", N, 3)
    graph = builder.graph(builder.layer("fc", InnerProduct(num_output=2), data))
    with pytest.raises(SpecError, match=r"a blob and a parameter are both called `fc\.bias`"):
        to_model(graph)
