"""SENet: what its paper prints, and its authors' prototxts."""

import pytest

import netspec
from netspec.layers.arithmetic import Eltwise
from netspec.layers.convolution import Convolution
from netspec.layers.regularization import Dropout
from tests.specs.measuring import elements, hwc, known, layer, stock, within

PROTOTXTS = {
    # block: filters of the 1x1, the 3x3, the 1x1, and of the squeeze; groups of the 3x3
    "se_resnet50": ([64, 64, 256, 16, 256], 1),
    "se_resnext50_32x4d": ([128, 128, 256, 16, 256], 32),
    "senet154": ([128, 256, 256, 16, 256], 64),
}
"""The first block of its authors' SE-ResNet-50, SE-ResNeXt-50 and SENet-154.prototxt."""


@pytest.mark.parametrize("name", PROTOTXTS)
def test_the_first_block(name: str) -> None:
    filters, groups = PROTOTXTS[name]
    nodes = within(stock(name), "layer1.1")
    layers = [node.layer for node in nodes if isinstance(node.layer, Convolution)]
    assert [each.num_output for each in layers] == filters
    assert [each.group for each in layers] == [1, groups, 1, 1, 1]


@pytest.mark.parametrize("name", ["se_resnet50", "se_resnet101", "se_resnet152"])
def test_a_weight_for_each_channel(name: str) -> None:
    """se.block: a global statistic of each channel, a model of two layers, weights, a product."""
    network = stock(name)
    block = within(network, "layer3.2.se_module")
    assert [node.name for node in block] == ["avg_pool", "fc1", "relu", "fc2", "sigmoid", "scale"]
    assert [hwc(node) for node in block] == [
        *([1, 1, 1024], [1, 1, 64], [1, 1, 64], [1, 1, 1024], [1, 1, 1024]),
        [14, 14, 1024],
    ]
    assert (
        sum(node.type == "Scale" for node in network)
        == {50: 16, 101: 33, 152: 50}[int(name.removeprefix("se_resnet"))]
    )


def test_it_adds_two_layers_a_block_to_a_resnet() -> None:
    """Hu et al. 2017, section 4: 2/r · Σ N·C² weights, and their biases."""
    blocks = {256: 3, 512: 4, 1024: 6, 2048: 3}
    added = sum(n * (2 * c * c // 16 + c // 16 + c) for c, n in blocks.items())
    assert stock("se_resnet50").params == stock("resnet50_v1").params + added == 28_088_024


@pytest.mark.parametrize(("reduction", "params"), [(4, 35.7), (8, 30.7), (16, 28.1), (32, 26.9)])
def test_reductions(reduction: int, params: float) -> None:
    """Hu et al. 2017, the table of reduction ratios, with the statistics of normalizations."""
    network = netspec.load("se_resnet50", reduction=reduction)
    statistics = sum(p.elements for p in network.parameters if ".running_" in p.name)
    assert round((network.params + statistics) / 1e6, 1) == params


def test_gflops_of_the_paper() -> None:
    """Section 4 has 3.86 for ResNet-50 and 3.87 for SE-ResNet-50, 0.26% more: multiplications and
    additions together, and those of the pooling and the scaling among them.
    """
    network = stock("se_resnet50")
    scaled = sum(elements(node) for node in network if node.type == "Scale")
    assert round(known(stock("resnet50_v1").macs) / 1e9, 2) == 3.86
    assert round((known(network.macs) + 2 * scaled) / 1e9, 2) == 3.87


def test_what_else_is_special_of_senet154() -> None:
    """The paper's appendix: half as many filters in the first 1x1 of a block, three 3x3 for the
    first 7x7, a 3x3 in the shortcuts of stride 2, dropout of 0.2.
    """
    network = stock("senet154")
    stem = [n.layer for n in within(network, "layer0") if isinstance(n.layer, Convolution)]
    assert [(each.num_output, each.kernel_size) for each in stem] == [(64, 3), (64, 3), (128, 3)]
    shortcuts = (n.layer for n in network if n.path.endswith("downsample.0"))
    kernels = [(s.stride, s.kernel_size) for s in shortcuts if isinstance(s, Convolution)]
    assert kernels == [(1, 1), (2, 3), (2, 3), (2, 3)]
    assert layer(network, "dropout").layer == Dropout(dropout_ratio=0.2)
    assert sum(isinstance(node.layer, Eltwise) for node in network) == 50
    assert not any(node.type == "Dropout" for node in stock("se_resnet50"))
