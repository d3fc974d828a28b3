"""ResNet's Table 1, and its bottleneck against a plain 3x3 convolution."""

from collections.abc import Callable
from typing import Any

import netspec
from netspec.layers.inner_product import InnerProduct
from tests.specs.measuring import Measures, depth, hwc, layer, macs, small, stock, weights

DEPTHS = (18, 34, 50, 101, 152)
STAGES = ("layer1", "layer2", "layer3", "layer4")


def papers(number: int) -> netspec.Graph:
    return stock(f"resnet{number}" if number < 50 else f"resnet{number}_v1")


def of_paper(number: int, measure: Callable[[netspec.Graph], Any]) -> Callable[[], Any]:
    return lambda: measure(papers(number))


def of_torchvision(number: int, measure: Callable[[netspec.Graph], Any]) -> Callable[[], Any]:
    return lambda: measure(stock(f"resnet{number}"))


def unprojected_macs(network: netspec.Graph) -> int:
    """What the network would cost with shortcuts that have no weights."""
    return macs(node for node in network if "downsample" not in node.path)


def printed_macs(number: int) -> Callable[[], Any]:
    """The paper's figure for ResNet-34 is that of shortcuts without weights."""
    return of_paper(number, unprojected_macs if number == 34 else macs)


def blocks(network: netspec.Graph) -> list[int]:
    """How many blocks each stage has."""
    paths = {tuple(node.path.split(".")[:2]) for node in network if node.path.count(".") > 1}
    return [sum(path[0] == stage for path in paths) for stage in STAGES]


def sizes() -> list[int]:
    """The height after the first convolution, each stage and the pooling."""
    network = stock("resnet50")
    ends = [
        "conv1",
        *(f"{stage}.{n - 1}" for stage, n in zip(STAGES, blocks(network), strict=True)),
    ]
    last = [[n for n in network if n.path == end or n.path.startswith(f"{end}.")] for end in ends]
    return [hwc(nodes[-1])[0] for nodes in last] + [hwc(layer(network, "avgpool"))[0]]


def bottleneck(*paths: str) -> Callable[[], int]:
    return lambda: weights(n for n in small("bottleneck") if n.path in paths)


def basic_kernels() -> list[Any]:
    """The convolutions of a block of ResNet-18, all of which are 3x3."""
    kernels = [p.shape for p in stock("resnet18").parameters if p.name.startswith("layer1.0.conv")]
    assert {(*shape[2:],) for shape in kernels} == {(3, 3)}
    return kernels


def projection_kernel() -> list[Any]:
    """Of the convolution around the first block of ResNet-34's second stage."""
    shapes = {p.name: p.shape for p in stock("resnet34").parameters}
    return [*shapes["layer2.0.downsample.0.weight"][2:]]


def basic_weights() -> int:
    """The weights of a block of two 3x3 convolutions on 64 channels."""
    return weights(n for n in stock("resnet18") if n.path.startswith("layer1.0."))


MEASURES: Measures = {
    **{f"resnet.{n}.flops": printed_macs(n) for n in DEPTHS},
    **{
        f"resnet.{n}.flops/shortcut A (no projection)": of_paper(n, unprojected_macs)
        for n in DEPTHS
    },
    **{
        f"resnet.{n}.flops/shortcut B, stride in first 1x1 (paper)": of_paper(n, macs)
        for n in DEPTHS
    },
    **{
        f"resnet.{n}.flops/shortcut B, stride in 3x3 (torchvision)": of_torchvision(n, macs)
        for n in DEPTHS
    },
    **{
        f"resnet.{n}.flops/params_shortcut_B": of_torchvision(n, lambda net: net.params)
        for n in DEPTHS
    },
    **{f"resnet.{n}.depth": of_paper(n, depth) for n in DEPTHS},
    **{f"resnet.{n}.blocks": of_paper(n, blocks) for n in DEPTHS},
    "resnet.sizes": sizes,
    "resnet.bottleneck.direct": lambda: weights(small("bottleneck", reduced=False)),
    "resnet.bottleneck.reduce": bottleneck("reduce"),
    "resnet.bottleneck.mid": bottleneck("conv"),
    "resnet.bottleneck.expand": bottleneck("expand"),
    "resnet.bottleneck.total": bottleneck("reduce", "conv", "expand"),
    "resnet.bottleneck.total/basic_block_64": basic_weights,
    "resnet.basic_block": lambda: len(basic_kernels()),
    "resnet.projection": projection_kernel,
    "resnet.no_fc": lambda: sum(isinstance(n.layer, InnerProduct) for n in stock("resnet50")) - 1,
    "resnet.cifar.depths": lambda: [depth(stock("plain20")), depth(stock("plain56"))],
}
