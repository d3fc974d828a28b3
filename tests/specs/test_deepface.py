"""DeepFace: the blobs of Figure 2 in Taigman et al. 2014, and where its parameters are."""

from tests.specs.measuring import hwc, layer, stock, weighted

FIGURE_2 = {
    "C1": [142, 142, 32],
    "M2": [71, 71, 32],
    "C3": [63, 63, 16],
    "L4": [55, 55, 16],
    "L5": [25, 25, 16],
    "L6": [21, 21, 16],
    "F7": [4096],
    "F8": [4030],
}

# By hand: a window's weights and a bias, for each filter, where places have their own at each.
PARAMETERS = {
    "C1": (11**2 * 3 + 1) * 32,
    "C3": (9**2 * 32 + 1) * 16,
    "L4": (9**2 * 16 + 1) * 16 * 55**2,
    "L5": (7**2 * 16 + 1) * 16 * 25**2,
    "L6": (5**2 * 16 + 1) * 16 * 21**2,
    "F7": (21**2 * 16 + 1) * 4096,
    "F8": (4096 + 1) * 4030,
}


def test_sizes() -> None:
    network = stock("deepface")
    assert {name: hwc(layer(network, name)) for name in FIGURE_2} == FIGURE_2


def test_parameters() -> None:
    """The paper says "more than 120 million"; the layers of its Figure 2 have 118.9 million."""
    network = stock("deepface")
    assert {name: layer(network, name).params for name in PARAMETERS} == PARAMETERS
    assert network.params == sum(PARAMETERS.values()) == 118_923_774


def test_cost() -> None:
    """Each weight of the local layers is used once, each of the first two at all places."""
    network = stock("deepface")
    convolved = 11**2 * 3 * 32 * 142**2 + 9**2 * 32 * 16 * 63**2
    local = 16**2 * (9**2 * 55**2 + 7**2 * 25**2 + 5**2 * 21**2)
    assert network.macs == convolved + local + 21**2 * 16 * 4096 + 4096 * 4030


def test_almost_all_parameters_are_local_or_fully_connected() -> None:
    """Section 3: more than 95% of them."""
    network = stock("deepface")
    convolved = sum(node.params for node in network if weighted(node) and node.path in ("C1", "C3"))
    assert 1 - convolved / network.params > 0.95
