"""Forms that other readers of ONNX files take: what each is for, and that its numbers are right."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx.shape_inference import infer_shapes

from netspec.graph import Graph
from netspec.layers import Layer
from netspec.layers.activation import ReLU
from netspec.layers.convolution import Convolution
from netspec.layers.inner_product import InnerProduct
from netspec.layers.pooling import Pooling
from netspec.layers.roi import ROIPooling
from netspec.layers.spp import SPP
from netspec.lower.onnx.model import to_model
from netspec.lower.onnx.options import Options
from tests.graphs import Builder, N, chain
from tests.lower.onnx.checks import OPSETS, assert_close, checked_model, image, run


def behind_a_pad(model: onnx.ModelProto) -> set[str]:
    """The operators that read what a Pad gives."""
    padded = {name for node in model.graph.node if node.op_type == "Pad" for name in node.output}
    return {node.op_type for node in model.graph.node if not padded.isdisjoint(node.input)}


AVERAGES: list[Layer] = [
    SPP(pyramid_height=3, pool="AVE"),
    Pooling(pool="AVE", kernel_size=(3, 3), stride=(2, 2), pad=(1, 1), round_mode="CEIL"),
    Pooling(pool="AVE", kernel_size=(2, 2), pad=(2, 2)),
    Pooling(pool="AVE", kernel_size=(2, 2), pad=(2, 2), count_include_pad=False),
    Pooling(pool="STOCHASTIC", kernel_size=(3, 3), pad=(1, 1)),
    Pooling(pool="STOCHASTIC", kernel_size=(2, 2), pad=(2, 2)),
]


@pytest.mark.parametrize("layer", AVERAGES, ids=str)
def test_no_average_right_behind_a_pad(layer: Layer) -> None:
    """Optimizers merge the two and then leave the padding out of the count."""
    assert "AveragePool" not in behind_a_pad(checked_model(chain((N, 3, 13, 9), layer)))


@pytest.mark.parametrize("pool", ["MAX", "AVE"])
def test_a_pyramid_pads_in_its_poolings(pool: str) -> None:
    """A margin of −∞ would be what a quantizer measures."""
    layer = SPP.model_validate({"pyramid_height": 3, "pool": pool})
    model = checked_model(chain((N, 3, 13, 9), layer))
    assert not any(node.op_type == "Pad" for node in model.graph.node)


def test_regions_know_no_infinity() -> None:
    builder = Builder()
    data, regions = builder.input("data", N, 2, 6, 7), builder.input("regions", N, 5)
    layer = ROIPooling(pooled_h=2, pooled_w=2)
    graph = builder.graph(builder.layer("roi", layer, data, regions))
    model = checked_model(graph, opset=22)
    for each in model.graph.initializer:
        assert np.isfinite(onnx.numpy_helper.to_array(each)).all()


def nodes(model: onnx.ModelProto) -> list[str]:
    return [node.op_type for node in model.graph.node]


@pytest.mark.parametrize("axis", [1, -1])
def test_a_bias_of_float16_is_added_apart(axis: int) -> None:
    """Runtimes that compute a Gemm's bias in float32 refuse one of float16."""
    graph = chain((N, 6), InnerProduct(num_output=5, axis=axis))
    assert nodes(checked_model(graph)) == ["Gemm"]
    for opset in OPSETS:
        model = checked_model(graph, options=Options(opset=opset, dtype="float16"))
        assert nodes(model) == ["Gemm", "Add"]
        x = image(3, 6).astype(np.float16)
        (expected,) = run(checked_model(graph), x.astype(np.float32))
        np.testing.assert_allclose(run(model, x)[0], expected, rtol=1e-2, atol=1e-2)
    plain = chain((N, 6), InnerProduct(num_output=5, bias_term=False))
    assert nodes(checked_model(plain, options=Options(dtype="float16"))) == ["Gemm"]


def two_layers() -> Graph:
    return chain((N, 3, 8, 8), Convolution(num_output=4, kernel_size=(3, 3)), ReLU())


def test_values_without_types(tmp_path: Path) -> None:
    """A reader may then fix the batch by the input alone."""
    bare = to_model(two_layers(), Options(value_info=False))
    full = to_model(two_layers())
    assert len(full.graph.value_info) == 1
    assert not bare.graph.value_info
    assert list(bare.graph.node) == list(full.graph.node)
    onnx.checker.check_model(bare, full_check=True)
    bare.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 5
    inferred = {each.name: each for each in infer_shapes(bare, strict_mode=True).graph.value_info}
    assert inferred["l0"].type.tensor_type.shape.dim[0].dim_value == 5


@pytest.mark.parametrize("output", [(3, 3), (5, 2), (2, 7)], ids=str)
@pytest.mark.parametrize("size", [(8, 6), (7, 13)], ids=str)
def test_averages_survive_eight_bits(
    size: tuple[int, int], output: tuple[int, int], tmp_path: Path
) -> None:
    """Of a bottom that is 1 throughout, an average is 1: sums of products would overflow."""
    graph = chain((2, 3, *size), Pooling(pool="AVE", output_size=output))
    model = checked_model(graph, opset=17)
    assert "MatMul" not in nodes(model)
    x = np.ones((2, 3, *size), np.float32)
    assert_close(quantized(model, x, tmp_path), np.ones((2, 3, *output), np.float32))


def quantized(model: onnx.ModelProto, x: np.ndarray, folder: Path) -> np.ndarray:
    """What the model gives when ONNX Runtime's quantizer has made it compute with 8 bits."""
    from onnxruntime.quantization import QuantFormat, quantize_static

    class Reader:
        def __init__(self) -> None:
            self._items: Iterator[dict[str, np.ndarray]] = iter([{"data": x}])

        def get_next(self) -> dict[str, np.ndarray] | None:
            return next(self._items, None)

    whole, small = folder / "whole.onnx", folder / "small.onnx"
    onnx.save(model, whole)
    quantize_static(whole, small, Reader(), quant_format=QuantFormat.QOperator)
    (found,) = run(onnx.load(small), x)
    return found
