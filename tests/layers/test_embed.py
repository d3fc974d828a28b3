"""Embed: its numbers, its gradient, what it reads, and indices that aren't there."""

from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from torch import nn

import netspec
from netspec.graph import Graph, Size
from netspec.graph.fillers import Filler
from netspec.layers import CATALOGUE
from netspec.layers.embed import Embed
from netspec.layers.foreign import help_for
from netspec.lower.torch import to_source, to_torch
from netspec.verify.inputs import inputs_for
from tests.graphs import Builder, H, N
from tests.layers.layer_checks import held, refusal
from tests.lower.onnx.checks import OPSETS, checked_model, run, weights_at_random


def embedding(layer: Embed, *shape: Size, dtype: str = "int64") -> Graph:
    builder = Builder()
    words = builder.input("words", *shape, dtype=dtype)
    return builder.graph(builder.layer("here", layer, words))


@pytest.mark.parametrize("dtype", ["int64", "int32"])
@pytest.mark.parametrize("shape", [(), (4,), (2, 3), (1, 2, 3, 2)])
@pytest.mark.parametrize("bias", [True, False])
def test_numbers(bias: bool, shape: tuple[int, ...], dtype: str) -> None:
    graph = embedding(Embed(input_dim=7, num_output=3, bias_term=bias), *shape, dtype=dtype)
    assert graph.results[0].shape == (*shape, 3)
    weights = weights_at_random(graph)
    words = np.random.default_rng(0).integers(0, 7, shape).astype(dtype)
    expected = weights["here.weight"][words] + (weights["here.bias"] if bias else 0)
    model = to_torch(graph, weights=weights)
    np.testing.assert_array_equal(model(torch.from_numpy(words)).detach().numpy(), expected)
    for opset in OPSETS:
        (found,) = run(checked_model(graph, weights, opset), words)
        np.testing.assert_array_equal(found, expected)


def test_the_gradients_of_a_word_add_up() -> None:
    """Caffe's `embed_bias_grad`: the table's gradient for a sum of squares."""
    table = np.array([[0.5, -1.0], [2.0, 0.25], [-0.75, 1.5], [1.0, 3.0]])
    model = to_torch(embedding(Embed(input_dim=4, num_output=2), 3)).double()
    weights = {"here.weight": torch.tensor(table), "here.bias": torch.tensor([0.5, -0.5])}
    model.load_state_dict(weights)
    words = torch.tensor([2, 0, 2])
    model(words).square().sum().backward()
    found = {n: p.grad.tolist() for n, p in model.named_parameters() if p.grad is not None}
    assert found["here.weight"] == [[2, -3], [0, 0], [-1, 4], [0, 0]]
    assert found["here.bias"] == [1, 1]


def test_weights() -> None:
    assert held(Embed(input_dim=7, num_output=3), (N, H)) == {"weight": (7, 3), "bias": (3,)}
    assert held(Embed(input_dim=7, num_output=3, bias_term=False), (N,)) == {"weight": (7, 3)}


def test_it_is_pytorchs_own() -> None:
    model = to_torch(embedding(Embed(input_dim=7, num_output=3, bias_term=False), N, H))
    assert type(model[0] if isinstance(model, nn.Sequential) else model.here) is nn.Embedding


def test_in_a_spec() -> None:
    """Tables with and without a bias are filled beside each other."""
    graph = netspec.loads(
        """
netspec: 1
name: Net
inputs: {words: {shape: [N, T], dtype: int64}, tag: {shape: [N, T], dtype: int32}}
layers:
  - {name: word, type: Embed, input_dim: 50, num_output: 4, bias_term: false, bottom: words}
  - {name: kind, type: Embed, input_dim: 5, num_output: 4, bottom: tag}
  - {name: sum, type: Eltwise, bottom: [word, kind]}
"""
    )
    assert {name: str(shape) for name, shape in graph.outputs.items()} == {"sum": "N×T×4"}
    assert [(p.name, p.shape) for p in graph.parameters] == [
        ("word.weight", (50, 4)),
        ("kind.weight", (5, 4)),
        ("kind.bias", (4,)),
    ]
    source = to_source(graph)
    assert "self.word = nn.Embedding(50, 4)\n" in source
    assert "self.kind = BiasedEmbedding(5, 4)\n" in source
    assert [str(node.flops) for node in graph.nodes] == ["0", "4*T", "4*T"]


def test_verify_asks_for_every_row_and_no_other() -> None:
    words = inputs_for(embedding(Embed(input_dim=9, num_output=3), 200), {}, 0, "float32")["words"]
    assert set(words.tolist()) == set(range(9))
    (alone,) = inputs_for(embedding(Embed(input_dim=1, num_output=3), 5), {}, 0, "float32").values()
    assert not alone.any()


def test_of_several_tables_the_shortest() -> None:
    builder = Builder()
    words = builder.input("words", 200, dtype="int64")
    builder.layer("long", Embed(input_dim=30, num_output=3), words)
    graph = builder.graph(builder.layer("short", Embed(input_dim=4, num_output=3), words))
    assert set(inputs_for(graph, {}, 0, "float32")["words"].tolist()) == {0, 1, 2, 3}


@pytest.mark.parametrize(("index", "wraps"), [(-1, True), (-7, True), (7, False), (-8, False)])
def test_an_index_that_is_not_there(index: int, wraps: bool) -> None:
    """As the page says: an error in PyTorch; ONNX counts from the end."""
    graph = embedding(Embed(input_dim=7, num_output=3, bias_term=False), N)
    words = np.array([index])
    with pytest.raises(IndexError):
        to_torch(graph)(torch.from_numpy(words))
    weights = weights_at_random(graph)
    model = checked_model(graph, weights)
    if wraps:
        np.testing.assert_array_equal(run(model, words)[0], weights["here.weight"][words])
        return
    with pytest.raises(onnxruntime.capi.onnxruntime_pybind11_state.InvalidArgument):
        run(model, words)


def test_real_numbers_are_refused() -> None:
    found = refusal(Embed(input_dim=7, num_output=3), (N, H))
    assert (found.code, found.bottom) == ("wrong-type", 0)
    assert found.message == "Embed computes with integers, but {0} holds float32"
    assert found.help == "an input holds float32 unless its `dtype` says otherwise"


def test_no_bilinear_filler() -> None:
    fields: dict[str, Any] = {"weight_filler": Filler(type="bilinear")}
    found = refusal(Embed(input_dim=7, num_output=3, **fields))
    assert (found.code, found.field) == ("bad-value", "weight_filler")


def test_a_bag_of_words() -> None:
    """What is said to a foreign name."""
    answer = help_for("EmbeddingBag", CATALOGUE)
    assert answer == (
        "it is `Embed` with `bias_term: false`, then `Permute` with `order: [0, 2, 1]` and "
        "`Reduction` with `operation: MEAN, axis: 2`"
    )
    graph = netspec.loads(
        """
netspec: 1
name: Net
inputs: {words: {shape: [2, 4], dtype: int64}}
layers:
  - {name: bag, type: Embed, input_dim: 7, num_output: 3, bias_term: false}
  - {type: Permute, order: [0, 2, 1]}
  - {type: Reduction, operation: MEAN, axis: 2}
"""
    )
    model, words = to_torch(graph), torch.tensor([[0, 6, 2, 2], [1, 1, 1, 5]])
    expected = nn.functional.embedding_bag(words, model.get_parameter("bag.weight"))
    torch.testing.assert_close(model(words), expected)


def test_a_table_that_is_too_large() -> None:
    with pytest.raises(netspec.SpecError, match=r"over [\d,]+ elements"):
        netspec.loads(
            "netspec: 1\nname: Net\ninputs: {words: {shape: [N], dtype: int64}}\nlayers:\n"
            "  - {type: Embed, input_dim: 2000000000, num_output: 2000000000}\n"
        )


@pytest.mark.parametrize("number", [-1, 7])
def test_a_constant_out_of_range(number: int) -> None:
    text = f"""
netspec: 1
name: Net
inputs: {{data: [N, 3]}}
layers:
  - {{name: words, type: Constant, value: [0, {number}], dtype: int64}}
  - {{name: vectors, type: Embed, input_dim: 7, num_output: 3}}
outputs: [vectors, data]
"""
    with pytest.raises(netspec.SpecError) as caught:
        netspec.loads(text)
    (found,) = caught.value.diagnostics
    message = f"words holds {number}, but the vectors' numbers are 0 to 6"
    assert (found.code, found.message) == ("bad-value", message)
    assert netspec.loads(text.replace(f", {number}]", ", 6]"))
