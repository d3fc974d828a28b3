"""MobileNetV2: the rows of Table 2, and its totals."""

from tests.specs.measuring import hwc, layer, macs, stock, weights

INPUTS = {
    "features.0.0": [224, 224, 3],
    "features.1.conv.0.0": [112, 112, 32],
    "features.2.conv.0.0": [112, 112, 16],
    "features.4.conv.0.0": [56, 56, 24],
    "features.7.conv.0.0": [28, 28, 32],
    "features.11.conv.0.0": [14, 14, 64],
    "features.14.conv.0.0": [14, 14, 96],
    "features.17.conv.0.0": [7, 7, 160],
    "features.18.0": [7, 7, 320],
    "avgpool": [7, 7, 1280],
}
"""Sandler et al. 2018, Table 2: what each row reads."""


def test_rows() -> None:
    network = stock("mobilenet_v2")
    found = {}
    for path in INPUTS:
        _, channels, *image = layer(network, path).bottoms[0].shape
        found[path] = [*image, channels]
    assert found == INPUTS
    assert hwc(layer(network, "classifier.1")) == [1000]


def test_totals() -> None:
    """The authors' table in research/slim/nets/mobilenet of tensorflow/models: 3.47 million
    parameters, which are those without normalization, and 300 million multiply-accumulates.
    (The paper's Table 4 has 3.4 and 300.)
    """
    network = stock("mobilenet_v2")
    assert abs(weights(network) - 3.47e6) <= 0.005e6
    assert 300e6 <= macs(network) < 301e6


def test_shortcuts_join_the_bottlenecks_of_one_width() -> None:
    """Figure 4 (d): where the stride is 1 and channels stay; by Table 2 in all but the first of
    each row.
    """
    network = stock("mobilenet_v2")
    found = {node.path.split(".")[1] for node in network if node.name == "sum"}
    assert found == {"3", "5", "6", "8", "9", "10", "12", "13", "15", "16"}
