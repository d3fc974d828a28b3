"""Network in Network, layer by layer as the authors' files have it."""

import pytest

from netspec.layers.pooling import Pooling
from tests.specs.measuring import hwc, layer, of_kind, stock, weighted

# Filters and inputs of each: nin_imagenet's train_val.prototxt, and the cifar-10_def of the
# authors' cuda-convnet, whose Caffe form averages in pool2.
LAYERS = {
    "nin_imagenet": [
        *((96, 3 * 11**2, 54), (96, 96, 54), (96, 96, 54)),
        *((256, 96 * 5**2, 27), (256, 256, 27), (256, 256, 27)),
        *((384, 256 * 3**2, 13), (384, 384, 13), (384, 384, 13)),
        *((1024, 384 * 3**2, 6), (1024, 1024, 6), (1000, 1024, 6)),
    ],
    "nin_cifar10": [
        *((192, 3 * 5**2, 32), (160, 192, 32), (96, 160, 32)),
        *((192, 96 * 5**2, 16), (192, 192, 16), (192, 192, 16)),
        *((192, 192 * 3**2, 8), (192, 192, 8), (10, 192, 8)),
    ],
}


@pytest.mark.parametrize("name", LAYERS)
def test_layers(name: str) -> None:
    network = stock(name)
    found = [(*hwc(node), node.params, node.macs) for node in network if weighted(node)]
    assert found == [
        (size, size, filters, filters * (inputs + 1), filters * inputs * size**2)
        for filters, inputs, size in LAYERS[name]
    ]


def test_the_size_of_a_snapshot() -> None:
    """The authors' readme: a snapshot of 29 MB, an eighth of AlexNet's."""
    assert round(stock("nin_imagenet").params * 4 / 2**20) == 29
    assert stock("alexnet").params // stock("nin_imagenet").params == 8


@pytest.mark.parametrize(
    ("name", "pools"), [("nin_imagenet", ["MAX"] * 3), ("nin_cifar10", ["MAX", "AVE"])]
)
def test_pooling(name: str, pools: list[str]) -> None:
    network = stock(name)
    found = [each.pool for each in of_kind(network, Pooling).values()]
    assert found == [*pools, "AVE"]
    assert hwc(layer(network, f"pool{len(found)}")) == [1, 1, hwc(layer(network, "scores"))[0]]
