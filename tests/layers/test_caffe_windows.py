"""Caffe's convolutions along one and three axes: its numbers and gradients, in double precision."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

import netspec
from netspec.lower.onnx.model import to_model
from netspec.lower.onnx.options import Options
from netspec.lower.torch import to_torch
from tests.lower.onnx.checks import run

FACTS = np.load(Path(__file__).parent / "caffe" / "windows.npz")

LAYERS = {
    "conv1d_stride_pad_dil_group": "type: Convolution, num_output: 6, kernel_size: 3, stride: 2, "
    "pad: 2, dilation: 2, group: 2",
    "conv3d_mixed": "type: Convolution, num_output: 3, kernel_size: [2, 3, 1], stride: [1, 2, 1], "
    "pad: [0, 1, 2]",
    "conv3d_group_dil": "type: Convolution, num_output: 4, kernel_size: 2, dilation: 2, group: 2, "
    "bias_term: false",
    "deconv1d": "type: Deconvolution, num_output: 2, kernel_size: 3, stride: 2, pad: 1",
    "deconv3d_group": "type: Deconvolution, num_output: 2, kernel_size: 2, stride: 2, group: 2, "
    "bias_term: false",
}
"""What each network consists of, beside its input."""


def facts(network: str, kind: str) -> list[npt.NDArray[Any]]:
    """What Caffe had of a network, in order: weights, inputs, outputs, gradients."""
    return [FACTS[key] for key in sorted(FACTS) if key.startswith(f"{network}/{kind}/")]


def load(network: str) -> netspec.Graph:
    (values,) = facts(network, "in")
    shape = list(values.shape)
    return netspec.loads(
        f"netspec: 1\nname: Net\ninputs: {{x: {shape}}}\nlayers:\n"
        f"  - {{name: l, {LAYERS[network]}}}\n"
    )


def weights_of(network: str) -> dict[str, npt.NDArray[Any]]:
    names = ("l.weight", "l.bias")
    return dict(zip(names, facts(network, "w"), strict=False))


def test_every_network_has_its_spec() -> None:
    assert {key.partition("/")[0] for key in FACTS} == LAYERS.keys()


@pytest.mark.parametrize("network", LAYERS)
def test_numbers_and_gradients(network: str) -> None:
    model = to_torch(load(network)).double()
    model.load_state_dict({k: torch.from_numpy(v) for k, v in weights_of(network).items()})
    (values,), (expected,), (given,) = (facts(network, kind) for kind in ("in", "out", "gout"))
    x = torch.from_numpy(values).requires_grad_()
    top = model(x)
    np.testing.assert_allclose(top.detach(), expected, rtol=0, atol=1e-13)
    top.backward(torch.from_numpy(given))
    found = [x.grad, *(parameter.grad for parameter in model.parameters())]
    for gradient, wanted in zip(found, facts(network, "gin") + facts(network, "gw"), strict=True):
        assert gradient is not None
        np.testing.assert_allclose(gradient, wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize("network", LAYERS)
def test_onnx_runtime(network: str) -> None:
    (values,), (expected,) = facts(network, "in"), facts(network, "out")
    model = to_model(load(network), Options(weights_of(network)))
    (top,) = run(model, values.astype(np.float32))
    np.testing.assert_allclose(top, expected, rtol=1e-5, atol=1e-5)
