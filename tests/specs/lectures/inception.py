"""GoogLeNet's Table 1 row by row, the module counted by hand, and Inception-v2's Table 1."""

from collections.abc import Callable
from typing import Any

import netspec
from netspec.graph import Node
from netspec.layers.convolution import Convolution
from netspec.layers.inner_product import InnerProduct
from tests.specs.measuring import (
    Measures,
    depth,
    elements,
    hwc,
    layer,
    macs,
    params,
    small,
    stock,
    weights,
    within,
)

NAIVE_BRANCHES = {"out_1x1": "conv1", "out_3x3": "conv3", "out_5x5": "conv5", "out_pool": "pool"}
NAIVE_TERMS = {"c1": "conv1", "c3": "conv3", "c5": "conv5"}
TERMS = {**NAIVE_TERMS, "r3": "reduce3", "r5": "reduce5", "pp": "project"}
MODULES = ("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b")
ROWS: dict[str, tuple[str, ...]] = {
    "conv1": ("conv1",),
    "conv2": ("conv2", "conv3"),
    **{name: (f"inception{name}",) for name in MODULES},
}
"""The blocks that are a row of the table."""
POOLS = ("maxpool1", "maxpool2", "maxpool3", "maxpool4", "avgpool")
V2_ROWS = (
    *("Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3", "maxpool1", "Conv2d_3b_3x3"),
    *("Conv2d_4a_3x3", "Conv2d_4b_3x3", "Mixed_5b", "Mixed_6b", "Mixed_7b", "avgpool", "fc"),
)
"""What a row of Inception-v2's table begins with; the last one reads the scores."""


def naive() -> netspec.Graph:
    return small("inception")


def reduced() -> netspec.Graph:
    return small("inception", reduced=True)


def googlenet() -> netspec.Graph:
    return stock("googlenet")


def of_row(name: str, measure: Callable[[list[Node]], Any]) -> Callable[[], Any]:
    return lambda: measure(within(googlenet(), *ROWS[name]))


def of_linear(measure: Callable[[list[Node]], Any]) -> Callable[[], Any]:
    return lambda: measure([layer(googlenet(), "fc")])


def macs_of(network: Callable[[], netspec.Graph], path: str) -> Callable[[], Any]:
    return lambda: layer(network(), path).macs


def out_of(network: Callable[[], netspec.Graph], path: str) -> Callable[[], Any]:
    return lambda: hwc(layer(network(), path))


def filters(nodes: list[Node]) -> list[int]:
    """The columns of a module's row: #1x1, #3x3 reduce, #3x3, #5x5 reduce, #5x5, pool proj."""
    return [n.layer.num_output for n in nodes if isinstance(n.layer, Convolution)]


def ratio(name: str) -> float:
    """How many times the parameters of GoogLeNet."""
    return round(stock(name).params / googlenet().params, 2)


def auxiliary_params() -> int:
    return googlenet().phase("TRAIN").params - googlenet().params


def v2_row(number: int) -> Callable[[], Any]:
    """The input of a row of Inception-v2's table."""

    def measure() -> list[Any]:
        network = stock("inception_v2")
        if number == len(V2_ROWS):
            return [1, 1, *hwc(layer(network, "fc"))]
        first = next(node for node in network if node.path.split(".")[0] == V2_ROWS[number])
        _, channels, *image = first.bottoms[0].shape
        return [*(image or [1, 1]), channels]

    return measure


MEASURES: Measures = {
    "inception.naive.concat": out_of(naive, "concat"),
    **{f"inception.naive.{name}": out_of(naive, path) for name, path in NAIVE_BRANCHES.items()},
    "inception.naive.concat_numel": lambda: elements(layer(naive(), "concat")),
    "inception.naive.ops": lambda: naive().macs,
    **{f"inception.naive.ops/{term}": macs_of(naive, path) for term, path in NAIVE_TERMS.items()},
    "inception.bottleneck.ops": lambda: reduced().macs,
    **{f"inception.bottleneck.ops/{term}": macs_of(reduced, TERMS[term]) for term in TERMS},
    "inception.bottleneck.concat": out_of(reduced, "concat"),
    "googlenet.layers": lambda: depth(googlenet()),
    "googlenet.params5M": lambda: googlenet().params,
    "googlenet.params5M/weights_only": lambda: weights(googlenet()),
    "googlenet.params5M/with_aux": lambda: googlenet().phase("TRAIN").params,
    "googlenet.params5M/without_classifier": lambda: googlenet().params - of_linear(params)(),
    "googlenet.12x": lambda: ratio("alexnet"),
    "googlenet.27x": lambda: ratio("vgg16"),
    "googlenet.nofc": lambda: sum(isinstance(n.layer, InnerProduct) for n in googlenet()),
    "googlenet.aux_weight": lambda: googlenet().losses["loss1"],
    "googlenet.aux_head/params_two_heads": auxiliary_params,
    **{f"googlenet.t1.{name}.out": of_row(name, lambda nodes: hwc(nodes[-1])) for name in ROWS},
    **{f"googlenet.t1.{name}.params": of_row(name, weights) for name in ROWS},
    **{f"googlenet.t1.{name}.params/with_biases": of_row(name, params) for name in ROWS},
    **{f"googlenet.t1.{name}.ops": of_row(name, macs) for name in ROWS},
    "googlenet.t1.rest": lambda: [hwc(layer(googlenet(), path)) for path in POOLS],
    "googlenet.t1.sum_params": lambda: weights(googlenet()),
    "googlenet.t1.sum_ops": lambda: googlenet().macs,
    "googlenet.t1.linear.out": of_linear(lambda nodes: [1, 1, *hwc(nodes[0])]),
    "googlenet.t1.linear.params": of_linear(weights),
    "googlenet.t1.linear.params/with_biases": of_linear(params),
    "googlenet.t1.linear.ops": of_linear(macs),
    **{f"googlenet.t1.{name}.cfg": of_row(name, filters) for name in MODULES},
    **{
        f"googlenet.t1.{name}.cfg/output_channels": of_row(name, lambda nodes: hwc(nodes[-1])[-1])
        for name in MODULES
    },
    "googlenet.t1.depth": lambda: depth(googlenet()),
    "inceptionv3.t3.cost.215": lambda: googlenet().macs,
    "inceptionv3.t3.cost.219": lambda: stock("inception_v3").macs,
    **{f"inceptionv3.t1.{number:02}": v2_row(number) for number in range(13)},
}
