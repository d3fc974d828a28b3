"""Lower bounds of time, beside what NVIDIA says of layers and devices."""

import pytest

import netspec
from netspec.analysis.columns.wrong import Wrong
from netspec.analysis.roofline import Bound, Device, bound, together
from netspec.devices import known_devices
from netspec.graph import Node

SLOW = Device("slow", "A slow one", {"float32": 100.0, "float16": 200.0}, 50.0, 1000, "")


def layer(text: str, shape: str) -> Node:
    head = f"netspec: 1\nname: Net\ninputs: {{data: {shape}}}\nlayers:\n"
    return netspec.loads(f"{head}  - {{name: last, {text}}}\n").nodes[-1]


@pytest.mark.parametrize(
    ("text", "shape", "batch", "by"),
    [
        ("type: InnerProduct, num_output: 4096", "[N, 1024]", 512, "compute"),
        ("type: InnerProduct, num_output: 4096", "[N, 1024]", 1, "memory"),
        ("type: Pooling, kernel_size: 3, stride: 1, pad: 1", "[N, 64, 56, 56]", 32, "memory"),
        ("type: ReLU", "[N, 64, 56, 56]", 32, "memory"),
        ("type: LayerNorm, axis: -1", "[N, 128, 1024]", 32, "memory"),
    ],
)
def test_what_bounds_a_layer(text: str, shape: str, batch: int, by: str) -> None:
    """The same guide, table 1: what limits each of these on a V100, in half precision."""
    assert bound(layer(text, shape), known_devices()["v100"], batch, "float16").by == by


def test_by_hand() -> None:
    """8 inputs, 2 outputs, no bias: 32 operations, 4·(8 + 16 + 2) = 104 bytes."""
    node = layer("type: InnerProduct, num_output: 2, bias_term: false", "[N, 8]")
    assert bound(node, SLOW) == Bound(104 / 50, "memory")
    assert bound(node, SLOW, precision="float16") == Bound(52 / 50, "memory")
    # A hundred items have a hundred times the arithmetic, but the weights are read once.
    assert bound(node, SLOW, batch=100) == Bound(4 * (800 + 16 + 200) / 50, "memory")
    faster = Device("faster", "", {"float32": 10.0}, 50.0, 1000, "")
    assert bound(node, faster) == Bound(3.2, "compute")


def test_what_does_nothing_takes_no_time() -> None:
    assert bound(layer("type: Flatten", "[N, 8, 2, 2]"), SLOW) == Bound()
    assert together([Bound(), Bound()]) == Bound()


def test_a_network() -> None:
    """ResNet-50 on an A100: its convolutions compute, the rest moves bytes."""
    device = known_devices()["a100"]
    net = netspec.load("resnet50")
    bounds = {node.path: bound(node, device, 32, "float32") for node in net}
    whole = together(bounds.values())
    assert whole.time == pytest.approx(sum(each.time for each in bounds.values()))
    assert whole.by == "compute"
    assert bounds["layer1.0.conv2"].by == "compute"
    assert bounds["layer1.0.bn2"].by == "memory"
    assert isinstance(net.flops, int)
    assert whole.time > 32 * net.flops / 19.5e12


def test_what_can_not_be_told() -> None:
    node = layer("type: ReLU", "[N, 8, H, W]")
    with pytest.raises(Wrong) as caught:
        bound(node, SLOW)
    assert str(caught.value) == (
        "a time needs numbers, and `H` is none: an input's shape sets it, `--input`"
    )
    with pytest.raises(Wrong) as caught:
        bound(layer("type: ReLU", "[N, 8]"), SLOW, precision="bfloat16")
    assert str(caught.value) == (
        "no peak rate of A slow one in bfloat16 is known; of float32, float16 it is"
    )
