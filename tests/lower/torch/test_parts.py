"""A part of a network: blocks of which members are gone, repeats that end early."""

import pytest
import torch

import netspec
from netspec.lower.torch import instrumented, to_torch
from tests.lower.torch import golden_networks
from tests.lower.torch.checks import check_text, examples

PARTS = [
    ("RECURSIVE_U_NET", "net.inner.encode"),
    ("RECURSIVE_U_NET", "net.inner.inner"),
    ("EFFICIENTNET", "features.3"),
    ("EFFICIENTNET", "features.4.1.block"),
    ("REGNET", "trunk.block2.0"),
]


def check_part(text: str | None, name: str, output: str) -> None:
    """The part gives what the layer of the whole does, of the same weights."""
    whole = netspec.loads(text) if text else netspec.load(name)
    part = netspec.loads(text, outputs=[output]) if text else netspec.load(name, outputs=[output])
    check_text(part.to_source())
    watched = instrumented(whole)
    watched.model.eval()
    inputs = examples(whole)
    with torch.no_grad():
        watched.model(*inputs)
        weights = watched.model.state_dict()
        model = to_torch(part, init=False)
        model.load_state_dict({key: weights[key] for key in model.state_dict()})
        found = model.eval()(*inputs)
    (blob,) = part.results
    torch.testing.assert_close(found, watched.blobs[blob.name], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("name", "output"), PARTS)
def test_parts_of_blocks_and_loops(name: str, output: str) -> None:
    check_part(getattr(golden_networks, name), name, output)


@pytest.mark.parametrize(
    ("name", "output"),
    [
        ("resnet20", "layer2.1"),
        ("resnet20", "layer2.2.conv1"),
        ("resnet20", "layer3"),
        ("densenet121", "features.denseblock2.denselayer3"),
    ],
)
def test_parts_of_a_stock_network(name: str, output: str) -> None:
    check_part(None, name, output)
