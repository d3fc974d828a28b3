"""Small causal transformers against PyTorch written by hand."""

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
from tests.specs.measuring import FOLDER, small


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


class Unit(nn.Module):
    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(dim)
        self.attn = nn.MultiheadAttention(dim, heads, batch_first=True)
        self.ln_2 = nn.LayerNorm(dim)
        self.mlp = nn.Sequential(
            nn.Linear(dim, 4 * dim), nn.GELU("tanh"), nn.Linear(4 * dim, dim), nn.Dropout(0.1)
        )

    def forward(self, x: Tensor) -> Tensor:
        y = self.ln_1(x)
        mask = nn.Transformer.generate_square_subsequent_mask(x.shape[1], dtype=x.dtype)
        x = x + self.attn(y, y, y, attn_mask=mask, is_causal=True, need_weights=False)[0]
        z: Tensor = x + self.mlp(self.ln_2(x))
        return z


class GPT(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.wpe = nn.Parameter(torch.empty(16, 32))
        self.wte = nn.Embedding(64, 32)
        self.h = nn.Sequential(*(Unit(32, 4) for _ in range(3)))
        self.ln_f = nn.LayerNorm(32)
        self.head = nn.Linear(32, 64, bias=False)
        self.head.weight = self.wte.weight

    def forward(self, words: Tensor) -> Tensor:
        y: Tensor = self.head(self.ln_f(self.h(self.wte(words) + self.wpe)))
        return y


OWN: dict[str, type[nn.Module]] = {"decoder": Decoder, "gpt": GPT}
LENGTHS = {"decoder": (1, 2, 13), "gpt": (16,)}
every = pytest.mark.parametrize("name", OWN)


def both(name: str) -> tuple[nn.Module, nn.Module]:
    """The emitted module and the one by hand, with the weights of the first, in float64."""
    torch.manual_seed(0)
    emitted, own = small(name).to_torch().double(), OWN[name]().double()
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
    model = small(name).to_torch().eval()
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
    graph = small(name)
    weights = fresh(graph)
    model: Any = to_torch(graph, weights=weights).eval()
    file = checked_model(graph, weights, opset)
    half = checked_model(graph, options=Options(weights, opset=opset, dtype="float16"))
    if opset > 13:
        checked_model(graph, options=Options(weights, opset=opset, dtype="bfloat16"))
    for length in LENGTHS[name]:
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
    graph = small(name)
    for length in LENGTHS[name]:
        with torch.device("meta"):
            own = OWN[name]().train()
        with FlopCounterMode(display=False) as counter, torch.device("meta"):
            own(torch.zeros(1, length, dtype=torch.int64))
        at = netspec.load(FOLDER / f"{name}.yaml", inputs={"words": [1, length]})
        assert at.macs == counter.get_total_flops() // 2
    assert graph.params == sum(each.numel() for each in OWN[name]().parameters())


@every
def test_the_source(name: str) -> None:
    """Written as the one by hand is: blocks are classes, layers a row of them."""
    source = checked_source(small(name))
    assert "for _ in range(depth)" in source
