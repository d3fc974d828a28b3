"""MultiHeadAttention against PyTorch's, with its weights."""

from functools import partial
from math import sqrt
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from netspec import loads
from netspec.graph import Size
from netspec.graph.sizes import SymbolicSize
from netspec.layers.attention import MultiHeadAttention
from netspec.lower.onnx.options import Options
from netspec.lower.torch import to_torch
from netspec.lower.weights import Weights
from tests.graphs import H, N, W
from tests.layers.layer_checks import held, layer_graph
from tests.layers.test_attention import SOME_OPSETS, Sizes, mask_values, masked
from tests.lower.onnx.checks import checked_model, run
from tests.lower.torch.tools import quiet


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


def at(size: Size) -> int:
    """A length that is run."""
    return {H: 5, W: 4}[size] if isinstance(size, SymbolicSize) else size


def both(layer: MultiHeadAttention, *shapes: Sizes, **options: Any) -> tuple[Any, nn.Module]:
    """The layer's module and PyTorch's, of the same weights, in double precision."""
    graph = layer_graph(layer, *shapes)
    ours = to_torch(graph).double().eval()
    width = at(shapes[0][2])
    theirs = nn.MultiheadAttention(width, layer.heads, batch_first=True, **options).double().eval()
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.copy_(torch.randn(parameter.shape))
    state = {f"here.{key}": value for key, value in theirs.state_dict().items()}
    assert list(ours.state_dict()) == list(state)
    ours.load_state_dict(state, strict=True)
    return ours, theirs


FORMS: dict[str, tuple[MultiHeadAttention, list[Sizes], dict[str, Any]]] = {
    "self": (MultiHeadAttention(heads=2), [(N, H, 6)], {}),
    "odd-heads": (MultiHeadAttention(heads=3), [(N, H, 6)], {}),
    "no-bias": (MultiHeadAttention(heads=2, bias_term=False), [(N, H, 6)], {"bias": False}),
    "across": (MultiHeadAttention(heads=2), [(N, H, 6), (N, W, 6), (N, W, 6)], {}),
    "apart": (
        MultiHeadAttention(heads=2),
        [(N, H, 6), (N, 3, 4), (N, 3, 5)],
        {"kdim": 4, "vdim": 5},
    ),
    "apart-no-bias": (
        MultiHeadAttention(heads=2, bias_term=False),
        [(N, H, 6), (N, 3, 6), (N, 3, 5)],
        {"vdim": 5, "bias": False},
    ),
}


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("hidden", ["", "causal", "mask", "causal mask"])
def test_projected(name: str, hidden: str) -> None:
    """PyTorch's keys in order, its numbers, its gradients; ONNX Runtime's numbers."""
    layer, shapes, options = FORMS[name]
    layer = layer.model_copy(update={"causal": "causal" in hidden})
    lengths = [at(shape[1]) for shape in shapes]
    size = (lengths[0], lengths[-1])
    seen = torch.rand(size) < 0.7 if "mask" in hidden else torch.ones(size, dtype=torch.bool)
    seen[:, 0] = True
    given = list(shapes) + ([(shapes[0][1], shapes[-1][1])] if "mask" in hidden else [])
    ours, theirs = both(layer, *given, **options)
    inputs = [
        torch.randn(2, length, at(shape[2])).double()
        for length, shape in zip(lengths, shapes, strict=True)
    ]
    future = torch.ones(size, dtype=torch.bool).triu(1) & layer.causal
    added = torch.zeros(size).double().masked_fill(~seen, -torch.inf)
    whole = added.masked_fill(future, -torch.inf)
    mask = {} if not hidden else {"attn_mask": whole}
    masks = [added] if "mask" in hidden else []
    qkv = inputs if len(inputs) == 3 else inputs * 3
    expected = theirs(*qkv, **mask, need_weights=False)[0]
    torch.testing.assert_close(ours(*inputs, *masks), expected)
    with torch.no_grad():
        torch.testing.assert_close(ours(*inputs, *masks), expected)
    for module, arguments in ((ours, (*inputs, *masks)), (theirs, qkv)):
        found = module(*arguments) if module is ours else module(*arguments, **mask)[0]
        found.square().sum().backward()
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one.grad, other.grad)
    graph = layer_graph(layer, *given)
    state = {key: value.float().numpy() for key, value in ours.state_dict().items()}
    weights = Weights({key: partial(np.array, value) for key, value in state.items()})
    for opset in SOME_OPSETS:
        model = checked_model(graph, options=Options(weights, opset=opset))
        arrays = [each.float().numpy() for each in (*inputs, *masks)]
        np.testing.assert_allclose(
            run(model, *arrays)[0], expected.detach().numpy(), rtol=1e-4, atol=1e-4
        )


def test_a_row_that_is_hidden_whole() -> None:
    """The heads give 0, and so the layer its last bias, with gradients and without."""
    graph = masked((4, 5), "bool", "type: MultiHeadAttention, heads: 2")
    model = to_torch(graph).eval()
    bias = model.get_parameter("here.out_proj.bias")
    with torch.no_grad():
        bias.fill_(0.5)
    inputs = [*(torch.randn(2, size, 8) for size in (4, 5, 5)), mask_values((4, 5), "bool")]
    assert (model(*inputs)[:, -1] == 0.5).all()
    with torch.no_grad():
        assert (model(*inputs)[:, -1] == 0.5).all()


def test_pytorchs_own_without_biases_is_not_scripted() -> None:
    model = to_torch(layer_graph(MultiHeadAttention(heads=2, bias_term=False), (N, H, 8)))
    words = "'NoneType' object has no attribute or method 'dtype'"
    with quiet(), pytest.raises(RuntimeError, match=words):
        torch.jit.script(model)


def test_fresh_weights() -> None:
    """The language's: msra for matrices, zeros for biases, unless the spec says otherwise."""
    assert held(MultiHeadAttention(heads=2), (N, 5, 4)) == {
        "in_proj_weight": (12, 4),
        "in_proj_bias": (12,),
        "out_proj.weight": (4, 4),
        "out_proj.bias": (4,),
    }
    text = (
        "netspec: 1\nname: Net\ninputs: {x: [N, 5, 64], y: [N, 5, 32]}\nlayers:\n"
        "  - {name: a, type: MultiHeadAttention, heads: 2, bottom: x}\n"
        "  - {name: b, type: MultiHeadAttention, heads: 2, bottom: [a, y, y], bias_term: false}\n"
        "  - {name: c, type: MultiHeadAttention, heads: 2, causal: true,\n"
        "     weight_filler: {value: 2}, bias_filler: {value: 1}}\n"
    )
    state = loads(text).to_torch().state_dict()
    assert state["a.in_proj_weight"].std().item() == pytest.approx(sqrt(2 / 64), rel=0.05)
    assert state["b.k_proj_weight"].std().item() == pytest.approx(sqrt(2 / 32), rel=0.1)
    assert (state["a.in_proj_bias"] == 0).all()
    assert (state["c.out_proj.weight"] == 2).all()
    assert (state["c.in_proj_bias"] == 1).all()
