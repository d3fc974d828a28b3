"""Whole emitted files, to be read by eye; `UPDATE_GOLDEN=1` writes them anew."""

import os
import re
from pathlib import Path

import pytest

import netspec
from tests.lower.torch import golden_networks, golden_specs
from tests.lower.torch.checks import check_text, checked_source
from tests.lower.torch.specs import INCEPTION, RESIDUAL

GOLDEN = Path(__file__).parent.parent.parent / "golden" / "torch"
SPECS = {
    "residual": RESIDUAL,
    "inception": INCEPTION,
    "lstm": golden_specs.LSTM,
    "siamese": golden_specs.SIAMESE,
    "two_inputs": golden_specs.TWO_INPUTS,
    "densenet": golden_specs.DENSENET,
    "encoder": golden_specs.ENCODER,
    "tables": golden_specs.TABLES,
    "masked_encoder": golden_specs.MASKED_ENCODER,
    "wavenet": golden_specs.WAVENET,
    "pyramid": golden_specs.PYRAMID,
}
NETWORKS = {
    "efficientnet": (golden_networks.EFFICIENTNET, 190, ("ConvBn", "Squeeze", "Mbconv")),
    "regnet": (golden_networks.REGNET, 155, ("ConvNorm", "SqueezeExcite", "YBlock", "Trunk")),
    "recursive_u_net": (golden_networks.RECURSIVE_U_NET, 80, ("Double", "Level")),
}
"""Networks, how many lines they take less than, and their classes below their own."""
STOCK = (
    "lenet",
    "alexnet",
    "vgg16",
    "googlenet",
    "resnet152",
    "resnet20",
    "preresnet164",
    "resnext50_32x4d",
    "mobilenet_v3_large",
    "efficientnet_v2_s",
    "regnet_y_400mf",
    "densenet121",
    "convnext_tiny",
    "vit_b_16",
    "swin_t",
    "mvit_v2_s",
    "gpt2",
    "unet",
    "deeplabv3_resnet50",
    "deep_image_prior",
)

LONGEST = {
    "resnet152": 140,
    "resnext50_32x4d": 140,
    "googlenet": 250,
    "vgg16": 120,
    "mobilenet_v3_large": 165,
    "efficientnet_v2_s": 220,
    "regnet_y_400mf": 195,
    "convnext_tiny": 185,
    "vit_b_16": 190,
    "swin_t": 270,
    "mvit_v2_s": 370,
    "gpt2": 220,
    "unet": 125,
    "deeplabv3_resnet50": 225,
    "deep_image_prior": 125,
}
"""So many lines a person would need at most."""


def agrees(name: str, source: str) -> None:
    """The source is the golden file's, but for the hash of the spec, whose comments may change."""
    file = GOLDEN / f"{name}.py"
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(source, encoding="utf-8")
    assert unhashed(source) == unhashed(file.read_text(encoding="utf-8"))


def unhashed(source: str) -> str:
    return re.sub(r"\(sha256 [0-9a-f]+\)", "(sha256 …)", source)


@pytest.mark.parametrize("name", SPECS)
def test_golden(name: str) -> None:
    agrees(name, checked_source(netspec.loads(SPECS[name])))


@pytest.mark.parametrize("name", NETWORKS)
def test_golden_of_a_network_with_a_class_for_each_block(name: str) -> None:
    spec, longest, classes = NETWORKS[name]
    graph = netspec.loads(spec)
    source = checked_source(graph)
    agrees(name, source)
    assert len(source.splitlines()) < longest
    own = re.findall(r"^class (\w+)\(nn\.\w+\):\n    def", source, flags=re.MULTILINE)
    assert own == [*classes, graph.class_name]


@pytest.mark.parametrize("name", STOCK)
def test_golden_of_a_stock_network(name: str) -> None:
    source = netspec.load(name).to_source()
    check_text(source)
    agrees(name, source)
    assert len(source.splitlines()) < LONGEST.get(name, 120)


@pytest.mark.slow
def test_golden_sources_are_typed() -> None:
    from mypy import api

    report, errors, status = api.run(
        ["--config-file=", "--cache-dir=/dev/null", *map(str, sorted(GOLDEN.glob("*.py")))]
    )
    assert status == 0, report + errors
