"""Stock detectors in PyTorch and ONNX Runtime, in both phases, at sizes that serve."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import netspec
from netspec.lower.onnx.model import to_model
from netspec.lower.onnx.options import Options
from netspec.stock_table import stock_networks
from tests.agreement import Array, check_agreement, run_onnx, weights_at_random
from tests.lower.onnx.checks import NEWEST, assert_valid

DETECTORS = {network.name for network in stock_networks() if network.task == "detection"}
RANDOM = np.random.default_rng(0)
ROIS = np.array([[0, 0, 0, 127, 95], [0, 20, 10, 90, 60], [0, 64, 32, 80, 90]], np.float32)


def real(*shape: int) -> Array:
    return RANDOM.standard_normal(shape).astype(np.float32)


def of_regions(classes: int) -> dict[str, Array]:
    """What is learned of three regions."""
    inside = np.zeros((3, 4 * classes), np.float32)
    inside[0, 4:8] = 1
    return {
        "rois": ROIS,
        "labels": np.array([1, 0, 2]),
        "bbox_targets": real(3, 4 * classes),
        "bbox_inside_weights": inside,
    }


def of_anchors() -> dict[str, Array]:
    """What is learned of nine anchors at each of 6×8 places."""
    labels = RANDOM.integers(-1, 2, (1, 54, 8))
    names = ("rpn_bbox_targets", "rpn_bbox_inside_weights", "rpn_bbox_outside_weights")
    given = {name: real(1, 36, 6, 8) for name in names}
    return {"im_info": np.array([[96, 128, 1]], np.float32), "rpn_labels": labels, **given}


def small() -> dict[str, Array]:
    return {"data": real(1, 3, 96, 128)}


def fast() -> dict[str, Array]:
    outside = {"bbox_outside_weights": np.ones((3, 84), np.float32)}
    return {**small(), **of_regions(21), **outside}


def ssd() -> dict[str, Array]:
    objects = [[0, 3, 0.1, 0.1, 0.6, 0.5], [0, 7, 0.5, 0.4, 0.95, 0.9]]
    return {"data": real(1, 3, 300, 300), "label": np.array(objects, np.float32)}


INPUTS: dict[str, Callable[[], dict[str, Array]]] = {
    "fast_rcnn_caffenet": fast,
    "fast_rcnn_vgg16": fast,
    "faster_rcnn_vgg16": lambda: {**fast(), **of_anchors()},
    "maskrcnn_resnet50_fpn": lambda: {**small(), "rois": ROIS},
    "rcnn": lambda: {"data": real(2, 3, 227, 227), "label": np.array([4, 20])},
    "rfcn_resnet50": lambda: {**small(), **of_anchors(), **of_regions(2)},
    "ssd300": ssd,
    "yolov1_tiny": lambda: {"data": real(2, 3, 448, 448)},
    "yolov2_voc": small,
}
ALIKE = {
    *("fasterrcnn_resnet50_fpn", "rcnn_ilsvrc13", "rfcn_resnet101", "ssd512"),
    *("yolov1", "yolov1_paper", "yolov2", "yolov3"),
}
"""Networks of the same blocks as another."""


def test_every_detector_is_here() -> None:
    assert INPUTS.keys() | ALIKE == DETECTORS


def sized(name: str, given: dict[str, Array]) -> netspec.Graph:
    return netspec.load(name, inputs={"data": given["data"].shape})


@pytest.mark.slow
@pytest.mark.parametrize("name", INPUTS)
def test_both_phases(name: str) -> None:
    given = INPUTS[name]()
    sizes: dict[str, Any] = {"R": 3, "G": 2}
    # How many regions are proposed, and so how much is multiplied, shows when it runs.
    counted = "rpn_labels" not in given
    check_agreement(sized(name, given), given, sizes, counted=counted)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ssd300", "faster_rcnn_vgg16", "rfcn_resnet50"])
def test_something_is_found(name: str) -> None:
    """So that the comparison is one."""
    given = INPUTS[name]()
    graph = sized(name, given)
    found = run_onnx(graph, weights_at_random(graph), given, every=False)
    rows = found["detection_out" if name == "ssd300" else "rpn_rois"]
    assert len(rows) > 3


@pytest.mark.slow
@pytest.mark.parametrize("opset", [13, 17, NEWEST])
@pytest.mark.parametrize("name", sorted(DETECTORS))
def test_files_are_valid(name: str, opset: int) -> None:
    assert_valid(to_model(netspec.load(name), Options(opset=opset, no_weights=True)))
