"""BN-Inception, Inception v2 to v4 and Inception-ResNet: their tables, figures and totals."""

from collections import Counter

import pytest

from netspec.layers.arithmetic import Eltwise
from tests.specs.measuring import hwc, known, layer, params, stock, within

SLIM_OUTPUTS = {
    "conv1_7x7_s2.pointwise.relu": [112, 112, 64],
    "pool1_3x3_s2": [56, 56, 64],
    "conv2_3x3.relu": [56, 56, 192],
    "pool2_3x3_s2": [28, 28, 192],
    "inception_3a.output": [28, 28, 256],
    "inception_3b.output": [28, 28, 320],
    "inception_3c.output": [14, 14, 576],
    "inception_4a.output": [14, 14, 576],
    "inception_4b.output": [14, 14, 576],
    "inception_4c.output": [14, 14, 576],
    "inception_4d.output": [14, 14, 576],
    "inception_4e.output": [7, 7, 1024],
    "inception_5a.output": [7, 7, 1024],
    "inception_5b.output": [7, 7, 1024],
}


def test_bn_inceptions_rows() -> None:
    """Ioffe and Szegedy 2015, Figure 5, as their TF-Slim inception_v2_test.py has the shapes: 3c
    and 4e halve the image, which the figure prints a row later.
    """
    network = stock("bn_inception")
    assert {path: hwc(layer(network, path)) for path in SLIM_OUTPUTS} == SLIM_OUTPUTS


def test_bn_inception_has_its_authors_parameters() -> None:
    """10,173,112 in inception_v2_test.py: without a classifier, with shift, mean and variance of
    each normalization but no scale, and with biases in place of the first one.
    """
    network = stock("bn_inception")
    channels = [p.elements for p in network.parameters if p.name.endswith("bn.bias")]
    body = network.params - 1025 * 1000 - 2 * sum(channels)
    assert body + 3 * sum(channels[1:]) + channels[0] == 10_173_112


@pytest.mark.parametrize(
    ("name", "params", "gmacs"),
    [
        ("bn_inception", 11.2, 1.94),
        ("inception_v3", 23.8, 5.72),
        ("inception_resnet_v2", 55.8, 13.2),
    ],
)
def test_totals_of_another_paper(name: str, params: float, gmacs: float) -> None:
    """Zoph et al. 2017, Learning Transferable Architectures, Table 2, which counts 0.3% more than
    the multiply-adds of convolutions and classifiers.
    """
    network = stock(name)
    assert round(network.params / 1e6, 1) == params
    assert known(network.macs) / 1e9 == pytest.approx(gmacs, rel=0.004)


def test_bn_inception_of_caffe() -> None:
    """Cadene's pretrained-models.pytorch 0.7.4, bninception, whose weights are Caffe's: 11,295,240
    parameters. The 13.6 million of the paper's section 4.2 are neither's; 2.0 billion
    multiply-adds are BN-Inception's in inceptionv3.t3.cost.217.
    """
    network, paper = stock("bn_inception_caffe"), stock("bn_inception")
    assert network.params == 11_295_240
    assert network.macs == 2_032_600_064
    assert round(known(network.macs) / 1e9, 1) == 2.0
    for module, channels in {"4c": 608, "4d": 608, "4e": 1056}.items():
        assert hwc(layer(network, f"inception_{module}.output"))[-1] == channels
    assert hwc(layer(network, "inception_5b.output")) == hwc(layer(paper, "inception_5b.output"))


def test_inception_v3_counts_what_torchvisions_does() -> None:
    """torchvision 0.28.0: 27,161,264 parameters with the auxiliary head, 5.713 GMACs. The paper's
    Table 3 has 4.8 and its abstract 5 billion, which don't come of the released network.
    """
    network = stock("inception_v3")
    assert (network.params, network.phase("TRAIN").params) == (23_834_568, 27_161_264)
    assert network.macs == 5_713_216_096


@pytest.mark.parametrize("name", ["inception_v2", "inception_v3"])
def test_less_than_25_million_parameters(name: str) -> None:
    """Szegedy et al. 2015, Rethinking the Inception Architecture, abstract."""
    assert stock(name).params < 25e6


def test_inception_v2s_modules_join_to_what_the_table_has() -> None:
    """The filters within them are those of the released network, which the table doesn't print. The
    paper's Table 3 has 3.8 billion multiply-adds for it, fewer than come of them.
    """
    network = stock("inception_v2")
    outputs = {m: hwc(layer(network, f"Mixed_{m}.concat")) for m in ("5c", "6a", "6e", "7a", "7c")}
    assert outputs == {
        "5c": [35, 35, 288],
        "6a": [17, 17, 768],
        "6e": [17, 17, 768],
        "7a": [8, 8, 1280],
        "7c": [8, 8, 2048],
    }
    assert network.macs == 5_322_558_560


def test_the_auxiliary_head_looks_at_17x17() -> None:
    """Figure 8; it counts 0.4 in TF-Slim's train_image_classifier.py."""
    network = stock("inception_v3")
    assert layer(network, "AuxLogits.pool").bottoms[0].name == "Mixed_6e.concat"
    assert hwc(layer(network, "AuxLogits.pool")) == [5, 5, 768]
    assert network.losses == {"loss": 1.0, "aux_loss": 0.4}
    assert list(network.phase("TRAIN").outputs) == ["fc", "AuxLogits"]
    assert list(network.outputs) == ["fc"]


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        # Szegedy et al. 2016, Inception-v4, Figures 3 and 9
        (
            "inception_v4",
            {
                "features.2.relu": [147, 147, 64],
                "features.3.concat": [73, 73, 160],
                "features.4.concat": [71, 71, 192],
                "features.5.concat": [35, 35, 384],
                "features.9.concat": [35, 35, 384],
                "features.10.concat": [17, 17, 1024],
                "features.17.concat": [17, 17, 1024],
                "features.18.concat": [8, 8, 1536],
                "features.21.concat": [8, 8, 1536],
            },
        ),
        # Figures 14 and 15
        (
            "inception_resnet_v1",
            {
                "conv2d_2b.relu": [147, 147, 64],
                "conv2d_3b.relu": [73, 73, 80],
                "conv2d_4a.relu": [71, 71, 192],
                "conv2d_4b.relu": [35, 35, 256],
                "repeat.4.act": [35, 35, 256],
                "mixed_6a.concat": [17, 17, 896],
                "repeat_1.9.act": [17, 17, 896],
                "mixed_7a.concat": [8, 8, 1792],
                "repeat_2.4.relu": [8, 8, 1792],
            },
        ),
    ],
)
def test_sizes_of_the_figures(name: str, sizes: dict[str, list[int]]) -> None:
    network = stock(name)
    assert {path: hwc(layer(network, path)) for path in sizes} == sizes


def branch(channels: int, *convolutions: tuple[int, int]) -> int:
    """Parameters of normalized convolutions in a row: of each its filters and its kernel's size."""
    total = 0
    for filters, size in convolutions:
        total += channels * filters * size + 2 * filters
        channels = filters
    return total


MODULES = {
    "repeat.0": branch(256, (32, 1))
    + branch(256, (32, 1), (32, 9))
    + branch(256, (32, 1), (32, 9), (32, 9))
    + (96 + 1) * 256,
    "mixed_6a": branch(256, (384, 9)) + branch(256, (192, 1), (192, 9), (256, 9)),
    "repeat_1.0": branch(896, (128, 1))
    + branch(896, (128, 1), (128, 7), (128, 7))
    + (256 + 1) * 896,
    "mixed_7a": branch(896, (256, 1), (384, 9))
    + branch(896, (256, 1), (256, 9))
    + branch(896, (256, 1), (256, 9), (256, 9)),
    "repeat_2.0": branch(1792, (192, 1))
    + branch(1792, (192, 1), (192, 3), (192, 3))
    + (384 + 1) * 1792,
}
"""Inception-ResNet v1's Figures 10 to 13, and Figure 7 with its Table 1, by hand."""


@pytest.mark.parametrize("scope", MODULES)
def test_parameters_of_inception_resnet_v1s_modules(scope: str) -> None:
    assert params(within(stock("inception_resnet_v1"), scope)) == MODULES[scope]


def test_parameters_of_inception_resnet_v1() -> None:
    """Figure 15: five modules A, ten B, five C."""
    network = stock("inception_resnet_v1")
    stem = branch(3, (32, 9), (32, 9), (64, 9), (80, 1), (192, 9), (256, 9))
    a, reduction_a, b, reduction_b, c = MODULES.values()
    modules = 5 * a + reduction_a + 10 * b + reduction_b + 5 * c
    assert network.params == stem + modules + (1792 + 1) * 1000


@pytest.mark.parametrize("name", ["inception_resnet_v1", "inception_resnet_v2"])
def test_residuals_are_scaled_down(name: str) -> None:
    """Section 3.3: by 0.1 to 0.3; by what, the released network says, whose last is as it is."""
    sums = [node.layer for node in stock(name) if isinstance(node.layer, Eltwise)]
    scales = Counter(each.coeff[0] if each.coeff else 1 for each in sums)
    a, b, c = (5, 10, 5) if name == "inception_resnet_v1" else (10, 20, 9)
    assert scales == Counter({0.17: a, 0.1: b, 0.2: c, 1: len(sums) - a - b - c})
    assert scales[1] == (name == "inception_resnet_v2")
