"""Vision transformers against torchvision's: names, costs, outputs and a training step."""

from functools import cache
from types import ModuleType
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

import netspec
from netspec.stock import stock_names
from tests.specs.measuring import stock

NAMES = tuple(name for name in stock_names() if name.startswith("vit_"))
SMALL: dict[str, Any] = {"num_layers": 3, "num_heads": 4, "hidden_dim": 48, "mlp_dim": 96}


@cache
def theirs_on_meta(models: ModuleType, name: str) -> nn.Module:
    """torchvision's network, without weights."""
    with torch.device("meta"):
        model = getattr(models, name)()
    assert isinstance(model, nn.Module)
    return model


def both(models: ModuleType, name: str) -> tuple[nn.Module, nn.Module]:
    """netspec's module and torchvision's, the same weights in both; `small` is a narrow one."""
    torch.manual_seed(0)
    if name == "small":
        theirs = models.VisionTransformer(image_size=224, patch_size=32, **SMALL)
        ours = netspec.load("vit_b_32", **SMALL).to_torch()
    else:
        theirs, ours = getattr(models, name)(), stock(name).to_torch(init=False)
    with torch.no_grad():
        for parameter in theirs.parameters():
            rows = len(parameter) if parameter.dim() == 2 else 1
            fan_in = parameter.numel() // rows if parameter.dim() > 1 else 16
            parameter.copy_(torch.randn_like(parameter) / fan_in**0.5)
    ours.load_state_dict(theirs.state_dict(), strict=True)
    theirs.load_state_dict(ours.state_dict(), strict=True)
    return ours.double(), theirs.double()


def images(batch: int) -> Tensor:
    return torch.rand(batch, 3, 224, 224, dtype=torch.float64)


SIZES = ["small", pytest.param("vit_b_32", marks=pytest.mark.slow)]


@pytest.mark.parametrize("name", NAMES)
def test_parameters(models: ModuleType, name: str) -> None:
    """What torchvision's state_dict holds, in its order."""
    state = theirs_on_meta(models, name).state_dict()
    parameters = stock(name).parameters
    assert [(p.name, p.shape) for p in parameters] == [(k, v.shape) for k, v in state.items()]
    assert not any(parameter.buffer for parameter in parameters)
    # The weights of vit_h_14 that torchvision has are for larger images.
    if name != "vit_h_14":
        assert stock(name).params == models.get_model_weights(name).DEFAULT.meta["num_params"]


@pytest.mark.parametrize("name", NAMES)
def test_macs(models: ModuleType, name: str) -> None:
    """Layer by layer, as PyTorch counts them where it runs no attention of its own."""
    model = theirs_on_meta(models, name).eval()
    with FlopCounterMode(display=False) as counter:
        model(torch.empty(1, 3, 224, 224, device="meta"))
    counts = {path: sum(each.values()) // 2 for path, each in counter.get_flop_counts().items()}
    found = {f"VisionTransformer.{node.path}": node.macs for node in stock(name) if node.macs}
    assert {path: counts[path] for path in found} == found
    assert stock(name).macs == counts["Global"]


@pytest.mark.parametrize("name", SIZES)
def test_the_same_weights_give_the_same_outputs(models: ModuleType, name: str) -> None:
    """With gradients and without, where PyTorch takes another way through its attention."""
    ours, theirs = both(models, name)
    image = images(2)
    expected = theirs.eval()(image)
    assert expected.std() > 1e-3
    torch.testing.assert_close(ours.eval()(image), expected, rtol=1e-10, atol=1e-10)
    with torch.no_grad():
        torch.testing.assert_close(ours(image), expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", SIZES)
def test_a_training_step_is_the_same(models: ModuleType, name: str) -> None:
    ours, theirs = both(models, name)
    batch, labels = images(2), torch.tensor([7, 300])
    results: list[dict[str, Tensor | None]] = []
    for model in (ours, theirs):
        loss = F.cross_entropy(model.train()(batch), labels)
        loss.backward()
        gradients = {name: each.grad for name, each in model.named_parameters()}
        results.append({"loss": loss.detach(), **gradients})
    found, expected = results
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        assert value is not None
        torch.testing.assert_close(found[key], value, rtol=1e-9, atol=1e-12, msg=key)


def test_the_source() -> None:
    """A class for each block, a loop over the layers, and the numbers where torchvision's are."""
    source = netspec.load("vit_b_16").to_source()
    for line in (
        "self.self_attention = nn.MultiheadAttention(",
        "for i in range(num_layers):",
        'f"encoder_layer_{i}",',
        "self.pos_embedding = nn.Parameter(torch.empty(1, 197, hidden_dim))",
        "self.class_token.expand(",
    ):
        assert line in source
    assert source.count("class ") < 10
    assert len(source.splitlines()) < 200


def test_other_depths_and_widths_of_the_source() -> None:
    """The numbers of the class are what the spec's vars are."""
    namespace: dict[str, type[nn.Module]] = {}
    exec(netspec.load("vit_b_32").to_source().partition("\nif __name__")[0], namespace)
    made = namespace["VisionTransformer"](**SMALL, num_classes=10)
    expected = netspec.load("vit_b_32", **SMALL, num_classes=10).parameters
    assert [(n, v.shape) for n, v in made.state_dict().items()] == [
        (each.name, each.shape) for each in expected
    ]


def test_fresh_weights() -> None:
    model = netspec.load("vit_b_32", **SMALL).to_torch()
    state = model.state_dict()
    assert (state["heads.head.weight"] == 0).all()
    assert (state["class_token"] == 0).all()
    assert state["encoder.pos_embedding"].std().item() == pytest.approx(0.02, rel=0.1)
    block = "encoder.layers.encoder_layer_1"
    assert (state[f"{block}.self_attention.out_proj.bias"] == 0).all()
    bound = (6 / (4 * 48)) ** 0.5
    assert state[f"{block}.self_attention.in_proj_weight"].abs().max() <= bound
    assert state[f"{block}.mlp.0.bias"].std().item() == pytest.approx(1e-6, rel=0.3)
