"""C3D: the parameters of each layer, the sizes of its blobs, and its cost."""

import pytest

from tests.specs.measuring import layer, stock, weighted

# As litao1381/C3D_Sport1M_keras prints them, whose weights are converted from the authors'; the
# last three by hand, behind 512 maps of 4x4.
PARAMETERS = {
    "conv1a": 5_248,
    "conv2a": 221_312,
    "conv3a": 884_992,
    "conv3b": 1_769_728,
    "conv4a": 3_539_456,
    "conv4b": 7_078_400,
    "conv5a": 7_078_400,
    "conv5b": 7_078_400,
    "fc6": (8192 + 1) * 4096,
    "fc7": (4096 + 1) * 4096,
    "fc8": (4096 + 1) * 487,
}
POOLED = {
    "pool1": [64, 16, 56, 56],
    "pool2": [128, 8, 28, 28],
    "pool3": [256, 4, 14, 14],
    "pool4": [512, 2, 7, 7],
    "pool5": [512, 1, 4, 4],
}
PLACES = [16 * 112**2, 16 * 56**2, 8 * 28**2, 4 * 14**2, 2 * 7**2]

# The maps that each convolution reads and gives and the places, and the inner products, from the
# authors' c3d_sport1m_feature_extractor_frm and conv3d_ucf101_train.prototxt.
LAYERS = {
    "c3d": (
        [
            *((3, 64, 0), (64, 128, 1), (128, 256, 2), (256, 256, 2)),
            *((256, 512, 3), (512, 512, 3), (512, 512, 4), (512, 512, 4)),
        ],
        [(8192, 4096), (4096, 4096), (4096, 487)],
    ),
    "c3d_ucf101": (
        [(3, 64, 0), (64, 128, 1), (128, 256, 2), (256, 256, 3), (256, 256, 4)],
        [(4096, 2048), (2048, 2048), (2048, 101)],
    ),
}


def test_parameters_of_each_layer() -> None:
    found = {node.path: node.params for node in stock("c3d") if weighted(node)}
    assert found == PARAMETERS


def test_the_network_for_ucf101_has_what_the_paper_counts() -> None:
    """Section 3.1: 17.5 million parameters, of which its networks differ by 0.3%."""
    assert stock("c3d_ucf101").params == pytest.approx(17.5e6, rel=0.005)


def test_sizes_behind_the_pools() -> None:
    network = stock("c3d")
    assert {name: [*layer(network, name).top[0]][1:] for name in POOLED} == POOLED


@pytest.mark.parametrize("name", LAYERS)
def test_totals(name: str) -> None:
    convolutions, products = LAYERS[name]
    network = stock(name)
    assert network.params == sum(
        [(27 * read + 1) * given for read, given, _ in convolutions]
        + [(read + 1) * given for read, given in products]
    )
    assert network.macs == sum(
        [27 * read * given * PLACES[stage] for read, given, stage in convolutions]
        + [read * given for read, given in products]
    )
