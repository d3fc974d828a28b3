"""Mask R-CNN and Faster R-CNN on a pyramid: torchvision's weights, shapes and numbers."""

from importlib import import_module
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

import netspec
from tests.specs.measuring import known, layer, stock

PARAMETERS = {"maskrcnn_resnet50_fpn": 44_401_393, "fasterrcnn_resnet50_fpn": 41_755_286}
"""What `MaskRCNN_ResNet50_FPN_Weights.COCO_V1` and Faster R-CNN's say: those of normalization are
buffers there.
"""
OF_NORMS = 2 * 26_560
"""A scale and a shift for each channel of ResNet-50."""


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters(name: str) -> None:
    assert stock(name).params == PARAMETERS[name] + OF_NORMS


@pytest.mark.parametrize("name", PARAMETERS)
def test_keys(models: ModuleType, name: str) -> None:
    with torch.device("meta"):
        theirs = models.detection.__dict__[name](weights=None, weights_backbone=None)
    state = [(key, tuple(each.shape)) for key, each in theirs.state_dict().items()]
    assert [(each.name, each.shape) for each in stock(name).parameters] == state


def test_levels() -> None:
    """Lin et al. 2016, section 4: strides of 4 to 64, 256 channels, 3 anchors at each place."""
    network = netspec.load("maskrcnn_resnet50_fpn", inputs={"data": [1, 3, 800, 1088]})
    places = [200 * 272, 100 * 136, 50 * 68, 25 * 34, 13 * 17]
    maps = [f"layer_blocks.{number}.0" for number in range(4)] + ["pool"]
    tops = [layer(network, f"backbone.fpn.{each}").top[0] for each in maps]
    assert [known(top[2]) * known(top[3]) for top in tops] == places
    assert {top[1] for top in tops} == {256}
    assert layer(network, "anchor_deltas").top[0] == (1, 3 * sum(places), 4)


@pytest.mark.parametrize(("pool", "side"), [("box_roi_pool", 7), ("mask_roi_pool", 14)])
def test_regions(pool: str, side: int) -> None:
    """Figure 4 of Mask R-CNN, right: 7×7 of 256 channels for boxes, 14×14 for masks."""
    network = stock("maskrcnn_resnet50_fpn")
    assert tuple(layer(network, f"roi_heads.{pool}.sum").top[0][1:]) == (256, side, side)
    assert tuple(network.outputs["roi_heads.mask_predictor"][1:]) == (91, 28, 28)


def regions(count: int) -> Tensor:
    """Of all sizes, on images of 256×320, and with the bounds between levels among them."""
    torch.manual_seed(1)
    corner = torch.rand(count, 2) * 100
    sides = torch.rand(count, 2) * torch.tensor([216.0, 152.0])
    sides[0], sides[1] = torch.tensor([112.0, 112.0]), torch.tensor([56.0, 224.0])
    corner[:2] = torch.tensor([8.0, 4.0])
    item = (torch.arange(count) % 2).float()[:, None]
    return torch.cat([item, corner, corner + sides], 1)


@pytest.mark.slow
def test_what_torchvision_computes(models: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part of its network, with these weights, and with as many products.

    Without its compiled operators it would have its pooling in Python compiled.
    """
    pooling = import_module("torchvision.ops.roi_align")
    monkeypatch.setattr(pooling, "_roi_align", pooling._roi_align.__wrapped__)
    ours = netspec.load("maskrcnn_resnet50_fpn", num_classes=5)
    theirs = models.detection.maskrcnn_resnet50_fpn(
        weights=None, weights_backbone=None, num_classes=5
    ).eval()
    for module in theirs.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eps = 0.0
    model = ours.to_torch().eval()
    theirs.load_state_dict(model.state_dict(), strict=True)
    model.load_state_dict(theirs.state_dict(), strict=True)
    data, rois = torch.randn(2, 3, 256, 320).double(), regions(24).double()
    model.double(), theirs.double()
    with torch.no_grad():
        found, expected = model(data, rois), parts(theirs, data, rois)
        with FlopCounterMode(display=False) as counter:
            parts(theirs, data[:1], rois[::2])
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value, rtol=1e-9, atol=1e-9)
    sized = netspec.load(
        "maskrcnn_resnet50_fpn",
        num_classes=5,
        inputs={"data": [1, 3, 256, 320], "rois": [12, 5]},
    )
    assert counter.get_total_flops() == 2 * known(sized.macs)


def parts(theirs: Any, data: Tensor, rois: Tensor) -> dict[str, Tensor]:
    """What torchvision's modules give for these regions, by our names."""
    maps = theirs.backbone(data)
    scores, offsets = theirs.rpn.head([*maps.values()])
    heads = theirs.roi_heads
    of_item = [torch.where(rois[:, 0] == item)[0] for item in range(len(data))]
    boxes = [rois[places, 1:] for places in of_item]
    order = torch.cat(of_item).argsort()
    sizes = [(256, 320)] * len(data)
    of_boxes = heads.box_roi_pool(maps, boxes, sizes)[order]
    classes, deltas = heads.box_predictor(heads.box_head(of_boxes))
    of_masks = heads.mask_roi_pool(maps, boxes, sizes)[order]
    return {
        "objectness": torch.cat([each.permute(0, 2, 3, 1).flatten(1) for each in scores], 1),
        "anchor_deltas": torch.cat(
            [each.permute(0, 2, 3, 1).reshape(len(data), -1, 4) for each in offsets], 1
        ),
        "roi_heads.box_predictor.cls_score": classes,
        "roi_heads.box_predictor.bbox_pred": deltas,
        "roi_heads.mask_predictor": heads.mask_predictor(heads.mask_head(of_masks)),
    }
