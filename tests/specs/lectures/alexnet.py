"""AlexNet, as the lectures draw it (one tower) and as the paper counts it."""

from collections.abc import Callable
from typing import Any

from netspec.graph import Node
from netspec.layers.convolution import Convolution
from tests.specs.measuring import (
    Measures,
    depth,
    elements,
    hwc,
    known,
    layer,
    small,
    stock,
    weights,
)

TABLE = {
    "conv1": "conv1",
    "pool1": "pool1",
    "conv2": "conv2",
    "pool2": "pool2",
    "conv3": "conv3",
    "conv4": "conv4",
    "conv5": "conv5",
    "pool3": "pool5",
    "fc6": "fc6",
    "fc7": "fc7",
    "fc8": "fc8",
}
"""The lectures' name of each row and the spec's."""


def row(name: str) -> Node:
    return layer(stock("alexnet_ungrouped"), TABLE[name])


def of_row(name: str, measure: Callable[[Node], Any]) -> Callable[[], Any]:
    return lambda: measure(row(name))


def input_hwc(name: str) -> list[Any]:
    _, channels, *image = stock(name).inputs[0].shape
    return [*image, channels]


def totals(name: str) -> dict[str, Any]:
    return {"params": stock(name).params, "macs": stock(name).macs}


def all_totals() -> dict[str, Any]:
    return {
        "ungrouped": totals("alexnet_ungrouped"),
        "groups_2_on_conv2_4_5": totals("alexnet"),
    }


def weight_matrix() -> list[int]:
    """The first layer's weights as im2col multiplies them."""
    filters, *patch = row("conv1").parameters[0].shape
    return [filters, patch[0] * patch[1] * patch[2]]


def positions() -> int:
    height, width, _ = hwc(row("conv1"))
    return known(height * width)


def caffe_fields() -> dict[str, Any]:
    """The first layer's fields, named as in the slide's prototxt."""
    node = layer(stock("alexnet"), "conv1")
    assert isinstance(node.layer, Convolution)
    weight, bias = node.parameters
    return {
        "type": node.type,
        "bottom": node.bottoms[0].name,
        "top": node.tops[0].name,
        "num_output": node.layer.num_output,
        "kernel_size": node.layer.kernel_size,
        "stride": node.layer.stride,
        "weight_filler": f"{weight.filler.type} std {weight.filler.std}",
        "bias_filler": f"{bias.filler.type} {bias.filler.value:g}",
        "weight_lr_mult": weight.lr_mult,
        "weight_decay_mult": weight.decay_mult,
        "bias_lr_mult": bias.lr_mult,
        "bias_decay_mult": bias.decay_mult,
    }


def order() -> list[str]:
    """What stands between the first two convolutions, ReLU apart."""
    types = [node.type for node in stock("alexnet")]
    return types[2 : types.index("Convolution", 1)]


def neurons(path: str) -> Callable[[], int]:
    return lambda: elements(layer(stock("alexnet"), path))


MEASURES: Measures = {
    **{f"alexnet.{name}.out": of_row(name, hwc) for name in TABLE},
    **{
        f"alexnet.{name}.out/params_ungrouped": of_row(name, lambda node: node.params)
        for name in TABLE
        if "pool" not in name
    },
    **{
        f"alexnet.{name}.out/macs_ungrouped": of_row(name, lambda node: node.macs)
        for name in TABLE
        if "pool" not in name
    },
    "alexnet.norm1.out": lambda: hwc(layer(small("pool_then_norm"), "norm1")),
    "alexnet.norm2.out": lambda: hwc(layer(small("pool_then_norm"), "norm2")),
    "alexnet.input": lambda: input_hwc("alexnet_ungrouped"),
    "alexnet.conv1.params": of_row("conv1", lambda node: node.params),
    "alexnet.conv1.params/weights_only": of_row("conv1", lambda node: weights([node])),
    "alexnet.pool1.params": of_row("pool1", lambda node: node.params),
    "alexnet.order": order,
    "alexnet.layers": lambda: depth(stock("alexnet")),
    "alexnet.torchvision_filters": lambda: [*stock("alexnet_owt").parameters[0].shape],
    "alexnet.totals": all_totals,
    "alexnet.neurons.input": lambda: stock("alexnet_owt").inputs[0].shape[1:].elements,
    **{f"alexnet.neurons.conv{n}": neurons(f"conv{n}") for n in range(1, 6)},
    "caffe.conv1": caffe_fields,
    "im2col.ifm": lambda: [weight_matrix()[1], positions()],
    "im2col.weights": weight_matrix,
    "im2col.weights/ofm": lambda: [weight_matrix()[0], positions()],
    "im2col.weights/macs": of_row("conv1", lambda node: node.macs),
}
