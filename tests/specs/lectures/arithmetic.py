"""What single layers give, hold and cost."""

from collections.abc import Callable
from typing import Any

import netspec
from tests.specs.measuring import Measures, hwc, known, layer, macs, run, small, stock, weights

GROUPS = {"g=1": 1, "g=32": 32, "g=256 (depthwise)": 256}
STAGES = ("conv1", "pool1", "conv2", "pool2", "conv3", "conv4", "conv5", "conv6", "pool6")

IMAGE = [[[1, 2, 6, 3], [3, 5, 2, 1], [1, 2, 2, 1], [7, 3, 4, 8]]]
CHANNELS = [[[1.0]], [[20.0]], [[300.0]], [[40.0]], [[50.0]], [[6.0]], [[700.0]]]


def convolution(**variables: Any) -> netspec.Graph:
    return small("convolution", **variables)


def size(**variables: Any) -> Callable[[], list[int]]:
    """The height and width that a convolution gives."""
    return lambda: hwc(layer(convolution(**variables), "conv"))[:2]


def weights_of(**variables: Any) -> int:
    return weights(convolution(**variables))


def same_pad() -> int:
    """The padding with which a 3x3 convolution keeps the size of its image."""
    return next(pad for pad in range(9) if size(size=32, pad=pad)() == [32, 32])


def field(**variables: Any) -> int:
    """The receptive field: the size of the image from which a single number is left."""
    fits = (n for n in range(1, 20) if _gives_one(size=n, **variables))
    return next(fits)


def _gives_one(**variables: Any) -> bool:
    try:
        network = small("valid", **variables)
    except netspec.SpecError:  # too small for the kernels
        return False
    (shape,) = network.outputs.values()
    return [*shape][2:] == [1, 1]


def dilated_extent(kernel: int, rate: int) -> int:
    """The size of the image that a dilated kernel just covers."""
    kernels = {"kernel": kernel, "dilation": rate}
    return next(n for n in range(kernel, 20) if _covers(size=n, **kernels))


def _covers(**variables: Any) -> bool:
    try:
        return size(**variables)() == [1, 1]
    except netspec.SpecError:
        return False


def reshaped_classifier() -> int:
    """The parameters of VGG-16's first inner product, as a 7x7 convolution."""
    as_convolution = convolution(size=7, channels=512, filters=4096, kernel=7)
    assert as_convolution.params == layer(stock("vgg16"), "classifier.0").params
    return as_convolution.params


def overfeat() -> list[int]:
    """The side of the image that each layer reads, from the first on."""
    network = stock("overfeat_accurate")
    return [known(layer(network, f"conv{n}").bottoms[0].shape[2]) for n in range(1, 10)]


def overfeat_chain() -> list[int]:
    network = stock("overfeat_accurate")
    return [221, *(hwc(layer(network, name))[0] for name in STAGES)]


def pooled(method: str) -> list[list[float]]:
    layers = f"[{{type: Pooling, pool: {method}, kernel_size: 2, stride: 2}}]"
    network = netspec.loads(f"netspec: 1\nname: P\ninputs: {{x: [N, 1, 4, 4]}}\nlayers: {layers}")
    (image,) = run(network, IMAGE)
    return [list(row) for row in image]


def unpooled() -> list[list[float]]:
    """The numbers from 1 to 4, the maxima less 4, put back where the maxima were."""
    network = netspec.loads("""
netspec: 1
name: Unpooled
inputs: {x: [N, 1, 4, 4]}
layers:
  - {name: pool, type: Pooling, kernel_size: 2, stride: 2, top: [maxima, places]}
  - {name: numbers, type: Power, shift: -4, bottom: maxima}
  - {name: unpool, type: Unpooling, bottom: [numbers, places]}
""")
    (image,) = run(network, IMAGE)
    return [list(row) for row in image]


def normalized(alpha: float) -> list[float]:
    """The lecture's channels behind LRN with the paper's constants but for alpha."""
    layers = f"[{{type: LRN, local_size: 5, alpha: {alpha}, beta: 0.75, k: 2}}]"
    network = netspec.loads(f"netspec: 1\nname: L\ninputs: {{x: [N, 7, 1, 1]}}\nlayers: {layers}")
    return [round(value, 6) for ((value,),) in run(network, CHANNELS)]


MEASURES: Measures = {
    "conv.7_3_1": size(size=7, kernel=3),
    "conv.7_3_2": size(size=7, kernel=3, stride=2),
    "conv.5_3_1_1": size(size=5, kernel=3, pad=1),
    "conv.5_3_2_1": size(size=5, kernel=3, stride=2, pad=1),
    "conv.32_5_one_number/weights": lambda: weights_of(size=32, kernel=5),
    "conv.32_5_one_number/full_map": size(size=32, kernel=5),
    "sizing.same": same_pad,
    "fc_as_conv/params_both": reshaped_classifier,
    "rf.three3x3": lambda: field(kernels=[3, 3, 3], strides=[1, 1, 1]),
    "rf.two3x3": lambda: field(kernels=[3, 3], strides=[1, 1]),
    "rf.conv_sub_conv": lambda: field(kernels=[3, 3], strides=[2, 1]),
    "rf.params_3x3_vs_7x7": lambda: [
        3 * weights_of(kernel=3, channels=1),
        weights_of(kernel=7, channels=1),
    ],
    "rf.params_5x5_vs_3x3": lambda: [
        weights_of(kernel=5, channels=1),
        2 * weights_of(kernel=3, channels=1),
    ],
    "mobile.group/256->256 3x3": lambda: {
        name: weights_of(channels=256, filters=256, group=group) for name, group in GROUPS.items()
    },
    "dilated/k=3,r=2": lambda: dilated_extent(3, 2),
    "dilated/k=3,r=4": lambda: dilated_extent(3, 4),
    "overfeat.spatial": overfeat,
    "overfeat.spatial/full_chain": overfeat_chain,
    "overfeat.cfg/params": lambda: stock("overfeat_accurate").params,
    "overfeat.cfg/weights": lambda: weights(stock("overfeat_accurate")),
    "overfeat.cfg/macs": lambda: macs(stock("overfeat_accurate")),
    "pool.max.example": lambda: pooled("MAX"),
    "pool.max.example/mean_pool": lambda: pooled("AVE"),
    "pool.unpool.example": unpooled,
    "lrn.constants/paper_form": lambda: normalized(5e-4),
    "lrn.constants/alpha_over_n_form": lambda: normalized(1e-4),
}
