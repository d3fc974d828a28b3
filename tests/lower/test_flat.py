"""The flat spec describes the very same network."""

import pytest

import netspec
from netspec.lower.flat import to_flat
from netspec.stock import stock_names
from netspec.targets import SUFFIXES
from tests.checking import found

SHARED = """
netspec: 1
name: Siamese
inputs:
  left: [N, 1, 12, 12]
  right: [N, 1, 12, 12]
  label: {shape: [N], dtype: int64, phase: TRAIN}
blocks:
  tower:
    args: {width: 4}
    layers:
      - {name: conv, type: Convolution, num_output: $width, kernel_size: [3, 5],
         param: [{name: w}, {lr_mult: 2}]}
      - {name: relu, type: ReLU}
layers:
  - {name: a, type: tower, bottom: left}
  - {name: b, reuse: a, bottom: right}
  - {name: c, type: Convolution, bottom: right, num_output: 4, kernel_size: [3, 5],
     param: [{name: w}]}
  - {name: steps, type: Convolution, repeat: 3, num_output: 4, kernel_size: 1}
  - {name: sum, type: Eltwise, bottom: [a, b, c, steps]}
  - {name: fc, type: InnerProduct, num_output: 3, weight_filler: {type: gaussian, std: 0.01}}
  - {name: loss, type: SoftmaxWithLoss, bottom: [fc, label], phase: TRAIN, loss_weight: 0.5}
outputs: [fc, sum]
"""


def assert_same(first: netspec.Graph, second: netspec.Graph) -> None:
    assert second.nodes == first.nodes
    assert second.inputs == first.inputs
    assert second.results == first.results
    assert second.losses == first.losses
    assert second.parameters == first.parameters
    assert second.class_name == first.class_name


@pytest.mark.parametrize("name", stock_names())
def test_stock_networks(name: str) -> None:
    network = netspec.load(name)
    flat = to_flat(network)
    assert_same(network, netspec.loads(flat))
    for word in ("blocks:", "vars:", "repeat:", "when:", "$"):
        assert word not in flat


def test_sharing_reuse_phases_and_several_results() -> None:
    network = netspec.loads(SHARED)
    assert_same(network, netspec.loads(to_flat(network)))


def test_flat_is_its_own_flat() -> None:
    flat = to_flat(netspec.loads(SHARED))
    assert to_flat(netspec.loads(flat)) == flat


def test_suffixes() -> None:
    assert SUFFIXES[".yaml"] == SUFFIXES[".yml"] == "yaml"


def test_text() -> None:
    lines = to_flat(netspec.load("lenet")).splitlines()
    start = lines.index("layers:")
    assert lines[start + 1 : start + 3] == [
        "- {name: conv1, type: Convolution, num_output: 20, kernel_size: 5, "
        "weight_filler: {type: xavier}, param: [{}, {lr_mult: 2.0}]}",
        "- {name: pool1, type: Pooling, kernel_size: 2, stride: 2}",
    ]
    assert lines[-2:] == ["outputs:", "- ip2"]


def test_an_input_that_another_variant_reads() -> None:
    """The flat spec of one variant has nothing to say of an input that this one leaves unread."""
    flat = to_flat(netspec.load("googlenet_bn"))
    assert "\nallow:\n- unused-input\n" in flat
    assert found(flat) == []
    text = "netspec: 1\nname: Net\ninputs: {data: [N, 3], more: [N, 3]}\nlayers:\n"
    flat = to_flat(netspec.loads(text + "  - {name: same, type: ReLU, bottom: data}\n"))
    assert found(flat) == []
