"""VGG: the paper's columns A to E, and D (VGG-16) row by row."""

from collections.abc import Callable
from typing import Any

import netspec
from netspec.graph import Node
from netspec.layers.convolution import Convolution
from netspec.layers.pooling import Pooling
from tests.specs.measuring import (
    Measures,
    depth,
    elements,
    hwc,
    known,
    macs,
    stock,
    weighted,
    weights,
)

COLUMNS = {"A": "vgg11", "B": "vgg13", "C": "vgg16_1x1", "D": "vgg16", "E": "vgg19"}
ROWS = range(1, 22)


def rows(network: netspec.Graph) -> list[Node]:
    """The layers that the tables list: those with weights, and the poolings between them."""
    listed = (n for n in network if weighted(n) or isinstance(n.layer, Pooling))
    return [node for node in listed if node.path != "avgpool"]


def of_row(number: int, measure: Callable[[Node], Any]) -> Callable[[], Any]:
    return lambda: measure(rows(stock("vgg16"))[number - 1])


def of_column(column: str, measure: Callable[[netspec.Graph], Any]) -> Callable[[], Any]:
    return lambda: measure(stock(COLUMNS[column]))


def input_elements() -> int:
    return known(stock("vgg16").inputs[0].shape[1:].elements)


def table_elements() -> int:
    return input_elements() + sum(map(elements, rows(stock("vgg16"))))


def written(node: Node) -> str:
    """A layer as the paper's table has it."""
    channels = hwc(node)[-1]
    if isinstance(node.layer, Convolution):
        return f"conv{node.layer.kernel_size}-{channels}"
    return "maxpool" if isinstance(node.layer, Pooling) else f"FC-{channels}"


def config() -> dict[str, list[str]]:
    """All columns; the soft-max behind each is the user's, or the loss's."""
    return {c: [*map(written, rows(stock(name))), "soft-max"] for c, name in COLUMNS.items()}


MEASURES: Measures = {
    "vgg16.row00.memory": input_elements,
    **{f"vgg16.row{n:02}.params": of_row(n, lambda node: weights([node])) for n in ROWS},
    **{f"vgg16.row{n:02}.params/macs": of_row(n, lambda node: node.macs) for n in ROWS},
    **{
        f"vgg16.row{n:02}.params/params_with_bias": of_row(n, lambda node: node.params)
        for n in ROWS
    },
    **{f"vgg16.row{n:02}.memory": of_row(n, elements) for n in ROWS},
    "vgg16.total.memory_floats": table_elements,
    "vgg16.total.memory_bytes": lambda: 4 * table_elements(),
    "vgg16.total.memory_bytes_93": lambda: 4 * table_elements(),
    "vgg16.total.params": lambda: stock("vgg16").params,
    "vgg16.total.params/without_biases": lambda: weights(stock("vgg16")),
    **{f"vgg.{c}.weight_layers": of_column(c, depth) for c in COLUMNS},
    **{f"vgg.{c}.params": of_column(c, lambda net: net.params) for c in COLUMNS},
    **{f"vgg.{c}.params/macs": of_column(c, macs) for c in COLUMNS},
    **{f"vgg.{c}.params/weights_only": of_column(c, weights) for c in COLUMNS},
    "vgg.A-LRN": lambda: stock("vgg11_lrn").params,
    "vgg.config": config,
    "vgg.depth": lambda: [depth(stock("vgg16")), depth(stock("vgg19"))],
    "vgg19.layers": lambda: depth(stock("vgg19")),
}
