"""SSD: its authors' priors and layers, and the same numbers as torchvision's network."""

from types import ModuleType

import pytest
import torch

import netspec
from netspec.layers.detection import PriorBox
from tests.specs.measuring import hwc, layer, stock

SOURCES = {
    "ssd300": ["conv4_3_norm", *(f"conv{n}_2_relu" for n in range(6, 10))],
    "ssd512": ["conv4_3_norm", *(f"conv{n}_2_relu" for n in range(6, 11))],
}


@pytest.mark.parametrize(
    ("name", "sides", "boxes", "priors"),
    [
        ("ssd300", [38, 19, 10, 5, 3, 1], [4, 6, 6, 6, 4, 4], 8_732),
        ("ssd512", [64, 32, 16, 8, 4, 2, 1], [4, 6, 6, 6, 6, 4, 4], 24_564),
    ],
)
def test_maps_and_priors(name: str, sides: list[int], boxes: list[int], priors: int) -> None:
    """The maps of the authors' ssd_pascal.py and ssd_pascal_512.py, and the paper's Table 7."""
    network = stock(name)
    first, *others = SOURCES[name]
    maps = [first, "relu7", *others]
    assert [hwc(layer(network, path))[:2] for path in maps] == [[side, side] for side in sides]
    assert priors == sum(side**2 * count for side, count in zip(sides, boxes, strict=True))
    assert layer(network, "mbox_priorbox").top[0] == (1, 2, 4 * priors)
    assert layer(network, "mbox_conf_reshape").top[0][1:] == (priors, 21)


def test_what_torchvision_says_of_it() -> None:
    """`SSD300_VGG16_Weights` of torchvision 0.28: its network has COCO's 91 classes."""
    network = netspec.load("ssd300", num_classes=91)
    assert network.params == 35_641_826
    assert network.macs == pytest.approx(34.858e9, abs=0.0005e9)


def test_parameters_of_ssd512() -> None:
    """The layers of the authors' ssd_pascal_512.py that SSD300 lacks, in the place of those it has.

    There are a pair of convolutions behind conv9_2 and a predictor of their map, and two boxes
    more at conv8_2.
    """

    def convolution(before: int, after: int, kernel: int) -> int:
        return (before * kernel**2 + 1) * after

    added = convolution(256, 128, 1) + convolution(128, 256, 4)  # conv10_1, conv10_2
    added += convolution(256, 4 * (21 + 4), 3)  # its predictors
    added += convolution(256, 2 * (21 + 4), 3)  # conv8_2's
    assert stock("ssd512").params == stock("ssd300").params + added


def test_fields_of_the_authors() -> None:
    """deploy.prototxt and train.prototxt of VGGNet/VOC0712/SSD_300x300."""
    network = stock("ssd300")
    first = layer(network, "conv4_3_norm_mbox_priorbox").layer
    assert isinstance(first, PriorBox)
    assert (first.min_size, first.max_size, first.aspect_ratio) == ([30], [60], [2])
    found = layer(network, "detection_out").layer
    fields = ("nms_threshold", "top_k", "keep_top_k", "confidence_threshold", "code_type")
    assert [getattr(found, each) for each in fields] == [0.45, 400, 200, 0.01, "CENTER_SIZE"]
    loss = layer(network, "mbox_loss").layer
    fields = ("overlap_threshold", "neg_overlap", "neg_pos_ratio", "loc_weight", "normalization")
    assert [getattr(loss, each) for each in fields] == [0.5, 0.5, 3, 1, "VALID"]
    norm = next(p for p in network.parameters if p.name == "conv4_3_norm.weight")
    assert (norm.shape, norm.filler.value) == ((512,), 20)


@pytest.mark.slow
def test_what_torchvision_computes(models: ModuleType) -> None:
    """Its backbone and heads with these weights give the same offsets and scores."""
    ours = netspec.load("ssd300", outputs=["mbox_loc", "mbox_conf"]).to_torch().eval()
    theirs = models.detection.ssd300_vgg16(weights=None, weights_backbone=None, num_classes=21)
    theirs.eval().load_state_dict(renamed(ours.state_dict(), list(theirs.state_dict())))
    x = torch.randn(2, 3, 300, 300)
    with torch.no_grad():
        found = ours(x)
        expected = theirs.head([*theirs.backbone(x).values()])
    torch.testing.assert_close(found["mbox_loc"], expected["bbox_regression"].flatten(1))
    torch.testing.assert_close(found["mbox_conf"], expected["cls_logits"].flatten(1))


def renamed(state: dict[str, torch.Tensor], names: list[str]) -> dict[str, torch.Tensor]:
    """The weights by torchvision's names: the norm first, the scores' convolutions together."""
    norm = [key for key in state if key.startswith("conv4_3_norm.")]
    heads = {part: [key for key in state if f"_mbox_{part}" in key] for part in ("conf", "loc")}
    body = [key for key in state if "_norm" not in key and "_mbox" not in key]
    order = [*norm, *body, *heads["conf"], *heads["loc"]]
    return {name: state[key] for name, key in zip(names, order, strict=True)}
