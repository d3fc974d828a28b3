"""Eltwise, Reduction and ArgMax."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from netspec.graph import Size
from netspec.layers import Layer
from netspec.layers.arithmetic import Eltwise
from netspec.layers.reduction import ArgMax, Reduction
from netspec.lower.torch import to_source, to_torch
from tests.graphs import H, N, W
from tests.layers.layer_checks import (
    Reference,
    check_gradients,
    check_numbers,
    flops,
    layer_graph,
    refusal,
)
from tests.lower.onnx.checks import checked_model, run

IMAGE: tuple[Size, ...] = (N, 3, H, W)


def naive_argmax(x: Tensor, axis: int, count: int) -> Tensor:
    """The greatest first, of equal ones the first first, by plain comparison."""
    rows = x.movedim(axis, -1)
    flat = rows.reshape(-1, rows.shape[-1]).tolist()
    # Python's sort keeps the order of equal ones.
    found = [[i for _, i in sorted((-v, i) for i, v in enumerate(row))][:count] for row in flat]
    return torch.tensor(found).reshape(*rows.shape[:-1], count).movedim(-1, axis)


def items(x: Tensor, count: int, values: bool) -> Tensor:
    """Caffe's rule without an axis."""
    rows = x.reshape(len(x), -1)
    indices = naive_argmax(rows, 1, count)
    found = [indices.to(x.dtype), rows.gather(1, indices)] if values else [indices]
    return torch.stack(found, 1).reshape(len(x), len(found), count, *[1] * (x.dim() - 3))


CASES: dict[str, tuple[Layer, list[tuple[Size, ...]], Reference]] = {
    "sum": (Eltwise(), [IMAGE] * 2, lambda a, b: a + b),
    "difference": (Eltwise(coeff=[1.0, -1.0]), [IMAGE] * 2, lambda a, b: a - b),
    "negative-first": (Eltwise(coeff=[-1.0, 0.5]), [(N, 3)] * 2, lambda a, b: b / 2 - a),
    "weighted": (Eltwise(coeff=[-0.5, 1.0, 2.0]), [(N, 3)] * 3, lambda a, b, c: 2 * c + b - a / 2),
    "product": (Eltwise(operation="PROD"), [(N, 3)] * 3, lambda a, b, c: a * b * c),
    "subtracted": (Eltwise(operation="SUB"), [(N, 3)] * 3, lambda a, b, c: a - b - c),
    "quotient": (Eltwise(operation="DIV"), [(N, 3)] * 3, lambda a, b, c: a / b / c),
    "minimum": (
        Eltwise(operation="MIN"),
        [(N, 3)] * 3,
        lambda a, b, c: torch.stack([a, b, c]).amin(0),
    ),
    "maximum": (
        Eltwise(operation="MAX"),
        [(N, 3)] * 3,
        lambda a, b, c: torch.stack([a, b, c]).amax(0),
    ),
    "reduce-all": (Reduction(), [IMAGE], lambda x: x.sum()),
    "reduce-vector": (Reduction(operation="SUMSQ"), [(N,)], lambda x: (x * x).sum()),
    "reduce-channels": (Reduction(axis=1, coeff=-2.5), [IMAGE], lambda x: -2.5 * x.sum((1, 2, 3))),
    "reduce-last": (Reduction(operation="ASUM", axis=-1), [IMAGE], lambda x: x.abs().sum(3)),
    "reduce-image": (Reduction(operation="SUMSQ", axis=2), [IMAGE], lambda x: (x * x).sum((2, 3))),
    "reduce-mean": (Reduction(operation="MEAN", axis=2), [IMAGE], lambda x: x.mean((2, 3))),
    "mean-of-all": (Reduction(operation="MEAN", coeff=3.0), [IMAGE], lambda x: 3 * x.mean()),
    "argmax": (ArgMax(), [IMAGE], lambda x: items(x, 1, False)),
    "argmax-matrix": (ArgMax(), [(N, 7)], lambda x: items(x, 1, False)),
    "argmax-five": (ArgMax(top_k=5), [IMAGE], lambda x: items(x, 5, False)),
    "argmax-both": (ArgMax(out_max_val=True), [IMAGE], lambda x: items(x, 1, True)),
    "argmax-both-three": (ArgMax(out_max_val=True, top_k=3), [(N, 7)], lambda x: items(x, 3, True)),
    "argmax-of-five-axes": (ArgMax(top_k=2), [(N, 2, 3, 2, 2)], lambda x: items(x, 2, False)),
    "argmax-axis": (ArgMax(axis=1), [IMAGE], lambda x: naive_argmax(x, 1, 1)),
    "argmax-axis-two": (ArgMax(axis=-1, top_k=2), [IMAGE], lambda x: naive_argmax(x, -1, 2)),
    "argmax-inner-two": (ArgMax(axis=1, top_k=2), [IMAGE], lambda x: naive_argmax(x, 1, 2)),
    "argmax-last": (
        ArgMax(axis=2, select_last_index=True),
        [IMAGE],
        lambda x: naive_argmax(x, 2, 1),
    ),
    "argmax-value": (ArgMax(axis=-2, out_max_val=True), [IMAGE], lambda x: x.amax(2, keepdim=True)),
    "argmax-values": (
        ArgMax(axis=1, top_k=2, out_max_val=True),
        [IMAGE],
        lambda x: x.sort(1, descending=True).values[:, :2],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_numbers(name: str) -> None:
    check_numbers(*CASES[name])


@pytest.mark.parametrize("name", [name for name in CASES if "argmax" not in name])
def test_gradients(name: str) -> None:
    layer, shapes, _ = CASES[name]
    check_gradients(layer, *shapes)


@pytest.mark.parametrize("layer", [ArgMax(axis=1), ArgMax(axis=1, top_k=4), ArgMax(top_k=4)])
def test_of_equal_elements_the_first_comes_first(layer: Layer) -> None:
    """Behind a ReLU most elements may be equal."""
    graph = layer_graph(layer, (N, 6))
    x = torch.tensor([[0.0, 2, 0, 2, 0, 1], [0, 0, 0, 0, 0, 0]])
    expected = torch.tensor([[1, 3, 5, 0], [0, 1, 2, 3]])[:, : layer.model_dump()["top_k"]]
    found = to_torch(graph).eval()(x)
    assert found.dtype == torch.int64
    assert found.flatten(1).tolist() == expected.tolist()
    (other,) = run(checked_model(graph), x.numpy())
    assert other.reshape(2, -1).tolist() == expected.tolist()


@pytest.mark.parametrize("opset", [13, 18])
@pytest.mark.parametrize(
    "fields",
    [
        {"axis": 1},
        {"axis": 1, "top_k": 4},
        {"top_k": 4},
        {},
        {"out_max_val": True, "top_k": 4},
        {"out_max_val": True},
    ],
)
@pytest.mark.parametrize("width", [6, 2 * W])
def test_of_equal_elements_the_last_comes_first(
    width: Size, fields: dict[str, Any], opset: int
) -> None:
    """Caffe's order: by the value, then by the index, the greater first."""
    layer = ArgMax.model_validate(fields | {"select_last_index": True})
    graph = layer_graph(layer, (N, width))
    x = torch.tensor([[0.0, 2, 0, 2, 0, 1], [0, 0, 0, 0, 0, 0]])
    pairs = [sorted(((v, i) for i, v in enumerate(row)), reverse=True) for row in x.tolist()]
    best = [each[: layer.top_k] for each in pairs]
    expected = [[i for _, i in each] for each in best]
    if layer.out_max_val:
        expected = [
            [*index, *(v for v, _ in each)] for index, each in zip(expected, best, strict=True)
        ]
    assert to_torch(graph).eval()(x).flatten(1).tolist() == expected
    (other,) = run(checked_model(graph, opset=opset), x.numpy())
    assert other.reshape(2, -1).tolist() == expected


@pytest.mark.parametrize(
    ("layer", "shape", "text"),
    [
        (Reduction(operation="MEAN", axis=2), IMAGE, "return in0.mean((2, 3))"),
        (Reduction(operation="ASUM", axis=-1, coeff=0.5), IMAGE, "return 0.5 * in0.abs().sum(3)"),
        (Reduction(), IMAGE, "return in0.sum()"),
        (ArgMax(axis=1), IMAGE, "return in0.argmax(1, keepdim=True)"),
        (ArgMax(axis=1, select_last_index=True), IMAGE, "return last_argmax(in0, 1, keepdim=True)"),
        (
            ArgMax(top_k=2, select_last_index=True),
            (N, 7),
            "return top_indices(in0, 2, 1, last=True).reshape(-1, 1, 2)",
        ),
        (ArgMax(axis=-3, top_k=2), IMAGE, "return top_indices(in0, 2, 1)"),
        (ArgMax(axis=1, top_k=2, out_max_val=True), IMAGE, "return in0.topk(2, dim=1).values"),
        (ArgMax(), IMAGE, "return in0.flatten(1).argmax(1).reshape(-1, 1, 1, 1)"),
        (ArgMax(out_max_val=True, top_k=2), (N, 7), "return top_elements(in0, 2)"),
    ],
)
def test_emitted(layer: Layer, shape: tuple[Size, ...], text: str) -> None:
    assert text in to_source(layer_graph(layer, shape))


@pytest.mark.parametrize(
    ("layer", "shapes", "count"),
    [
        (Eltwise(), [(N, 3, 4)] * 3, 24),
        (Eltwise(coeff=[1.0, -1.0, 0.5]), [(N, 3, 4)] * 3, 24 + 24),
        (Reduction(), [(N, 3, 4)], 11),
        (Reduction(axis=1, coeff=2.0), [(N, 3, 4)], 11 + 1),
        (Reduction(operation="ASUM", axis=2), [(N, 3, 4)], 9 + 12),
        (Reduction(operation="SUMSQ", axis=2), [(N, 3, 4)], 9 + 12),
        (Reduction(operation="MEAN", axis=2), [(N, 3, 4)], 9 + 3),
        (ArgMax(), [(N, 3, 4)], 11),
        (ArgMax(top_k=3), [(N, 3, 4)], 11 + 10 + 9),
        (ArgMax(axis=1, top_k=2), [(N, 3, 4)], 4 * (2 + 1)),
    ],
)
def test_flops(layer: Layer, shapes: list[tuple[Size, ...]], count: int) -> None:
    assert flops(layer, *shapes) == count


@pytest.mark.parametrize(
    ("layer", "shapes", "code", "message"),
    [
        (
            Eltwise(operation="MAX", coeff=[1.0, 1.0]),
            [(N, 3)] * 2,
            "field-conflict",
            "`coeff` has no meaning with `operation: MAX`",
        ),
        (
            Eltwise(coeff=[1.0]),
            [(N, 3)] * 2,
            "bad-value",
            "`coeff` needs a factor for each bottom: 2, not 1",
        ),
        (
            Eltwise(),
            [(N, 3), (N, 1)],
            "shape-mismatch",
            "Eltwise needs equal shapes, but {0} gives N×3 and {1} gives N×1",
        ),
        (
            Reduction(axis=2),
            [(N, 3)],
            "bad-axis",
            "Reduction's `axis` is 2, but its bottom N×3 has 2 axes",
        ),
        (
            ArgMax(axis=1, top_k=4),
            [(N, 3)],
            "bad-value",
            "ArgMax's `top_k` is 4, but it has only 3 elements to choose from",
        ),
        (
            ArgMax(axis=1, out_max_val=True, select_last_index=True),
            [(N, 3)],
            "field-conflict",
            "`select_last_index` has no meaning where values alone are given",
        ),
        (
            ArgMax(),
            [(N,)],
            "shape-mismatch",
            "ArgMax without `axis` searches the items of a batch, but reads N",
        ),
    ],
)
def test_refusals(layer: Layer, shapes: list[tuple[Size, ...]], code: str, message: str) -> None:
    error = refusal(layer, *shapes)
    assert (error.code, error.message) == (code, message)


def test_integers_are_refused_where_arithmetic_is_real() -> None:
    error = refusal(Reduction(), (N, 3), dtype="int64")
    assert error.code == "wrong-type"
    assert error.message == "Reduction computes with real numbers, but {0} holds int64"


@settings(deadline=None, max_examples=25)
@given(
    operation=st.sampled_from(["SUM", "ASUM", "SUMSQ", "MEAN"]),
    axis=st.integers(-4, 3),
    coeff=st.sampled_from([1.0, -1.0, 0.25]),
)
def test_reduction_is_what_numpy_says(operation: str, axis: int, coeff: float) -> None:
    layer = Reduction.model_validate({"operation": operation, "axis": axis, "coeff": coeff})

    def reference(x: Tensor) -> Tensor:
        values = x.numpy().reshape(*x.shape[: axis % 4], -1)
        prepared = {"ASUM": np.abs(values), "SUMSQ": values**2}.get(operation, values)
        total = prepared.mean(-1) if operation == "MEAN" else prepared.sum(-1)
        return torch.as_tensor(coeff * total)

    check_numbers(layer, [(N, 3, H, W)], reference, opsets=[13, 20], source=False)
