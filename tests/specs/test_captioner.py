"""The stock captioner against PyTorch's own modules, written down by hand."""

from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

import netspec
from netspec.lower.torch import to_torch
from netspec.lower.weights import fresh
from tests.lower.onnx.checks import NEWEST, checked_model, run

SMALL: dict[str, Any] = {"num_words": 50, "width": 24}
"""As it is, it has 26 million parameters."""


class Captioner(nn.Module):
    """What a person writes who reads the paper beside torchvision."""

    def __init__(self, models: ModuleType, num_words: int, width: int, num_layers: int = 2) -> None:
        super().__init__()
        self.encoder = models.resnet18(num_classes=width)
        self.embed = nn.Embedding(num_words, width)
        self.lstm = nn.LSTM(width, width, num_layers=num_layers, dropout=0.3, batch_first=True)
        self.scores = nn.Linear(width, num_words)

    def forward(self, image: Tensor, words: Tensor) -> Tensor:
        first = self.encoder(image).unsqueeze(1)
        x, _ = self.lstm(torch.cat([first, self.embed(words)], dim=1))
        scores: Tensor = self.scores(F.dropout(x, 0.3, self.training))
        return scores


@pytest.fixture(scope="module")
def graph() -> netspec.Graph:
    return netspec.load("captioner", inputs={"image": ["N", 3, 64, 64]}, **SMALL)


@pytest.fixture(scope="module")
def both(models: ModuleType, graph: netspec.Graph) -> tuple[nn.Module, Captioner]:
    """The emitted module and the one by hand, with the weights of the first, in float64."""
    torch.manual_seed(0)
    own, emitted = Captioner(models, **SMALL).double(), to_torch(graph).double()
    own.load_state_dict(emitted.state_dict())
    emitted.load_state_dict(own.state_dict())
    return emitted, own


def example(batch: int, steps: int) -> tuple[Tensor, Tensor]:
    return torch.randn(batch, 3, 64, 64), torch.randint(50, (batch, steps))


def test_parameters(models: ModuleType) -> None:
    """Names, shapes and order, at its real size."""
    own = Captioner(models, 10000, 512)
    state = [(name, tuple(each.shape)) for name, each in own.state_dict().items()]
    network = netspec.load("captioner")
    assert [(each.name, each.shape) for each in network.parameters] == state
    assert network.params == sum(each.numel() for each in own.parameters()) == 25_891_664


@pytest.mark.parametrize("steps", [1, 2, 11])
def test_outputs(both: tuple[nn.Module, Captioner], steps: int) -> None:
    image, words = example(2, steps)
    with torch.no_grad():
        emitted, own = (model.eval()(image.double(), words) for model in both)
    assert emitted.shape == (2, steps + 1, 50)
    assert torch.equal(emitted, own)


def test_gradients(both: tuple[nn.Module, Captioner]) -> None:
    """Of a step of training, with the same elements dropped."""
    image, words = example(3, 5)
    for model in both:
        torch.manual_seed(1)
        scores = model.train()(image.double(), words)
        F.cross_entropy(scores[:, :-1].flatten(0, 1), words.flatten()).backward()
    pairs = zip(*(model.named_parameters() for model in both), strict=True)
    for (name, one), (other_name, other) in pairs:
        assert name == other_name
        assert one.grad is not None
        assert other.grad is not None
        assert torch.equal(one.grad, other.grad), name


@pytest.mark.parametrize("opset", [13, 17, NEWEST])
def test_onnx(graph: netspec.Graph, opset: int) -> None:
    weights = fresh(graph)
    model: Any = to_torch(graph, weights=weights).eval()
    file = checked_model(graph, weights, opset)
    for batch, steps in ((2, 1), (1, 6), (3, 17)):
        image, words = example(batch, steps)
        with torch.no_grad():
            expected = model(image, words).numpy()
        (found,) = run(file, image.numpy(), words.numpy())
        assert found.shape == expected.shape
        assert np.abs(found - expected).max() <= 1e-5 * np.abs(expected).max()


def test_macs(both: tuple[nn.Module, Captioner], graph: netspec.Graph) -> None:
    """What PyTorch counts of the module by hand, for one image and any number of words."""
    counts = []
    for steps in (1, 8):
        image, words = example(1, steps)
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            both[1].eval()(image.double(), words)
        counts.append(counter.get_total_flops() // 2)
    each = (counts[1] - counts[0]) // 7
    assert str(graph.macs) == f"{each}*T + {counts[0] - each}"
