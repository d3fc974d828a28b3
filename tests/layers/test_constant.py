"""Constant: a tensor of given values as a layer."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import netspec
from netspec.graph import Graph
from netspec.layers.constant import Constant
from netspec.lower.flat import to_flat
from netspec.lower.torch import to_source, to_torch
from netspec.lower.weights import fresh
from tests.checking import check
from tests.layers.layer_checks import refusal
from tests.lower.onnx.checks import OPSETS, checked_model, run
from tests.lower.torch.checks import checked_source

HEAD = "netspec: 1\nname: Net\ninputs: {data: [N, 2, 4]}\n"


def network(text: str) -> Graph:
    graph: Graph = netspec.loads(HEAD + text)
    return graph


def both(graph: Graph, expected: Any = None) -> None:
    """The same numbers from both back ends, which are those expected."""
    model = to_torch(graph).eval()
    x = np.random.default_rng(0).standard_normal((3, 2, 4), np.float32)
    found = model(torch.from_numpy(x)).detach().numpy()
    if expected is not None:
        np.testing.assert_allclose(
            found, x + np.asarray(expected, np.float32), rtol=1e-6, atol=1e-6
        )
    for opset in OPSETS:
        (other,) = run(checked_model(graph, fresh(graph), opset), x)
        np.testing.assert_allclose(other, found, rtol=1e-6)


ADDED = "  - {{name: mask, type: Constant, {}}}\n  - {{type: Bias, bottom: [data, mask], axis: 1}}"
ROW, COLUMN = np.indices((2, 4))
CASES = {
    "number": ("shape: [2, 4], value: 3", 3, "nn.Buffer(torch.full((2, 4), 3.0))"),
    "one": ("shape: [2], value: 1", 1, "nn.Buffer(torch.ones(2))"),
    "zeros": ("shape: [2, 4], value: 0.0", 0, "nn.Buffer(torch.zeros(2, 4))"),
    "list": ("value: [1.5, -2]", [[1.5], [-2]], "nn.Buffer(torch.tensor([1.5, -2]))"),
    "whole": (
        "value: [1, -2]",
        [[1], [-2]],
        "nn.Buffer(torch.tensor([1, -2], dtype=torch.float32))",
    ),
    "rows": (
        "shape: [2, 4], value: [[1, 2, 3, 4], [5, 6, 7, 8.5]]",
        [[1, 2, 3, 4], [5, 6, 7, 8.5]],
        "nn.Buffer(torch.tensor([[1, 2, 3, 4], [5, 6, 7, 8.5]]))",
    ),
    "not-saved": (
        "shape: [2], value: 2, persistent: false",
        2,
        "nn.Buffer(torch.full((2,), 2.0), persistent=False)",
    ),
    "formula": (
        'shape: [2, 4], axes: [i, j], value: "$(4 * i + min(j, 2) / 2)"',
        4 * ROW + np.minimum(COLUMN, 2) / 2,
        "[[4 * i + min(j, 2) / 2 for j in range(4)] for i in range(2)]",
    ),
    "choice": (
        "shape: [2, 4], axes: [i, j], value: '$(-100 if i > j else 0)', persistent: false",
        np.where(ROW > COLUMN, -100, 0),
        "[[-100 if i > j else 0 for j in range(4)] for i in range(2)]",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_numbers(name: str) -> None:
    fields, expected, text = CASES[name]
    graph = network("layers:\n" + ADDED.format(fields))
    assert text in checked_source(graph)
    both(graph, expected)
    again: Graph = netspec.loads(to_flat(graph))
    assert to_flat(again) == to_flat(graph)
    assert again.parameters == graph.parameters
    both(again, expected)


def test_what_a_state_dict_holds() -> None:
    """Buffers behind the parameters of the same module, before those of its modules."""
    graph = network("""
layers:
  - {name: conv, type: InnerProduct, num_output: 4, axis: 2}
  - {name: index, type: Constant, shape: [2], axes: [i], value: $(1 - i), dtype: int64}
  - {name: unsaved, type: Constant, shape: [2], value: 7, persistent: false}
  - {name: gamma, type: Parameter, shape: [2]}
  - {name: a, type: Bias, bottom: [conv, gamma], axis: 1}
  - {name: b, type: Bias, bottom: [a, unsaved], axis: 1}
outputs: [b, index]
""")
    checked_source(graph)
    model = to_torch(graph)
    names = ["gamma", "index", "conv.weight", "conv.bias"]
    assert list(model.state_dict()) == [each.name for each in graph.parameters] == names
    assert model.state_dict()["index"].equal(torch.tensor([1, 0]))
    assert [name for name, _ in model.named_parameters()] == ["gamma", "conv.weight", "conv.bias"]
    assert graph.params == 2 + 16 + 4
    assert graph.phase("TEST").nodes[1].flops == 0


def test_weights_may_lack_it(tmp_path: Path) -> None:
    graph = network("layers:\n" + ADDED.format("value: [1.5, -2]"))
    model = to_torch(graph, weights={})
    assert model.get_buffer("mask").tolist() == [1.5, -2]
    given = {"mask": np.array([3, 4], np.float32)}
    assert to_torch(graph, weights=given).get_buffer("mask").tolist() == [3, 4]
    (found,) = run(checked_model(graph, fresh(graph)), np.zeros((1, 2, 4), np.float32))
    assert found[0, :, 0].tolist() == [1.5, -2]


BLOCK = """
blocks:
  unit:
    args: {window: required, shift: 0}
    layers:
      - name: index
        type: Constant
        shape: ["$(input.shape[1])", $(2 * window)]
        axes: [row, column]
        value: $((2 * window - 1) * (row // window) + shift - column % window)
      - {name: sum, type: Bias, bottom: [input, index], axis: 1}
layers:
  - {name: one, type: unit, window: 2}
  - {name: two, type: unit, window: 2, shift: 3}
"""


def test_args_stay_args() -> None:
    graph = network(BLOCK)
    source = checked_source(graph)
    assert "window: int, shift: int = 0" in source
    assert "(2 * window - 1) * (row // window) + shift - column % window" in source
    assert "for column in range(2 * window)" in source
    row, column = np.indices((2, 4))
    one = 3 * (row // 2) - column % 2
    both(graph, 2 * one + 3)


def test_a_table_is_read_by_its_indices() -> None:
    graph = network("""
vars: {offsets: [3, 1, 4, 1]}
layers:
  - {name: ramp, type: Constant, shape: [2, 4], axes: [i, j], value: "$(offsets[j] - i)"}
  - {type: Bias, bottom: [data, ramp], axis: 1}
""")
    checked_source(graph)
    both(graph, np.array([3, 1, 4, 1]) - np.arange(2)[:, None])


def test_a_word_of_a_list_is_read_by_its_letters() -> None:
    graph = network("""
vars: {words: [.X.., X..X]}
layers:
  - name: row
    type: Constant
    shape: [4]
    axes: [i]
    value: '$(1 if words[1][i] == "X" else 0)'
  - {type: Bias, bottom: [data, row], axis: 2}
""")
    assert """[1 if "X..X"[i] == "X" else 0 for i in range(4)]""" in checked_source(graph)
    both(graph, np.array([1, 0, 0, 1]))


def test_a_picture_of_words_stays_a_table() -> None:
    graph = network("""
vars:
  picture:
    - ...XX......................................
    - X....X..XX.................................
layers:
  - name: dots
    type: Constant
    shape: [2, 4]
    axes: [i, j]
    value: '$(1 if picture[i][j + 2] == "X" else 0)'
  - {type: Bias, bottom: [data, dots], axis: 1}
""")
    source = checked_source(graph)
    assert '1 if PICTURE[i][j + 2] == "X" else 0' in source
    assert "def __init__(self) -> None" in source
    both(graph, np.array([[0, 1, 1, 0], [0, 0, 0, 1]]))


def test_a_repeated_one_stands_in_no_list() -> None:
    text = "layers:\n  - {name: c, type: Constant, shape: [2], value: 1, repeat: 2}\n"
    text += "  - {name: a, type: Bias, bottom: [data, c.0], axis: 1}\n"
    text += "  - {name: b, type: Bias, bottom: [a, c.1], axis: 1}"
    with pytest.raises(netspec.SpecError) as caught:
        to_source(network(text))
    (found,) = caught.value.diagnostics
    assert found.message == (
        "`c` holds constants, and layers from around it stand between them: PyTorch has no "
        "container for that"
    )


@pytest.mark.parametrize(
    ("fields", "code", "message", "help"),
    [
        ("value: «[[1, 2], [3]]", "bad-value", "`value` needs rows of one length along", ""),
        ("value: «[[1, 2], 3]", "bad-value", "`value` needs rows of one length along", ""),
        ("value: «[]", "bad-value", "`value` is an empty list", ""),
        ("value: «[1, a]", "bad-value", "`value`: expected numbers", ""),
        ("value: «true", "bad-value", "`value`: expected numbers", ""),
        ("shape: [3], value: «[1, 2]", "bad-value", "`value` holds 2 numbers, not 3", ""),
        (
            "dtype: int64, value: «[1, 2.5]",
            "bad-value",
            "`value` holds 2.5, which is no integer, but `dtype` is int64",
            "",
        ),
        (
            "dtype: int64, shape: [2], axes: [i], value: «$(i / 2)",
            "bad-value",
            "`value` holds 0.0, which is no integer, but `dtype` is int64",
            "",
        ),
        ("value: «1e39", "bad-value", "`value` holds 1e+39, which is too large for float32", ""),
        (
            "shape: [2], value: 1, axes: «[i]",
            "field-conflict",
            "`axes` names the indices of a formula, but `value` is none",
            "a formula is an expression: `value: $(i + j)`",
        ),
        (
            "shape: [2], value: $(1 + i), axes: «[i, j]",
            "bad-value",
            "`axes` needs a name for each axis of `shape`",
            "",
        ),
        (
            "shape: [2], value: $(4 // «i), axes: [i]".replace("«", "").replace("4 //", "«4 //"),
            "expression-value",
            "division by zero",
            "",
        ),
        (
            "shape: [2], value: $(«data.channels + k), axes: [i]".replace("«", "").replace(
                "k)", "«k)"
            ),
            "unknown-name",
            "nothing here is called `k`",
            "",
        ),
        (
            "shape: [2], value: $(1 + data), axes: «[data]",
            "name-conflict",
            "the index `data` hides another value or layer of that name",
            "",
        ),
        (
            "shape: [2], value: $(1 + lambda), axes: «[lambda]",
            "bad-name",
            "an index of a formula can't be called `lambda`",
            "a name of its own for each axis, `axes: [i, j]`",
        ),
        (
            "value: $(1 + i), axes: [i], shape: «[3000000]",
            "too-large",
            "a formula gives at most 1,048,576 elements",
            "",
        ),
        (
            "«shape: [1000000], value: $(1 + i), axes: [i]".replace("«", "").replace("$", "«$"),
            "too-large",
            "the expressions take too long to evaluate",
            "",
        ),
    ],
)
def test_mistakes(fields: str, code: str, message: str, help: str) -> None:
    text = f"layers: [{{name: c, type: Constant, {fields}}}, {{name: d, type: ReLU, bottom: data}}]"
    check(f"{HEAD}{text}\noutputs: [c, d]", (code, message, help))


def test_it_reads_nothing() -> None:
    assert refusal(Constant(value=[[1], []])).message == (
        "`value` needs rows of one length along each axis"
    )
