"""R-FCN: resnet50_v1's layers with their names, the authors' heads, nothing behind the pooling."""

import pytest

from tests.specs.measuring import layer, params, stock, within

NEW = (512 * (1024 * 9 + 1), 18 * 513, 36 * 513, 1024 * 2049, 1029 * 1025, 392 * 1025)
"""rpn_conv, rpn_cls_score, rpn_bbox_pred, conv_new_1, rfcn_cls, rfcn_bbox of the prototxts."""


@pytest.mark.parametrize("depth", [50, 101])
def test_its_body_is_a_resnet(depth: int) -> None:
    """Weights of resnet50_v1 and resnet101_v1 load into it, all but their classifiers'."""
    found = {p.name: p.shape for p in stock(f"rfcn_resnet{depth}").parameters}
    body = {p.name: p.shape for p in stock(f"resnet{depth}_v1").parameters}
    del body["fc.weight"], body["fc.bias"]
    assert found.items() >= body.items()
    classifier = 2049 * 1000
    expected = stock(f"resnet{depth}_v1").params - classifier + sum(NEW)
    assert stock(f"rfcn_resnet{depth}").params == expected


def test_what_stays_as_it_was() -> None:
    """train_agnostic.prototxt: conv1, res2 and all normalization have `lr_mult: 0`."""
    trained = {p.name for p in stock("rfcn_resnet50").parameters if p.trainable}
    assert not any(name.startswith(("conv1.", "layer1.")) or ".bn" in name for name in trained)
    assert {"layer2.0.conv1.weight", "layer4.2.conv3.weight", "rfcn_cls.bias"} <= trained


def test_maps_of_scores() -> None:
    """7×7 places for each of 21 classes and for each of two boxes' four sides."""
    network = stock("rfcn_resnet101")
    assert [layer(network, name).top[0][1] for name in ("rfcn_cls", "rfcn_bbox")] == [1029, 392]
    assert layer(network, "layer4.2.sum").top[0] == layer(network, "layer4.0.sum").top[0]
    pooled = [layer(network, f"{name}.psroipool") for name in ("cls_score", "bbox_pred")]
    assert [tuple(node.top[0][1:]) for node in pooled] == [(21, 7, 7), (8, 7, 7)]
    assert params(within(network, "cls_score", "bbox_pred")) == 0


def test_the_losses() -> None:
    network = stock("rfcn_resnet50")
    rpn = {"rpn_loss_cls", "rpn_loss_bbox"}
    assert set(network.losses) == {*rpn, "loss_cls", "loss_bbox"}
    assert [*network.outputs] == ["rpn_rois", "cls_prob", "bbox_pred"]
