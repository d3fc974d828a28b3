"""The figures that lectures print about these networks, line by line, by the fact's id."""

import pytest
import torch

import netspec
from tests.specs.lectures import alexnet, arithmetic, inception, resnet, vgg
from tests.specs.measuring import Measures, macs, weights
from tests.specs.reference import lectures

MEASURES: Measures = (
    dict(arithmetic.MEASURES)
    | dict(alexnet.MEASURES)
    | dict(vgg.MEASURES)
    | dict(inception.MEASURES)
    | dict(resnet.MEASURES)
)


@pytest.mark.parametrize("name", MEASURES)
def test_fact(name: str) -> None:
    fact = lectures()[name]
    measured = MEASURES[name]()
    assert measured == fact.computed
    if fact.slip:
        assert measured != fact.printed
    elif fact.tolerance is not None:
        assert abs(measured - fact.printed) <= fact.tolerance
    elif fact.printed is not None:
        assert measured == fact.printed


def test_every_fact_is_measured() -> None:
    assert lectures().keys() == MEASURES.keys()


def one_convolution(channels: int, filters: int, kernel: int, size: str) -> netspec.Graph:
    layers = f"[{{type: Convolution, num_output: {filters}, kernel_size: {kernel}}}]"
    shape = f"[N, {channels}, {size}, {size}]"
    return netspec.loads(f"netspec: 1\nname: C\ninputs: {{x: {shape}}}\nlayers: {layers}")


def test_conv_mxm_3x3() -> None:
    """conv.MxM_3x3: a 3x3 convolution of an MxM image gives (M−2)x(M−2)."""
    (shape,) = one_convolution(3, 8, 3, "M").outputs.values()
    assert str(shape) == "N×8×(M - 2)×(M - 2)"


@pytest.mark.parametrize(("maps", "filters", "kernel", "size"), [(3, 8, 3, 32), (16, 4, 5, 9)])
def test_conv_general_valid(maps: int, filters: int, kernel: int, size: int) -> None:
    """conv.general_valid, conv.params_n2NM, conv.kernel_WHCF: weights M·N·K·K, each used
    (D−K+1)² times.
    """
    network = one_convolution(maps, filters, kernel, str(size))
    assert weights(network) == maps * filters * kernel**2
    assert macs(network) == maps * filters * kernel**2 * (size - kernel + 1) ** 2


def test_deconv1d() -> None:
    """deconv1d: of [a, b] with the filter [x, y, z] and stride 2 comes [ax, ay, az+bx, by, bz]."""
    a, b, x, y, z = 2.0, 3.0, 5.0, 7.0, 11.0
    layer = "{name: deconv, type: Deconvolution, num_output: 1, kernel_size: 3, stride: 2}"
    spec = f"netspec: 1\nname: D\ninputs: {{x: [N, 1, 2]}}\nlayers: [{layer}]"
    weights = {"deconv.weight": torch.tensor([[[x, y, z]]]), "deconv.bias": torch.zeros(1)}
    model = netspec.loads(spec).to_torch(weights=weights)
    (found,) = model(torch.tensor([[[a, b]]]))[0].tolist()
    assert found == [a * x, a * y, a * z + b * x, b * y, b * z]
