"""`netspec verify` on every stock network, at a size that it can be run at quickly: shapes,
parameters and values of PyTorch and ONNX Runtime.
"""

from typing import Any

import pytest

import netspec
from netspec.diagnostics import SpecError
from netspec.lower.onnx.opsets import OLDEST_OPSET
from netspec.lower.onnx.options import Options
from netspec.stock import stock_names
from netspec.verify import verify
from tests.lower.onnx.checks import NEWEST

OPSETS = (OLDEST_OPSET, 17, NEWEST)
EXTENTS = (64, 67, 75, 96, 128, 224)
"""Heights and widths to try, the smallest first, in place of larger ones that a spec fixes."""

SMALLER: dict[str, dict[str, Any]] = {
    "vit_": {"num_layers": 2},
    "mvit_": {"frames": 4, "image": 64},
    "swin3d_": {"frames": 8, "image": 64, "window_t": 2, "window": 2},
    "gpt2": {"num_positions": 16, "depth": 2},
    "segnet": {"height": 45, "width": 60},
    "deeplab_": {"size": 65},
    "deconvnet": {"size": 32},
    "nasnet": {"size": 96},
    # Of more scores two are as good as equal, and which comes first is rounding's.
    "ssd512": {"num_classes": 3},
    "rfcn_resnet101": {"depths": [3, 4, 6, 3]},
    "overfeat_fast": {"full": [[64, 6], [64, 1]]},
    "overfeat_accurate": {"full": [[64, 5], [64, 1]]},
    "prelu_net_": {"stages": [[32, 2], [48, 2], [48, 2]]},
}
"""Vars of networks whose size is one of them, which repeat the same many times, or which have most
of their weights in the classifier.
"""

PROPOSING = ("faster_rcnn_", "rfcn_")
"""Networks that go on with what they find, which in an image of 96×128 is something."""

QUICK = {
    *("googlenet_bn", "lenet", "lenet5", "mobilenet_v3_small", "plain20", "regnet_y_400mf"),
    *("resnet18", "shufflenet_v2_x0_5", "squeezenet1_1"),
}
"""Those that are verified whenever tests are, at the newest opset."""


def small(name: str) -> netspec.Graph:
    """The network with the smallest image that it allows."""
    variables = next((each for start, each in SMALLER.items() if name.startswith(start)), {})
    if name.startswith(PROPOSING):
        return netspec.load(name, inputs={"data": [1, 3, 96, 128]}, **variables)
    network = netspec.load(name, **variables)
    shape = network.inputs[0].shape
    if variables or len(shape) < 4 or not isinstance(shape[-1], int) or shape[-1] <= EXTENTS[0]:
        return network
    for extent in EXTENTS:
        try:
            inputs = {network.inputs[0].name: [*shape[:-2], extent, extent]}
            return netspec.load(name, inputs=inputs, **variables)
        except SpecError:
            continue
    return network


def cases() -> list[Any]:
    return [
        pytest.param(
            name,
            opset,
            marks=() if name in QUICK and opset == NEWEST else pytest.mark.slow,
            id=f"{name}-{opset}",
        )
        for name in stock_names()
        for opset in OPSETS
    ]


@pytest.mark.parametrize(("name", "opset"), cases())
def test_a_stock_network_keeps_its_promises(name: str, opset: int) -> None:
    """At one of the opsets with each BatchNorm folded into what it follows."""
    result = verify(small(name), Options(opset=opset, fold_batchnorm=opset == 17))
    assert result.ok, result
