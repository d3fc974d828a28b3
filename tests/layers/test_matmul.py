"""MatMul against PyTorch's matmul."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from netspec import loads
from netspec.graph import Shape, Size
from netspec.layers.answers import LayerError
from netspec.layers.bottoms import require_elements
from netspec.layers.matmul import MatMul
from netspec.lower.onnx.options import Options
from netspec.lower.torch import to_source, to_torch
from tests.graphs import Builder, H, N, W
from tests.layers.layer_checks import (
    KNOWN,
    check_gradients,
    check_numbers,
    layer_graph,
    refusal,
    values_for,
)
from tests.lower.onnx.checks import checked_model
from tests.lower.torch.checks import check_text

Sizes = tuple[Size, ...]

PRODUCTS: dict[str, tuple[Sizes, Sizes]] = {
    "matrices": ((N, 3), (3, 4)),
    "batches": ((N, 2, 3), (N, 3, 4)),
    "heads": ((N, 2, H, 3), (N, 2, 3, W)),
    "one-for-all": ((N, 2, H, 3), (3, 4)),
    "all-for-one": ((H, 3), (N, 2, 3, 4)),
    "stretched": ((N, 1, H, 3), (2, 3, 4)),
    "both-stretched": ((1, 2, H, 3), (N, 1, 3, 4)),
    "single": ((N, 1), (1, 1)),
}


@pytest.mark.parametrize("name", PRODUCTS)
def test_numbers(name: str) -> None:
    one, other = PRODUCTS[name]
    check_numbers(MatMul(), [one, other], torch.matmul)
    check_gradients(MatMul(), one, other)


@pytest.mark.parametrize("name", PRODUCTS)
def test_the_second_transposed(name: str) -> None:
    one, other = PRODUCTS[name]
    shapes = [one, (*other[:-2], other[-1], other[-2])]
    layer = MatMul(transpose=True, scale=-0.25)
    check_numbers(layer, shapes, lambda a, b: -0.25 * a @ b.mT)
    check_gradients(layer, *shapes)


@pytest.mark.parametrize("name", PRODUCTS)
def test_macs(name: str) -> None:
    graph = layer_graph(MatMul(), *PRODUCTS[name])
    (node,) = graph.nodes
    bottoms, tops = ([blob.type for blob in blobs] for blobs in (node.bottoms, node.tops))
    known: dict[str, Size] = {str(size): value for size, value in KNOWN.items()}
    expected = node.layer.work(bottoms, tops).macs
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        inputs = [torch.from_numpy(values_for(shape)) for shape in PRODUCTS[name]]
        to_torch(graph)(*inputs)
    assert 2 * Shape((expected,)).substitute(known)[0] == counter.get_total_flops()


def test_flops() -> None:
    node = layer_graph(MatMul(scale=0.5), (N, 2, 3), (N, 3, 4)).nodes[0]
    assert (node.macs, node.flops) == (24, 2 * 24 + 8)
    assert layer_graph(MatMul(), (N, 2, 3), (N, 3, 4)).nodes[0].flops == 2 * 24


def test_emitted() -> None:
    graph = layer_graph(MatMul(transpose=True, scale=0.125), (N, 2, 3), (N, 4, 3))
    assert "return in0 @ in1.transpose(-2, -1) * 0.125" in to_source(graph)


def test_products_of_products() -> None:
    """Which is the first of two products matters: `x * (a @ b)` isn't `x * a @ b`."""
    text = """
netspec: 1
name: Net
inputs: {a: [N, 3, 3], b: [N, 3, 3]}
layers:
  - {name: ab, type: MatMul, bottom: [a, b]}
  - {name: bab, type: MatMul, bottom: [b, ab]}
  - {name: gated, type: Eltwise, operation: PROD, bottom: [a, bab]}
  - {name: sum, type: Eltwise, bottom: [gated, a]}
  - {name: last, type: MatMul, bottom: [b, sum]}
"""
    source = loads(text).to_source("torch")
    check_text(source)
    a, b = torch.randn(2, 2, 3, 3).double()
    found = loads(text).to_torch()(a, b)
    torch.testing.assert_close(found, b @ (a * (b @ (a @ b)) + a))


def test_element_types() -> None:
    """float16 and bfloat16 are multiplied from the oldest opset on."""
    for dtype in ("float16", "bfloat16"):
        for opset in (13, 17, 23):
            graph = layer_graph(MatMul(transpose=True, scale=0.5), (N, 2, 3), (N, 4, 3))
            checked_model(graph, options=Options(opset=opset, dtype=dtype))


@pytest.mark.parametrize(
    ("layer", "shapes", "message", "help"),
    [
        (
            MatMul(),
            ((N, 3), (4,)),
            "MatMul needs bottoms of two axes or more, whose last two are a matrix's, but reads 4",
            None,
        ),
        (
            MatMul(),
            ((N, 2, 3), (N, 2, 3)),
            "MatMul needs as many columns in {0} as rows in {1}, but they are N×2×3 and N×2×3",
            "`transpose: true` would fit",
        ),
        (
            MatMul(transpose=True),
            ((N, 2, 3), (N, 3, 2)),
            "MatMul needs as many columns in {0} as columns in {1}, but they are N×2×3 and N×3×2",
            "`transpose: false` would fit",
        ),
        (
            MatMul(),
            ((N, 2, H), (N, W, 2)),
            "MatMul needs as many columns in {0} as rows in {1}, but they are N×2×H and N×W×2, "
            "which differ where H is 1 and W is 2",
            None,
        ),
        (
            MatMul(),
            ((N, 2, 4, 3), (N, 3, 3, 4)),
            "MatMul can't stretch the batches of {0}, N×2×4×3, and {1}, N×3×3×4, over each other",
            "sizes before the last two must be equal or 1, counted from the back",
        ),
    ],
)
def test_refusals(
    layer: MatMul, shapes: tuple[Sizes, Sizes], message: str, help: str | None
) -> None:
    error = refusal(layer, *shapes)
    assert error.code == "shape-mismatch"
    assert error.message == message
    assert error.help == help


def test_both_of_one_type() -> None:
    builder = Builder()
    types = [builder.input("a", N, 3).type, builder.input("b", 3, 3, dtype="float64").type]
    with pytest.raises(LayerError, match="elements of one type"):
        require_elements(MatMul(), types)


def test_quotients_of_products() -> None:
    """Nor is `a / (x * b)` the same as `a / x * b`."""
    text = """
netspec: 1
name: Net
inputs: {a: [N, 3, 3], b: [N, 3, 3]}
layers:
  - {name: ab, type: Eltwise, operation: PROD, bottom: [a, b]}
  - {name: quotient, type: Eltwise, operation: DIV, bottom: [a, ab]}
  - {name: product, type: MatMul, bottom: [b, quotient], scale: 2}
  - {name: sum, type: Eltwise, bottom: [a, product]}
"""
    a, b = torch.rand(2, 2, 3, 3).double() + 1
    found = loads(text).to_torch()(a, b)
    torch.testing.assert_close(found, a + 2 * (b @ (a / (a * b))))
