"""Small causal transformers against PyTorch written by hand."""

from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

import netspec
from netspec.lower.onnx.options import Options
from netspec.lower.torch import to_torch
from netspec.lower.weights import fresh
from tests.lower.onnx.checks import NEWEST, checked_model, run
from tests.lower.torch.checks import checked_source
from tests.specs.measuring import FOLDER, stock


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


def rotated(x: Tensor) -> Tensor:
    """N x heads x T x d, as published code has it."""
    length, width = x.shape[2:]
    speeds = 10000.0 ** -(torch.arange(0, width, 2).double() / width)
    angles = torch.outer(torch.arange(length).float(), speeds.float()).repeat(1, 2)
    one, other = x.chunk(2, -1)
    return x * angles.cos().to(x) + torch.cat((-other, one), -1) * angles.sin().to(x)


class Attention(nn.Module):
    def __init__(self, dim: int, heads: int, kv_heads: int) -> None:
        super().__init__()
        self.heads, self.kv_heads, self.width = heads, kv_heads, dim // heads
        self.q = nn.Linear(dim, dim, bias=False)
        self.k = nn.Linear(dim, kv_heads * self.width, bias=False)
        self.v = nn.Linear(dim, kv_heads * self.width, bias=False)
        self.out = nn.Linear(dim, dim, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        n, t, c = x.shape
        q = rotated(self.q(x).view(n, t, self.heads, self.width).transpose(1, 2))
        k = rotated(self.k(x).view(n, t, self.kv_heads, self.width).transpose(1, 2))
        v = self.v(x).view(n, t, self.kv_heads, self.width).transpose(1, 2)
        k, v = (each.repeat_interleave(self.heads // self.kv_heads, 1) for each in (k, v))
        scores = q @ k.mT / self.width**0.5
        scores = scores.masked_fill(torch.ones(t, t, dtype=torch.bool).triu(1), -torch.inf)
        y: Tensor = self.out((scores.softmax(-1) @ v).transpose(1, 2).reshape(n, t, c))
        return y


class Gated(nn.Module):
    def __init__(self, dim: int, hidden: int) -> None:
        super().__init__()
        self.gate = nn.Linear(dim, hidden, bias=False)
        self.up = nn.Linear(dim, hidden, bias=False)
        self.down = nn.Linear(hidden, dim, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.down(F.silu(self.gate(x)) * self.up(x))
        return y


class DecoderLayer(nn.Module):
    def __init__(self, dim: int, heads: int, kv_heads: int, hidden: int) -> None:
        super().__init__()
        self.norm1 = nn.RMSNorm(dim, eps=1e-6)
        self.attention = Attention(dim, heads, kv_heads)
        self.norm2 = nn.RMSNorm(dim, eps=1e-6)
        self.mlp = Gated(dim, hidden)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(self.norm1(x))
        y: Tensor = x + self.mlp(self.norm2(x))
        return y


class Decoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(64, 32)
        self.layers = nn.Sequential(*(DecoderLayer(32, 4, 2, 88) for _ in range(3)))
        self.norm = nn.RMSNorm(32, eps=1e-6)
        self.scores = nn.Linear(32, 64, bias=False)

    def forward(self, words: Tensor) -> Tensor:
        y: Tensor = self.scores(self.norm(self.layers(self.embed(words))))
        return y


class Conv1D(nn.Module):
    """A linear layer whose weight is turned, as GPT-2's authors have it."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(inputs, outputs))
        self.bias = nn.Parameter(torch.empty(outputs))

    def forward(self, x: Tensor) -> Tensor:
        return x @ self.weight + self.bias


class CausalAttention(nn.Module):
    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.c_attn, self.c_proj = Conv1D(dim, 3 * dim), Conv1D(dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        n, t, c = x.shape
        q, k, v = self.c_attn(x).view(n, t, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        scores = q @ k.mT / (c // self.heads) ** 0.5
        scores = scores.masked_fill(torch.ones(t, t, dtype=torch.bool).triu(1), -torch.inf)
        weights = F.dropout(scores.softmax(-1), 0.1, self.training)
        y = self.c_proj((weights @ v).transpose(1, 2).reshape(n, t, c))
        return F.dropout(y, 0.1, self.training)


class MLP(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.c_fc, self.c_proj = Conv1D(dim, 4 * dim), Conv1D(4 * dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        y = self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))
        return F.dropout(y, 0.1, self.training)


class Unit(nn.Module):
    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(dim)
        self.attn = CausalAttention(dim, heads)
        self.ln_2 = nn.LayerNorm(dim)
        self.mlp = MLP(dim)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.ln_1(x))
        y: Tensor = x + self.mlp(self.ln_2(x))
        return y


class GPT2(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.wte, self.wpe = nn.Embedding(64, 32), nn.Embedding(16, 32)
        self.h = nn.Sequential(*(Unit(32, 4) for _ in range(3)))
        self.ln_f = nn.LayerNorm(32)
        self.lm_head = nn.Linear(32, 64, bias=False)
        self.lm_head.weight = self.wte.weight

    def forward(self, words: Tensor) -> Tensor:
        places = torch.arange(words.shape[1], device=words.device)
        x = F.dropout(self.wte(words) + self.wpe(places), 0.1, self.training)
        y: Tensor = self.lm_head(self.ln_f(self.h(x)))
        return y


OWN: dict[str, type[nn.Module]] = {"decoder": Decoder, "gpt2": GPT2}
LENGTHS = {"decoder": (1, 2, 13), "gpt2": (1, 7, 16)}
SMALL: dict[str, Any] = {
    "num_words": 64,
    "num_positions": 16,
    "dim": 32,
    "depth": 3,
    "num_heads": 4,
}
every = pytest.mark.parametrize("name", OWN)


@cache
def network(name: str, length: int | None = None) -> netspec.Graph:
    """The network for texts of a length, of all that it takes unless said."""
    names = {"decoder": ["words"], "gpt2": ["words", "next_words"]}[name]
    inputs: dict[str, list[int | str]] = {each: ["N", length] for each in names if length}
    if name == "decoder":
        return netspec.load(FOLDER / "decoder.yaml", inputs=inputs)
    return netspec.load(name, inputs=inputs, **SMALL)


def both(name: str) -> tuple[nn.Module, nn.Module]:
    """The emitted module and the one by hand, with the weights of the first, in float64."""
    torch.manual_seed(0)
    emitted, own = network(name).to_torch().double(), OWN[name]().double()
    assert list(emitted.state_dict()) == list(own.state_dict())
    own.load_state_dict(emitted.state_dict(), strict=True)
    emitted.load_state_dict(own.state_dict(), strict=True)
    return emitted, own


@every
def test_outputs(name: str) -> None:
    emitted, own = (model.eval() for model in both(name))
    for length in LENGTHS[name]:
        words = torch.randint(64, (2, length))
        with torch.no_grad():
            torch.testing.assert_close(emitted(words), own(words), rtol=1e-10, atol=1e-10)


@every
def test_a_word_knows_none_behind_it(name: str) -> None:
    model = network(name).to_torch().eval()
    words = torch.randint(64, (1, LENGTHS[name][-1]))
    changed = words.clone()
    changed[0, 7:] = 63 - changed[0, 7:]
    with torch.no_grad():
        one, other = model(words), model(changed)
    torch.testing.assert_close(one[:, :7], other[:, :7])
    assert not torch.allclose(one[:, 7:], other[:, 7:])


@every
def test_gradients(name: str) -> None:
    """Of a step of training, with the same elements dropped."""
    models = both(name)
    words = torch.randint(64, (3, LENGTHS[name][-1]))
    for model in models:
        torch.manual_seed(1)
        scores = model.train()(words)
        F.cross_entropy(scores[:, :-1].flatten(0, 1), words[:, 1:].flatten()).backward()
    for (key, one), (_, other) in zip(*(m.named_parameters() for m in models), strict=True):
        assert one.grad is not None, key
        assert other.grad is not None, key
        torch.testing.assert_close(one.grad, other.grad, rtol=1e-9, atol=1e-12, msg=key)


@every
@pytest.mark.parametrize("opset", [13, 17, 23, NEWEST])
def test_onnx(name: str, opset: int) -> None:
    graph = network(name)
    weights = fresh(graph)
    model: Any = to_torch(graph, weights=weights).eval()
    file = checked_model(graph, weights, opset)
    half = checked_model(graph, options=Options(weights, opset=opset, dtype="float16"))
    if opset > 13:
        checked_model(graph, options=Options(weights, opset=opset, dtype="bfloat16"))
    # A file of GPT-2's takes texts of one length: its table of positions has an end.
    for length in LENGTHS[name] if name == "decoder" else LENGTHS[name][-1:]:
        words = torch.randint(64, (2, length))
        with torch.no_grad():
            expected = model(words).numpy()
        (found,) = run(file, words.numpy())
        assert np.abs(found - expected).max() <= 1e-5 * np.abs(expected).max()
        (found,) = run(half, words.numpy())
        assert np.abs(found - expected).max() <= 1e-2 * np.abs(expected).max()


@every
def test_macs(name: str) -> None:
    """What PyTorch counts of the module by hand, on the meta device."""
    graph = network(name)
    for length in LENGTHS[name]:
        with torch.device("meta"):
            own = OWN[name]().train()
        with FlopCounterMode(display=False) as counter, torch.device("meta"):
            own(torch.zeros(1, length, dtype=torch.int64))
        assert network(name, length).macs == counter.get_total_flops() // 2
    assert graph.params == sum(each.numel() for each in OWN[name]().parameters())


@every
def test_the_source(name: str) -> None:
    """Written as the one by hand is: blocks are classes, layers a row of them."""
    source = checked_source(network(name))
    assert "for _ in range(" in source


PARAMETERS = {
    "gpt2": 124_439_808,
    "gpt2_medium": 354_823_168,
    "gpt2_large": 774_030_080,
    "gpt2_xl": 1_557_611_200,
}
"""Of the weights that Hugging Face publishes as gpt2, gpt2-medium, gpt2-large and gpt2-xl.

The paper's Table 2 has 117M, 345M, 762M and 1542M, which aren't those of the published weights.
"""
TABLE_2 = {
    "gpt2": (12, 768),
    "gpt2_medium": (24, 1024),
    "gpt2_large": (36, 1280),
    "gpt2_xl": (48, 1600),
}
"""Layers and channels."""


@pytest.mark.parametrize("name", PARAMETERS)
def test_the_parameters_of_gpt2(name: str) -> None:
    """Two tables; in each layer 12 matrices of dim x dim and 13 vectors; the last norm."""
    depth, dim = TABLE_2[name]
    count = (50_257 + 1024) * dim + depth * (12 * dim**2 + 13 * dim) + 2 * dim
    assert stock(name).params == count == PARAMETERS[name]


def test_the_keys_of_gpt2() -> None:
    keys = [each.name for each in stock("gpt2").parameters]
    block = [
        *("ln_1.weight", "ln_1.bias", "attn.c_attn.weight", "attn.c_attn.bias"),
        *("attn.c_proj.weight", "attn.c_proj.bias", "ln_2.weight", "ln_2.bias"),
        *("mlp.c_fc.weight", "mlp.c_fc.bias", "mlp.c_proj.weight", "mlp.c_proj.bias"),
    ]
    assert keys[:2] == ["wte.weight", "wpe.weight"]
    assert keys[2:14] == [f"h.0.{key}" for key in block]
    assert keys[-3:] == ["ln_f.weight", "ln_f.bias", "lm_head.weight"]


def test_the_loss_of_gpt2() -> None:
    model = network("gpt2").to_torch().train()
    words = torch.randint(64, (2, 17))
    torch.manual_seed(1)
    found = model(words[:, :-1], next_words=words[:, 1:])
    expected = F.cross_entropy(found["lm_head"].flatten(0, 1), words[:, 1:].flatten())
    torch.testing.assert_close(found["loss"], expected)
