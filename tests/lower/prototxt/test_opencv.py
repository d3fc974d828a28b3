"""OpenCV's reader of Caffe's files computes with them what PyTorch does with the module."""

from typing import Any

import numpy as np
import pytest
import torch

import netspec
from netspec.lower.prototxt import to_prototxt
from netspec.lower.prototxt.blobs import called
from netspec.lower.prototxt.layers.catalogue import pieces_of
from tests.lower.prototxt.checks import caffe_alone, checked_prototxt

cv2: Any = pytest.importorskip("cv2")
if not hasattr(cv2.dnn, "readNetFromCaffe"):
    pytest.skip("OpenCV 5 reads no files of Caffe's", allow_module_level=True)

_ROUNDING = {"round_mode: FLOOR": "ceil_mode: false", "round_mode: CEIL": "ceil_mode: true"}
"""What OpenCV calls it."""


def trained(network: netspec.Network, module: torch.nn.Module) -> Any:
    """The network as protobuf reads it, with a module's weights as its blobs."""
    net = checked_prototxt(network)
    layers, state = {each.name: each for each in net.layer}, module.state_dict()
    for node in network.nodes:
        for piece in pieces_of(node):
            names = list(piece.weights)
            if piece.type == "BatchNorm":
                names = ["running_mean", "running_var"]
            arrays = [state[f"{node.module}.{name}"].numpy() for name in names]
            if piece.type == "BatchNorm":
                arrays.append(np.ones(1))
            for array in arrays:
                blob = layers[called(node.path) + piece.suffix].blobs.add()
                blob.shape.dim.extend(array.shape)
                blob.data.extend(array.ravel().tolist())
    return net


@pytest.mark.parametrize(
    "name", ["lenet", "squeezenet1_1", "resnet18", "googlenet", "regnet_y_400mf"]
)
def test_numbers(name: str) -> None:
    network = netspec.load(name).phase("TEST")
    torch.manual_seed(0)
    module = network.to_torch().eval()
    for key, value in module.state_dict().items():
        if key.endswith("running_var"):
            value.uniform_(0.5, 1.5)
    text = to_prototxt(network)
    for ours, theirs in _ROUNDING.items():
        text = text.replace(ours, theirs)
    weights = trained(network, module).SerializeToString()
    assert caffe_alone().FromString(weights).layer
    read = cv2.dnn.readNetFromCaffe(
        *(np.frombuffer(each, "uint8") for each in (text.encode(), weights))
    )
    (blob,) = network.inputs
    data = torch.randn(1, *(int(str(size)) for size in blob.shape[1:]))
    read.setInput(data.numpy(), blob.name)
    with torch.no_grad():
        (expected,) = module(data).values() if isinstance(module(data), dict) else (module(data),)
    np.testing.assert_allclose(
        read.forward(), expected.numpy(), rtol=1e-3, atol=1e-4 * float(expected.abs().max())
    )
