"""Stock and small networks, and what is measured on them."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import netspec
from netspec.graph import Node, Size
from netspec.layers.convolution import Convolution
from netspec.layers.inner_product import InnerProduct
from netspec.stock import stock_names

FOLDER = Path(__file__).parent

DETECTORS = {
    *("fast_rcnn_vgg16", "fast_rcnn_caffenet", "faster_rcnn_vgg16"),
    *("ssd300", "ssd512"),
}
"""Stock networks that read other things than an image, or give boxes."""

IMAGE_NETWORKS = [name for name in stock_names() if name not in ("captioner", *DETECTORS)]
"""Stock networks that read images alone, and say what is on them."""

Measures: TypeAlias = Mapping[str, Callable[[], Any]]
"""How the figure of each fact is measured, by the fact's id."""


@cache
def stock(name: str) -> netspec.Graph:
    """A stock network, elaborated once for all tests."""
    return netspec.load(name)


def small(name: str, **variables: Any) -> netspec.Graph:
    """A network of a spec beside the tests."""
    return netspec.load(FOLDER / f"{name}.yaml", **variables)


def layer(network: netspec.Graph, path: str) -> Node:
    """The layer at a path, in either phase."""
    return next(node for node in network.nodes if node.path == path)


def within(network: netspec.Graph, *scopes: str) -> list[Node]:
    """The layers of some blocks."""
    return [node for node in network.nodes if node.path.startswith(tuple(f"{s}." for s in scopes))]


def weighted(node: Node) -> bool:
    """Whether papers count it as a layer."""
    return isinstance(node.layer, Convolution | InnerProduct)


def hwc(node: Node) -> list[Any]:
    """A layer's output as lectures write it: height, width, channels; or just channels."""
    _, channels, *image = node.top[0]
    return [*image, channels]


def known(size: Size) -> int:
    """A size or count that holds nothing symbolic."""
    assert isinstance(size, int)
    return size


def elements(node: Node) -> int:
    """How many numbers a layer gives for one image."""
    return known(node.activations)


def macs(nodes: Iterable[Node]) -> int:
    return sum(known(node.macs) for node in nodes)


def weights(nodes: Iterable[Node]) -> int:
    """Parameters as lectures count them: no biases and no normalization."""
    parameters = (p for node in nodes if weighted(node) for p in node.parameters)
    return sum(p.elements for p in parameters if p.name.endswith(".weight"))


def params(nodes: Iterable[Node]) -> int:
    return sum(node.params for node in nodes)


def depth(network: netspec.Graph) -> int:
    """The layers with weights on the longest way through the network."""
    depths: dict[str, int] = {blob.name: 0 for blob in network.inputs}
    for node in network:
        before = max(depths[blob.name] for blob in node.bottoms)
        depths |= {blob.name: before + weighted(node) for blob in node.tops}
    return max(depths.values())


def run(network: netspec.Graph, values: Any) -> Any:
    """What a small network's module gives for one image, as lists."""
    import torch

    with torch.inference_mode():
        model = network.to_torch().double().eval()
        result = model(torch.tensor(values, dtype=torch.float64)[None])
    return result[0].tolist()
