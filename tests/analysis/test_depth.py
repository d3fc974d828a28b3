"""How deep networks are, beside what their authors and others say."""

import pytest

import netspec
from netspec.analysis.depth import depth

SAID = {
    "lenet5": 4,  # LeCun et al. 1998 without the output's distances: C1, C3, C5, F6
    "alexnet": 8,  # Krizhevsky et al. 2012
    "vgg16": 16,  # Simonyan and Zisserman 2014
    "vgg19": 19,
    "googlenet": 22,  # Szegedy et al. 2014
    "highway_cifar10": 19,  # Srivastava et al. 2015, table 1: Highway 4
    "resnet18": 18,  # He et al. 2015
    "resnet50": 50,
    "resnet152": 152,
    "resnet110": 110,
    "preresnet164": 164,  # He et al. 2016
    "densenet121": 121,  # Huang et al. 2017
    "densenet201": 201,
    # "The depth of the network", MathWorks' documentation of squeezenet, inceptionv3, mobilenetv2,
    # shufflenet and efficientnetb0: the most convolutions and fully connected layers on a path.
    "squeezenet1_1": 18,
    "inception_v3": 48,
    "mobilenet_v2": 53,
    "shufflenet_v1_g4": 50,
    "efficientnet_b0": 82,
}


@pytest.mark.parametrize(("name", "layers"), SAID.items())
def test_the_longest_path(name: str, layers: int) -> None:
    assert depth(netspec.load(name)) == layers


def test_what_counts() -> None:
    """A learned scale and a table that is looked up don't; stacked recurrent layers do."""
    blobs = {"embed": 0, "scale": 0, "lstm": 3, "attention": 4, "product": 4, "fc": 5, "again": 5}
    for name, layers in (blobs | {"short": 1}).items():
        assert depth(netspec.loads(WORDS, outputs=[name])) == layers
    assert depth(netspec.loads(WORDS)) == 5


WORDS = """
netspec: 1
name: Words
inputs: {words: {shape: [N, 7], dtype: int64}}
layers:
  - {name: embed, type: Embed, input_dim: 100, num_output: 8}
  - {name: scale, type: Scale, axis: 1, num_axes: 2}
  - {name: lstm, type: LSTM, num_output: 8, num_layers: 3}
  - {name: attention, type: MultiHeadAttention, heads: 2}
  - {name: product, type: MatMul, bottom: [attention, attention], transpose: true}
  - {name: fc, type: InnerProduct, num_output: 5, axis: -1}
  - {name: again, reuse: attention, bottom: attention}
  - {name: short, type: InnerProduct, num_output: 5, axis: -1, bottom: scale}
outputs: [fc, again, short]
"""


def test_the_longest_path_leads_through_instances_that_are_alike() -> None:
    """From whichever input it comes, or from within; what is only handed on is no deeper."""
    far = near = 0
    for turns in range(1, 9):
        far, near = max(near + 5, far + 3), far + 3
        net = netspec.loads(CROSSED, turns=turns)
        # Before any layer is made, and thereafter.
        assert [depth(net), depth(net.phase("TEST"))] == 2 * [max(far, near + 1)]


CROSSED = """
netspec: 1
name: Crossed
inputs: {data: [N, 8, 4, 4]}
vars: {turns: 3}
blocks:
  conv:
    layers:
      - {name: conv, type: Convolution, num_output: 8, kernel_size: 1}
      - {name: relu, type: ReLU}
  deep:
    args: {times: 3}
    layers:
      - {name: turn, type: conv, repeat: $times}
  both:
    inputs: [far, near]
    layers:
      - {name: three, type: deep, bottom: far}
      - {name: five, type: deep, bottom: near, times: 5}
      - {name: most, type: Eltwise, bottom: [five, three]}
    outputs: [most, three]
layers:
  - {name: start, type: ReLU}
  - {name: turn, type: both, repeat: $turns, first: {bottom: [start, start]}}
  - {name: last, type: conv, bottom: turn.$(turns - 1).three}
outputs: [turn.$(turns - 1).most, turn.$(turns - 1).three, last]
"""
