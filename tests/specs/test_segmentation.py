"""Networks for segmentation, beside the authors' prototxts and beside torchvision."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from types import ModuleType

import pytest
import torch
from torch import nn

import netspec
from netspec.layers.crop import Crop
from tests.specs.measuring import layer, of_known_size, stock
from tests.specs.parity import theirs

VGG = (64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512)
"""The channels of VGG-16's convolutions."""
DEPTHS = (2, 2, 3, 3, 3)
"""How many of them there are before each pooling."""
BODY = 14_714_688
"""Their parameters, of torchvision's vgg16().features."""


def parameters(channels: Sequence[int], kernel: int = 3) -> int:
    """Of convolutions in a row, with biases."""
    return sum(kernel**2 * a * b + b for a, b in pairwise(channels))


def macs(channels: Sequence[int], elements: Iterable[int], kernel: int = 3) -> int:
    """Of convolutions in a row, each with so many elements a channel."""
    return sum(
        kernel**2 * a * b * n for (a, b), n in zip(pairwise(channels), elements, strict=True)
    )


def of_each(stages: Sequence[int]) -> list[int]:
    """What VGG's stages have, for each of their convolutions."""
    return [each for each, depth in zip(stages, DEPTHS, strict=True) for _ in range(depth)]


def test_vggs_convolutions() -> None:
    assert parameters((3, *VGG)) == BODY


# FCN: fcn.berkeleyvision.org, voc-fcn*/train.prototxt and voc-fcn8s/deploy.prototxt.

HEAD = BODY + parameters((512, 4096), 7) + parameters((4096, 4096, 21), 1)
POOL4, POOL3 = parameters((512, 21), 1), parameters((256, 21), 1)


@pytest.mark.parametrize(
    ("name", "rest"),
    [
        ("fcn32s", 21 * 64**2),
        ("fcn16s", 21 * (4**2 + 32**2) + POOL4),
        ("fcn8s", 21 * (4**2 + 4**2 + 16**2) + POOL4 + POOL3),
        ("fcn8s_atonce", 21 * (4**2 + 4**2 + 16**2) + POOL4 + POOL3 + 512 + 256),
    ],
)
def test_fcn_has_the_prototxts_parameters(name: str, rest: int) -> None:
    """The prototxts interpolate from each class to each, 21 times as many weights, zeros but for a
    class's own. Table 1 says 134 million.
    """
    assert stock(name).params == HEAD + rest
    assert round(HEAD / 1e6) == 134


@pytest.mark.parametrize(
    ("name", "offsets"),
    [
        ("fcn32s", {"score": 19}),
        ("fcn16s", {"score_pool4c": 5, "score": 27}),
        ("fcn8s", {"score_pool4c": 5, "score_pool3c": 9, "score": 31}),
        ("fcn8s_atonce", {"score_pool4c": 5, "score_pool3c": 9, "score": 31}),
    ],
)
def test_fcn_crops_as_the_prototxts(name: str, offsets: dict[str, int]) -> None:
    crops = {node.path: node.layer for node in stock(name) if isinstance(node.layer, Crop)}
    assert {path: crop.offset for path, crop in crops.items()} == {
        path: [offset] for path, offset in offsets.items()
    }
    assert {str(shape) for shape in stock(name).outputs.values()} == {"N×21×H×W"}


def test_fcn_at_the_size_of_deploy_prototxt() -> None:
    """Poolings round up, as Caffe's: 698, 349, 175, 88, 44, 22."""
    network = netspec.load("fcn8s", inputs={"data": [1, 3, 500, 500]})
    sides = {node.path: node.tops[0].shape[-1] for node in network}
    assert [sides[f"pool{stage}"] for stage in range(1, 6)] == [349, 175, 88, 44, 22]
    assert [sides[f"upscore{which}"] for which in ("2", "_pool4", "8")] == [34, 70, 568]
    body = macs((3, *VGG), of_each([698**2, 349**2, 175**2, 88**2, 44**2]))
    head = macs((512, 4096), [16**2], 7) + macs((4096, 4096, 21), [16**2, 16**2], 1)
    skips = macs((512, 21), [44**2], 1) + macs((256, 21), [88**2], 1)
    interpolations = 21 * (16**2 * 4**2 + 34**2 * 4**2 + 70**2 * 16**2)
    assert network.macs == body + head + skips + interpolations


def test_fcns_interpolations_and_factors_are_fixed() -> None:
    fixed = {p.name for p in stock("fcn8s_atonce").parameters if p.lr_mult == 0}
    layers = ("upscore2", "upscore_pool4", "upscore8", "scale_pool4", "scale_pool3")
    assert fixed == {f"{each}.weight" for each in layers}
    assert stock("fcn8s_atonce").losses == {"loss": 1.0}


# DeconvNet: HyeonwooNoh/DeconvNet, training/001_stage_1/stage_1_train.prototxt.

BACK = (512, 512, 512, 512, 512, 512, 256, 256, 256, 128, 128, 64, 64, 64)
"""What its deconvolutions of 3×3 read and give, from unpool5 on."""


def test_deconvnets_parameters_and_costs() -> None:
    network = stock("deconvnet")
    normalized = sum((*VGG, 4096, 4096, 512, *BACK[1:]))
    fully = parameters((512, 4096), 7) + parameters((4096, 4096), 1) + parameters((4096, 512), 7)
    back = parameters(BACK) + parameters((64, 21), 1)
    assert network.params == BODY + fully + back + 2 * normalized
    areas = [side**2 for side in (224, 112, 56, 28, 14)]
    middle = 7 * 7 * 512 * 4096 + 4096 * 4096 + 7 * 7 * 4096 * 512
    there, again = of_each(areas), of_each(areas)[::-1]
    assert network.macs == sum(
        (macs((3, *VGG), there), middle, macs(BACK, again), 64 * 21 * 224**2)
    )


def test_deconvnet_unpools_to_what_was_pooled() -> None:
    """Its prototxt's `unpool_size`."""
    shapes = {node.path: [*node.tops[0].shape[1:]] for node in stock("deconvnet")}
    found = [shapes[f"unpool{stage}"] for stage in range(5, 0, -1)]
    sizes = [(512, 14), (512, 28), (256, 56), (128, 112), (64, 224)]
    assert found == [[channels, side, side] for channels, side in sizes]
    assert shapes["fc7"] == [4096, 1, 1]
    assert shapes["seg-score-voc"] == [21, 224, 224]


# SegNet: alexgkendall/SegNet-Tutorial, Models/segnet_train.prototxt, segnet_basic_train.prototxt.

AREAS = [360 * 480, 180 * 240, 90 * 120, 45 * 60, 23 * 30]
DECODER = (512, 512, 512, 512, 512, 512, 256, 256, 256, 128, 128, 64, 64, 11)
"""What the decoder's convolutions read and give, from upsample5 on."""


def test_segnets_parameters_and_costs() -> None:
    network = stock("segnet")
    normalized = sum((*VGG, *DECODER[1:-1]))
    assert network.params == BODY + parameters(DECODER) + 2 * normalized
    there, again = of_each(AREAS), of_each(AREAS)[::-1]
    assert network.macs == macs((3, *VGG), there) + macs(DECODER, again)


def test_segnet_basics_parameters_and_costs() -> None:
    network = stock("segnet_basic")
    there, again = (3, 64, 64, 64, 64), (64, 64, 64, 64, 64)
    score = parameters((64, 11), 1)
    assert network.params == parameters(there, 7) + parameters(again, 7) + score + 8 * 2 * 64
    assert network.macs == sum(
        (macs(there, AREAS[:4], 7), macs(again, AREAS[3::-1], 7), 64 * 11 * AREAS[0])
    )


def test_segnet_unpools_to_what_was_pooled() -> None:
    """Its prototxt's `upsample_h` and `upsample_w`; 45 rows were pooled to 23 and 23 to 12."""
    shapes = {node.path: [*node.tops[0].shape[1:]] for node in stock("segnet")}
    assert shapes["pool5"] == [512, 12, 15]
    assert [shapes["upsample5"], shapes["upsample4"]] == [[512, 23, 30], [512, 45, 60]]
    assert shapes["conv1_1_D"] == [11, 360, 480]


# DeepLab: voc12/config/vgg128_noup of the authors' Caffe, train.prototxt and test.prototxt.


def test_deeplabs_parameters_and_costs() -> None:
    network = stock("deeplab_largefov")
    score = parameters((1024, 1024, 21), 1)
    assert network.params == BODY + parameters((512, 1024)) + score
    body = macs((3, *VGG), of_each([321**2, 161**2, 81**2, 41**2, 41**2]))
    head = macs((512, 1024), [41**2]) + macs((1024, 1024, 21), [41**2, 41**2], 1)
    assert network.macs == body + head


def test_deeplab_interpolates_by_eight_and_learns_at_an_eighth() -> None:
    """`zoom_factor: 8` between the corners; the labels are every eighth of the image's."""
    network = stock("deeplab_largefov")
    shapes = {node.path: [*node.tops[0].shape[1:]] for node in network}
    assert [shapes["fc8_voc12"], shapes["fc8_interp"]] == [[21, 41, 41], [21, 321, 321]]
    scores, label = layer(network, "loss").bottoms
    assert (scores.name, [*label.shape[1:]]) == ("fc8_voc12", [41, 41])
    rates = {p.name: (p.lr_mult, p.decay_mult) for p in network.parameters}
    assert (rates["fc8_voc12.weight"], rates["fc8_voc12.bias"]) == ((10, 1), (20, 0))


# torchvision's; test_torchvision_lists.py compares them as the published weights have them.


@pytest.mark.parametrize("name", ["fcn_resnet50", "deeplabv3_mobilenet_v3_large"])
def test_without_the_auxiliary_head(models: ModuleType, name: str) -> None:
    network = netspec.load(name, aux_loss=False)
    with torch.device("meta"):
        state = theirs(models, name, aux_loss=False).state_dict(keep_vars=True)
    assert [(p.name, p.shape) for p in network.parameters] == [
        (key, tuple(value.shape)) for key, value in state.items()
    ]
    assert [p.name for p in network.parameters if p.buffer] == [
        key for key, value in state.items() if not isinstance(value, nn.Parameter)
    ]
    assert list(network.outputs) == ["out"]


@pytest.mark.parametrize(
    "name", ["fcn_resnet101", "deeplabv3_resnet50", "lraspp_mobilenet_v3_large"]
)
def test_torchvisions_figures(models: ModuleType, name: str) -> None:
    meta = models.get_model_weights(name).DEFAULT.meta
    network = of_known_size(name, 520)
    assert network.params == meta["num_params"]
    assert round(int(str(network.macs)) / 1e9, 3) == meta["_ops"]
