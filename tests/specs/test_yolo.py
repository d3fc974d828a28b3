"""YOLO: its authors' cfg files row by row, and the operations that they print."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch

import netspec
from netspec.layers.convolution import Convolution
from netspec.layers.inner_product import InnerProduct
from netspec.layers.locally_connected import LocallyConnected
from tests.specs.measuring import hwc, known, layer, macs, stock

V1 = (
    *((64, 7, 2), (192, 3, 1), (128, 1, 1), (256, 3, 1), (256, 1, 1), (512, 3, 1)),
    *((256, 1, 1), (512, 3, 1)) * 4,
    *((512, 1, 1), (1024, 3, 1)) * 3,
    *((1024, 3, 1), (1024, 3, 2), (1024, 3, 1), (1024, 3, 1)),
)
TINY = tuple((channels, 3, 1) for channels in (16, 32, 64, 128, 256, 512, 1024, 256))
V2 = (
    *((32, 3, 1), (64, 3, 1), (128, 3, 1), (64, 1, 1), (128, 3, 1)),
    *((256, 3, 1), (128, 1, 1), (256, 3, 1)),
    *((512, 3, 1), (256, 1, 1), (512, 3, 1), (256, 1, 1), (512, 3, 1)),
    *((1024, 3, 1), (512, 1, 1), (1024, 3, 1), (512, 1, 1), (1024, 3, 1)),
    *((1024, 3, 1), (1024, 3, 1), (64, 1, 1), (1024, 3, 1)),
)
"""Filters, size and stride of each `[convolutional]`."""


def convolutions(name: str) -> Iterator[tuple[int, int, int]]:
    for node in stock(name):
        each = node.layer
        if isinstance(each, Convolution):
            assert isinstance(each.kernel_size, int)
            assert isinstance(each.stride, int)
            yield each.num_output, each.kernel_size, each.stride


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("yolov1", V1),
        ("yolov1_paper", V1),
        ("yolov1_tiny", TINY),
        ("yolov2", (*V2, (425, 1, 1))),
        ("yolov2_voc", (*V2, (125, 1, 1))),
    ],
)
def test_convolutions(name: str, rows: tuple[tuple[int, int, int], ...]) -> None:
    """cfg/yolov1.cfg, yolov1-tiny.cfg, yolov2.cfg and yolov2-voc.cfg of darknet; Figure 3."""
    assert [*convolutions(name)] == [*rows]


@pytest.mark.parametrize(
    ("name", "outputs"),
    [("yolov1", [1715]), ("yolov1_paper", [4096, 1470]), ("yolov1_tiny", [1470])],
)
def test_what_stands_behind_the_convolutions_of_v1(name: str, outputs: list[int]) -> None:
    """`[connected]` of the cfg files, and 4096 and 7×7×30 in Figure 3."""
    network = stock(name)
    full = [node for node in network if isinstance(node.layer, InnerProduct)]
    assert [node.top[0][1] for node in full] == outputs
    local = [hwc(node) for node in network if isinstance(node.layer, LocallyConnected)]
    assert local == ([[7, 7, 256]] if name == "yolov1" else [])


@pytest.mark.parametrize(
    ("name", "side", "printed"),
    [
        ("yolov1", 448, 40.19),
        ("yolov2", 608, 62.94),
        ("yolov3", 320, 38.97),
        ("yolov3", 416, 65.86),
        ("yolov3", 608, 140.69),
    ],
)
def test_operations(name: str, side: int, printed: float) -> None:
    """The tables of pjreddie.com/darknet/yolo in 2017 and since 2018, in billions, by darknet's
    `numops`: two for each product of convolutions and full layers. It leaves local layers out.
    """
    network = netspec.load(name, inputs={"data": [1, 3, side, side]})
    counted = macs(node for node in network if not isinstance(node.layer, LocallyConnected))
    assert f"{2 * counted / 1e9:.2f}" == f"{printed:.2f}"


def test_where_v2_joins_its_features() -> None:
    network = netspec.load("yolov2", inputs={"data": [1, 3, 416, 416]})
    assert hwc(layer(network, "bottleneck5.1.conv2.relu")) == [26, 26, 512]
    assert hwc(layer(network, "concat")) == [13, 13, 4 * 64 + 1024]
    assert hwc(layer(network, "found")) == [13, 13, 5 * (5 + 80)]


def reorganized(image: np.ndarray) -> np.ndarray:
    """`reorg_cpu` of darknet's src/blas.c, written from it: places in memory, whatever the shapes.

    The memory is one of an image with a quarter of the channels, twice as high and wide.
    """
    channels, height, width = image.shape
    quarter, memory = channels // 4, image.ravel()
    given = np.empty_like(memory)
    for k in range(channels):
        for j in range(height):
            for i in range(width):
                offset, channel = divmod(k, quarter)
                row, column = 2 * j + offset // 2, 2 * i + offset % 2
                source = column + 2 * width * (row + 2 * height * channel)
                given[i + width * (j + height * k)] = memory[source]
    return given.reshape(4 * channels, height // 2, width // 2)


@pytest.mark.slow
def test_reorg_is_darknets() -> None:
    network = netspec.load(
        "yolov2", inputs={"data": [1, 3, 64, 96]}, outputs=["passthrough", "reorg"]
    )
    torch.manual_seed(0)
    with torch.no_grad():
        given = network.to_torch().eval()(torch.randn(1, 3, 64, 96))
    before, after = (given[name][0].numpy() for name in ("passthrough", "reorg"))
    assert before.shape == (64, 4, 6)
    assert np.array_equal(after, reorganized(before))


def test_parameters_of_the_paper() -> None:
    """Section 2.1: 24 convolutions and two full layers; their biases beside their weights."""
    network = stock("yolov1_paper")
    before, total = 3, 0
    for channels, kernel, _ in V1:
        total += channels * (before * kernel**2 + 1)
        before = channels
    total += 4096 * (7 * 7 * 1024 + 1) + 1470 * (4096 + 1)
    assert (len(V1), known(network.params)) == (24, total)
