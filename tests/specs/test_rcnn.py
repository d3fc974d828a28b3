"""R-CNN, Fast R-CNN, Faster R-CNN: their authors' prototxts, and what each phase gives."""

import pytest
import torch
import torch.nn.functional as F

import netspec
from tests.specs.measuring import hwc, known, layer, macs, stock

CAFFENET = 60_965_224
"""`alexnet.totals` of the lectures, whose layers have the same weights as CaffeNet's."""
VGG16 = 138_357_544
"""Simonyan and Zisserman 2014, Table 2, 138 million; torchvision's vgg16."""
LAST = 4097 * 1000
"""Its layer of 1,000 classes, which all of these lack."""


@pytest.mark.parametrize(("name", "classes"), [("rcnn", 21), ("rcnn_ilsvrc13", 200)])
def test_rcnn(name: str, classes: int) -> None:
    """deploy.prototxt of Caffe's bvlc_reference_rcnn_ilsvrc13: CaffeNet but for its last layer."""
    network = stock(name)
    assert network.params == CAFFENET - LAST + 4097 * classes
    assert hwc(layer(network, "pool5")) == [6, 6, 256]
    assert list(network.losses) == ["loss"]


def test_rcnn_looks_at_2000_regions() -> None:
    """rcnn.proposals: each of some 2,000 regions of an image goes through all of the network; in
    Fast R-CNN only what stands behind the convolutions is done for each.
    """
    alone = stock("rcnn")
    shared = netspec.load(
        "fast_rcnn_caffenet", inputs={"data": [1, 3, 600, 1000], "rois": [2000, 5]}
    )
    of_each = macs(node for node in alone if node.type == "InnerProduct")
    heads = macs(node for node in shared if node.path in ("fc6", "fc7", "cls_score", "bbox_pred"))
    assert heads == 2000 * (of_each + 4096 * 84)
    assert known(shared.macs) - heads < 15 * known(alone.macs)


@pytest.mark.parametrize(("body", "before"), [("vgg16", VGG16), ("caffenet", CAFFENET)])
def test_parameters_of_fast_rcnn(body: str, before: int) -> None:
    """models/VGG16 and models/CaffeNet of its author: 21 scores and 84 offsets."""
    network = stock(f"fast_rcnn_{body}")
    assert network.params == before - LAST + 4097 * (21 + 84)
    frozen = {p.owner.rpartition(".")[0] for p in network.parameters if not p.trainable}
    in_vgg = {"conv1_1", "conv1_2", "conv2_1", "conv2_2"}
    assert frozen == (in_vgg if body == "vgg16" else {"conv1"})


def test_parameters_of_faster_rcnn() -> None:
    """Those of VGG16/faster_rcnn_end2end: Fast R-CNN's and three convolutions'."""
    proposing = (512 * 9 + 1) * 512 + 513 * (2 * 9 + 4 * 9)
    network = stock("faster_rcnn_vgg16")
    assert network.params == stock("fast_rcnn_vgg16").params + proposing


@pytest.mark.parametrize(
    ("name", "pool", "shape"),
    [
        ("fast_rcnn_vgg16", "roi_pool5", (512, 7, 7)),
        ("fast_rcnn_caffenet", "roi_pool5", (256, 6, 6)),
        ("faster_rcnn_vgg16", "detector.roi_pool5", (512, 7, 7)),
    ],
)
def test_what_a_region_becomes(name: str, pool: str, shape: tuple[int, ...]) -> None:
    assert tuple(layer(stock(name), pool).top[0][1:]) == shape


def test_fields_of_the_proposals() -> None:
    """`feat_stride: 16` of test.prototxt; the other values of lib/fast_rcnn/config.py, TEST."""
    proposal = layer(stock("faster_rcnn_vgg16"), "rpn_rois").layer
    fields = ("feat_stride", "pre_nms_topn", "post_nms_topn", "nms_thresh", "min_size")
    assert [getattr(proposal, each) for each in fields] == [16, 6000, 300, 0.7, 16]


def test_the_losses() -> None:
    """Both multi-task losses, each part as the layers alone would compute it."""
    assert set(stock("fast_rcnn_vgg16").losses) == {"loss_cls", "loss_bbox"}
    network = stock("faster_rcnn_vgg16")
    rpn = {"rpn_loss_cls", "rpn_loss_bbox"}
    assert set(network.losses) == {*rpn, "loss_cls", "loss_bbox"}
    assert set(network.losses.values()) == {1.0}
    assert [*network.outputs] == ["rpn_rois", "cls_prob", "bbox_pred"]


@pytest.mark.slow
def test_what_training_gives() -> None:
    """Fast R-CNN's scores and offsets of given regions, and their losses."""
    torch.manual_seed(0)
    model = netspec.load("fast_rcnn_caffenet", num_classes=4).to_torch()
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    data, rois = torch.randn(1, 3, 96, 128), torch.tensor([[0, 0, 0, 90, 60], [0, 9, 9, 60, 90.0]])
    labels, targets = torch.tensor([3, 0]), torch.randn(2, 16)
    inside = torch.zeros(2, 16)
    inside[0, 12:] = 1
    given = model(data, rois, labels, targets, inside, inside)
    found = model.eval()(data, rois)
    torch.testing.assert_close(given["cls_prob"], found["cls_prob"])
    of_classes = F.nll_loss(found["cls_prob"].log(), labels)
    torch.testing.assert_close(given["loss_cls"], of_classes)
    far = F.smooth_l1_loss(found["bbox_pred"][0, 12:], targets[0, 12:], reduction="sum") / 2
    torch.testing.assert_close(given["loss_bbox"], far)
