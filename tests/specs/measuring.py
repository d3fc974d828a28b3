"""Stock and small networks, and what is measured on them."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import netspec
from netspec.graph import Node, Size
from netspec.layers.convolution import Convolution
from netspec.layers.inner_product import InnerProduct

FOLDER = Path(__file__).parent

Kind = TypeVar("Kind")
Measures: TypeAlias = Mapping[str, Callable[[], Any]]
"""How the figure of each fact is measured, by the fact's id."""


@cache
def stock(name: str) -> netspec.Graph:
    """A stock network, elaborated once for all tests."""
    return netspec.load(name)


@cache
def of_known_size(name: str, extent: int) -> netspec.Graph:
    """A stock network for images whose height and width are `extent` where they are free."""
    (data, *_) = stock(name).inputs
    sizes = [size if isinstance(size, int) else extent for size in data.shape[1:]]
    return netspec.load(name, inputs={data.name: ["N", *sizes]})


def small(name: str, **variables: Any) -> netspec.Graph:
    """A network of a spec beside the tests."""
    return netspec.load(FOLDER / f"{name}.yaml", **variables)


def layer(network: netspec.Graph, path: str) -> Node:
    """The layer at a path, in either phase."""
    return next(node for node in network.nodes if node.path == path)


def of_kind(nodes: Iterable[Node], kind: type[Kind]) -> dict[str, Kind]:
    """The layers of a type, by their paths."""
    return {node.path: node.layer for node in nodes if isinstance(node.layer, kind)}


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
