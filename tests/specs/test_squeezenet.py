"""SqueezeNet: the rows of Table 1, what each costs, and where version 1.1 differs."""

import netspec
from netspec.layers.convolution import Convolution
from netspec.layers.pooling import Pooling
from tests.specs.measuring import hwc, layer, params, stock, within

ROWS = {
    "features.0": ([111, 111, 96], 14_208),
    "features.2": ([55, 55, 96], 0),
    "features.3": ([55, 55, 128], 11_920),
    "features.4": ([55, 55, 128], 12_432),
    "features.5": ([55, 55, 256], 45_344),
    "features.6": ([27, 27, 256], 0),
    "features.7": ([27, 27, 256], 49_440),
    "features.8": ([27, 27, 384], 104_880),
    "features.9": ([27, 27, 384], 111_024),
    "features.10": ([27, 27, 512], 188_992),
    "features.11": ([13, 13, 512], 0),
    "features.12": ([13, 13, 512], 197_184),
    "classifier.1": ([13, 13, 1000], 513_000),
    "classifier.3": ([1, 1, 1000], 0),
}
"""Iandola et al. 2016, Table 1: output size and parameters before pruning. The table says that
images are 224×224; its sizes are those of 227×227, to which the authors' train_val.prototxt crops.
(There the last convolution is padded besides, which the table and version 1.1 aren't.)
"""


def test_rows() -> None:
    network = netspec.load("squeezenet1_0", inputs={"data": ["N", 3, 227, 227]})
    found = {}
    for path in ROWS:
        nodes = within(network, path) or [layer(network, path)]
        found[path] = (hwc(nodes[-1]), params(nodes))
    assert found == ROWS
    assert network.params == 1_248_424


def test_version_1_1() -> None:
    """The README of SqueezeNet_v1.1 in forresti/SqueezeNet: 64 filters of 3×3 in conv1 instead of
    96 of 7×7, pooling behind layers 1, 3 and 5 instead of 1, 4 and 8.
    """
    conv1 = layer(stock("squeezenet1_1"), "features.0").layer
    assert isinstance(conv1, Convolution)
    assert (conv1.num_output, conv1.kernel_size) == (64, 3)
    assert pooled("squeezenet1_0") == [1, 4, 8]
    assert pooled("squeezenet1_1") == [1, 3, 5]


def pooled(name: str) -> list[int]:
    """The layers with a pooling behind them: conv1, then fire modules."""
    scopes = list(dict.fromkeys(".".join(n.path.split(".")[:2]) for n in stock(name)))
    number, found = 0, []
    for scope in scopes:
        if within(stock(name), scope) or scope == "features.0":
            number += 1
        elif scope.startswith("features") and isinstance(layer(stock(name), scope).layer, Pooling):
            found.append(number)
    return found
