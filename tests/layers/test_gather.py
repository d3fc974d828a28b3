"""Gather: elements chosen along an axis."""

import numpy as np
import pytest
import torch

import netspec
from netspec.graph import Graph, Size
from netspec.layers.gather import Gather
from netspec.lower.torch import to_source, to_torch
from netspec.lower.weights import fresh
from tests.graphs import H, N
from tests.layers.layer_checks import (
    Reference,
    check_gradients,
    check_numbers,
    flops,
    layer_graph,
    refusal,
)
from tests.lower.onnx.checks import OPSETS, checked_model, run
from tests.lower.torch.checks import check_text, checked_source

Sizes = tuple[Size, ...]

CASES: dict[str, tuple[Gather, Sizes, Reference]] = {
    "turned": (Gather(axis=1, indices=[2, 1, 0]), (N, 3, 4), lambda x: x.flip(1)),
    "again": (Gather(axis=-1, indices=[0, 0, -1]), (N, 5), lambda x: x[:, [0, 0, 4]]),
    "rows": (Gather(indices=[1]), (3, 4), lambda x: x[1:2]),
    "one": (Gather(axis=1, indices=0), (N, 3, 4), lambda x: x[:, 0]),
    "the-last-one": (Gather(axis=-1, indices=-1), (N, 3, H), lambda x: x[..., -1]),
    "open": (Gather(axis=1, indices=[0, 0]), (N, H), lambda x: x[:, [0, 0]]),
    "open-from-the-back": (Gather(axis=1, indices=[-1]), (N, H), lambda x: x[:, -1:]),
}


@pytest.mark.parametrize("name", CASES)
def test_numbers(name: str) -> None:
    layer, shape, reference = CASES[name]
    check_numbers(layer, [shape], reference)
    check_gradients(layer, shape)
    assert flops(layer, shape) == 0


TABLE = """
netspec: 1
name: Net
inputs: {{data: [N, 4, 5], index: {{shape: {shape}, dtype: {dtype}}}}}
layers:
  - {{name: rows, type: Gather, bottom: [data, index], axis: {axis}}}
"""


@pytest.mark.parametrize("dtype", ["int32", "int64"])
@pytest.mark.parametrize(("axis", "shape"), [(1, (3,)), (2, (2, 3))])
def test_by_a_second_bottom(axis: int, shape: tuple[int, ...], dtype: str) -> None:
    graph: Graph = netspec.loads(TABLE.format(axis=axis, shape=list(shape), dtype=dtype))
    x = np.random.default_rng(0).standard_normal((2, 4, 5), np.float32)
    index = np.array(np.random.default_rng(1).integers(-4, 4, shape), dtype)
    expected = np.take(x, index, axis, mode="wrap") if (index >= 0).all() else x.take(index, axis)
    assert graph.results[0].shape[0] == N
    found = to_torch(graph)(torch.from_numpy(x), torch.from_numpy(index)).numpy()
    np.testing.assert_array_equal(found, expected)
    for opset in OPSETS:
        (other,) = run(checked_model(graph, opset=opset), x, index)
        np.testing.assert_array_equal(other, expected)


BIAS = """
netspec: 1
name: Net
inputs: {data: [N, 6]}
layers:
  - {name: table, type: Parameter, shape: [5, 2], filler: {type: gaussian}}
  - {name: index, type: Constant, shape: [6], axes: [i], value: $(i * i % 5), dtype: int64}
  - {name: rows, type: Gather, bottom: [table, index]}
  - {name: turned, type: Permute, order: [1, 0]}
  - {name: first, type: Gather, indices: [1]}
  - {name: sum, type: Bias, bottom: [data, first], axis: 0}
"""


def test_rows_of_a_table_by_a_constant() -> None:
    graph: Graph = netspec.loads(BIAS)
    source = checked_source(graph)
    assert "self.table[self.index]" in source
    weights = fresh(graph)
    model = to_torch(graph, seed=0)
    x = np.zeros((2, 6), np.float32)
    expected = weights["table"][[0, 1, 4, 4, 1, 0], 1]
    np.testing.assert_array_equal(model(torch.from_numpy(x))[1].detach().numpy(), expected)
    for opset in OPSETS:
        (found,) = run(checked_model(graph, weights, opset), x)
        np.testing.assert_array_equal(found[0], expected)


def test_many_numbers_are_laid_out_as_a_formatter_does() -> None:
    check_text(to_source(layer_graph(Gather(axis=1, indices=[*range(30)]), (N, 30))))


def test_emitted() -> None:
    text = to_source(layer_graph(Gather(axis=1, indices=[2, 0]), (N, 3, 4)))
    assert "return in0[:, [2, 0]]" in text


@pytest.mark.parametrize(
    ("layer", "shapes", "code", "message"),
    [
        (
            Gather(axis=1, indices=[0, 3]),
            [(N, 3)],
            "bad-value",
            "`indices` has 3, but the axis has 3 elements",
        ),
        (
            Gather(axis=1, indices=[-4]),
            [(N, 3)],
            "bad-value",
            "`indices` has -4, but the axis has 3 elements",
        ),
        (
            Gather(axis=1, indices=[1]),
            [(N, 1)],
            "bad-value",
            "`indices` has 1, but the axis has 1 element",
        ),
        (
            Gather(axis=1),
            [(N, 1)],
            "missing-field",
            "Gather takes `indices` or a second bottom, but has neither",
        ),
        (Gather(indices=[]), [(N, 1)], "bad-value", "`indices` is an empty list"),
        (
            Gather(axis=2, indices=[0]),
            [(N, 1)],
            "bad-axis",
            "Gather's `axis` is 2, but its bottom N×1 has 2 axes",
        ),
    ],
)
def test_refusals(layer: Gather, shapes: list[Sizes], code: str, message: str) -> None:
    error = refusal(layer, *shapes)
    assert (error.code, error.message) == (code, message)


def test_a_number_that_an_open_axis_may_lack() -> None:
    text = "netspec: 1\nname: Net\ninputs: {data: [N, 3, H, 4]}\nlayers:\n"
    with pytest.raises(netspec.SpecError) as caught:
        netspec.loads(text + "  - {name: g, type: Gather, axis: 2, indices: [0, 10]}")
    (found,) = caught.value.diagnostics
    assert found.message.startswith("`indices` has 10, but the axis has H elements")


CONSTANT = """
netspec: 1
name: Net
inputs: {{data: [N, 4, H]}}
layers:
  - {{name: index, type: Constant, shape: [3], axes: [i], value: {value}, dtype: int64}}
  - {{name: rows, type: Gather, bottom: [data, index], axis: {axis}}}
"""


@pytest.mark.parametrize(
    ("value", "axis", "message", "help"),
    [
        ("$(2 * i)", 1, "index holds 4, but the axis has 4 elements", None),
        ("$(i - 5)", 1, "index holds -5, but the axis has 4 elements", None),
        (
            "$(2 * i)",
            2,
            "index holds 4, but the axis has H elements where H is 1",
            "fix the input's size; or give the input a multiple: `8*H` for `H`",
        ),
    ],
)
def test_a_constant_out_of_range(value: str, axis: int, message: str, help: str | None) -> None:
    with pytest.raises(netspec.SpecError) as caught:
        netspec.loads(CONSTANT.format(value=value, axis=axis))
    (found,) = caught.value.diagnostics
    assert (found.code, found.message, found.help) == ("bad-value", message, help)
    assert found.span is not None
    assert found.span.line == 7


def test_a_constant_in_range() -> None:
    assert netspec.loads(CONSTANT.format(value="$(i - 4)", axis=1))
    assert netspec.loads(CONSTANT.format(value="$(0 * i)", axis=2))


def test_a_list_in_a_list_is_told_once() -> None:
    layer = "layers: [{type: Gather, indices: [[0, 1]]}]"
    with pytest.raises(netspec.SpecError) as caught:
        netspec.loads(f"netspec: 1\nname: Net\ninputs: {{data: [N, 4]}}\n{layer}\n")
    (found,) = caught.value.diagnostics
    assert found.message == "`indices` should be an integer, not a list"
    assert found.span is not None
    assert (found.span.line, found.span.column) == (4, 35)
