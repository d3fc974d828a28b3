"""What a network is run on: sizes for its symbols, and inputs that its layers can read."""

from dataclasses import replace

import numpy as np
import pytest

from netspec.verify import verify
from netspec.verify.examples import BATCH, examples_for, nonempty_sizes, odd_sizes, sizes_for
from netspec.verify.inputs import inputs_for
from tests.verify.networks import SMALL, loads


@pytest.mark.parametrize("pool", ["ROIPooling", "ROIAlign"])
@pytest.mark.parametrize("seed", range(3))
def test_regions_are_boxes_within_the_image(pool: str, seed: int) -> None:
    layers = f"  - {{name: roi, type: {pool}, pooled_h: 2, pooled_w: 3, bottom: [data, rois]}}"
    graph = loads(layers, "{data: [N, 3, 24, 16], rois: [R, 5]}")
    sizes = sizes_for(graph)
    rois = inputs_for(graph, sizes, seed, "float32")["rois"].astype(np.float64)
    assert rois.shape == (sizes["R"], 5)
    assert set(rois[:, 0]) <= set(range(BATCH))
    assert (rois[:, 1:3] <= rois[:, 3:5]).all()
    assert (rois[:, 1:] >= 0).all()
    assert (rois[:, 1:] <= 16).all()
    assert verify(graph, layers=True).ok


def test_every_symbol_has_a_size_of_its_own() -> None:
    graph = loads(
        "  - {name: roi, type: ROIAlign, pooled_h: 2, pooled_w: 3, bottom: [data, rois]}",
        "{data: [N, 3, H, W], rois: [R, 5]}",
    )
    sizes = sizes_for(graph)
    assert len(set(sizes.values())) == len(sizes) == 4
    assert sizes["N"] == BATCH


def test_open_images_are_as_large_as_the_network_needs() -> None:
    pools = "  - {name: pool, type: Pooling, kernel_size: 2, stride: 2, repeat: 8}"
    graph = loads(pools, "{data: [N, 1, H, W]}")
    assert sizes_for(graph) == {"N": 2, "H": 256, "W": 384}
    assert verify(graph).ok


def test_volumes_are_smaller() -> None:
    graph = loads("  - {name: norm, type: BatchNorm}", "{data: [N, 1, D, H, W]}")
    assert sizes_for(graph) == {"N": 2, "D": 16, "H": 24, "W": 32}


@pytest.mark.parametrize("pool", ["ROIPooling", "ROIAlign"])
@pytest.mark.parametrize("inputs", ["{data: [1, 3, 24, 16], rois: [R, 5]}"])
def test_regions_of_a_batch_of_one_are_of_its_only_item(pool: str, inputs: str) -> None:
    layers = f"  - {{name: roi, type: {pool}, pooled_h: 2, pooled_w: 3, bottom: [data, rois]}}"
    graph = loads(layers, inputs)
    for example in examples_for(graph, 0, "float32"):
        assert set(example.inputs["rois"][:, 0].tolist()) == {0.0}
    assert verify(graph).ok


def test_regions_that_are_only_reshaped_are_boxes_too() -> None:
    layers = """
  - {name: flat, type: Flatten, bottom: rois}
  - {name: roi, type: ROIPooling, pooled_h: 2, pooled_w: 3, bottom: [data, flat]}
"""
    graph = loads(layers, "{data: [1, 3, 24, 16], rois: [R, 5, 1, 1]}")
    rois = inputs_for(graph, sizes_for(graph), 0, "float32")["rois"]
    assert rois.shape == (2, 5, 1, 1)
    assert set(rois[:, 0, 0, 0].tolist()) == {0.0}
    assert verify(graph).ok


@pytest.mark.parametrize(
    ("inputs", "rois"),
    [
        (
            "index: [R, 1], corners: [R, 4]",
            "{name: rois, type: Concat, axis: 1, bottom: [index, corners]}",
        ),
        (
            "found: [R, 6]",
            "{name: cut, type: Slice, slice_point: [1], bottom: found, top: [score, rois]}",
        ),
        ("turned: [5, R]", "{name: rois, type: Permute, order: [1, 0], bottom: turned}"),
        ("flat: [10]", "{name: rois, type: Reshape, shape: [2, 5], axis: 0, bottom: flat}"),
    ],
)
@pytest.mark.parametrize("phase", ["", ", phase: TRAIN"])
def test_regions_that_are_cut_turned_or_put_together_are_boxes_too(
    inputs: str, rois: str, phase: str
) -> None:
    layers = f"""
  - {rois}
  - {{name: roi, type: ROIPooling, pooled_h: 2, pooled_w: 2, bottom: [data, rois]{phase}}}
  - {{name: fc, type: InnerProduct, num_output: 2, bottom: data}}
"""
    outputs = "outputs: [fc, roi]\nallow: [unused-layer]"
    graph = loads(layers, f"{{data: [1, 3, 24, 24], {inputs}}}", outputs)
    result = verify(graph, nonfinite=True)
    assert not result.refused
    assert result.result != "failed"


def test_boxes_lie_where_the_regions_take_them_from() -> None:
    layers = """
  - {name: cut, type: Slice, axis: 1, slice_point: [1], bottom: found, top: [score, box]}
  - {name: rois, type: Concat, axis: 1, bottom: [index, box]}
  - {name: roi, type: ROIAlign, pooled_h: 2, pooled_w: 2, bottom: [data, rois]}
"""
    graph = loads(
        layers, "{data: [N, 3, 24, 24], index: [R, 1], found: [R, 5]}", "outputs: [roi, score]"
    )
    inputs = inputs_for(graph, {"N": 3, "R": 40}, 0, "float32", 0.25)
    assert set(inputs["index"].ravel().tolist()) == {0.0, 1.0, 2.0}
    score, x1, y1, x2, y2 = inputs["found"].T
    assert (score == 0.25).all()
    assert (x1 < x2).all()
    assert (y1 < y2).all()


def test_regions_that_are_computed_are_left_alone() -> None:
    layers = """
  - {name: twice, type: Power, scale: 2, bottom: rois}
  - {name: roi, type: ROIAlign, pooled_h: 2, pooled_w: 2, bottom: [data, twice]}
"""
    graph = loads(layers, "{data: [N, 3, 24, 24], rois: [R, 5]}")
    assert (inputs_for(graph, {"N": 3, "R": 4}, 0, "float32", 0.25)["rois"] == 0.25).all()


OPEN = """
  - {name: conv, type: Convolution, num_output: 4, kernel_size: [5, 3], stride: 2}
  - {name: pool, type: Pooling, pool: AVE, global_pooling: true}
  - {name: fc, type: InnerProduct, num_output: 5}
"""


def test_the_least_sizes_are_those_at_which_nothing_is_empty() -> None:
    graph = loads(OPEN, "{data: [N, 3, H, W]}")
    usual = sizes_for(graph)
    assert usual == {"N": 2, "H": 64, "W": 96}
    assert nonempty_sizes(graph, usual) == {"N": 1, "H": 5, "W": 3}
    assert odd_sizes(graph, {"N": 1, "H": 5, "W": 3}) == {"N": 3, "H": 31, "W": 33}
    assert odd_sizes(graph, {"N": 1, "H": 40, "W": 3}) == {"N": 3, "H": 63, "W": 65}


def test_sizes_without_a_least_choice_are_the_usual_ones() -> None:
    """Where both must not be small at once."""
    graph = loads("  - {type: ReLU}", "{data: [N, 3, H, W]}")
    blob = graph.nodes[0].tops[0]
    n, c, h, w = blob.shape
    narrow = replace(blob, type=blob.type.with_shape(n, c, h + w - 100, 1))
    odd = replace(graph, nodes=(replace(graph.nodes[0], tops=(narrow,)),))
    usual = {"N": 2, "H": 64, "W": 96}
    assert nonempty_sizes(odd, usual) == usual


def test_what_is_run() -> None:
    def titles(inputs: str) -> list[str]:
        graph = loads(OPEN, inputs)
        return [example.title for example in examples_for(graph, 0, "float32")]

    constant = ["an input of zeros", "an input of ones"]
    assert titles("{data: [N, 3, 16, 16]}") == ["random", *constant]
    assert titles("{data: [N, 3, H, W]}") == [
        "random",
        "least sizes (N = 1, H = 5, W = 3)",
        "odd sizes (N = 3, H = 31, W = 33)",
        *constant,
    ]


def test_constant_inputs_leave_labels_and_boxes_alone() -> None:
    graph = loads(
        """
  - {name: roi, type: ROIAlign, pooled_h: 2, pooled_w: 3, bottom: [data, rois]}
  - {name: fc, type: InnerProduct, num_output: 4}
  - {name: accuracy, type: Accuracy, bottom: [fc, label]}
""",
        "{data: [N, 3, 24, 16], rois: [R, 5], label: {shape: [R], dtype: int64}}",
    )
    *_, ones = examples_for(graph, 0, "float32")
    assert set(ones.inputs["data"].ravel().tolist()) == {1.0}
    assert len(set(ones.inputs["rois"].ravel().tolist())) > 1
    assert ones.inputs["label"].dtype == np.int64


@pytest.mark.parametrize(
    ("inputs", "labels"),
    [
        ("label: [N]", "{name: l, type: Power, bottom: label}"),
        ("label: [N, 1, 1, 1]", "{name: l, type: Flatten, bottom: label}"),
        ("both: [N, 2]", "{name: cut, type: Slice, slice_point: [1], bottom: both, top: [l, m]}"),
    ],
)
@pytest.mark.parametrize(
    "reader",
    [
        "type: Accuracy, top_k: 2",
        "type: SoftmaxWithLoss, phase: TRAIN",
        "type: HingeLoss, phase: TRAIN",
    ],
)
def test_labels_of_real_numbers_are_labels(inputs: str, labels: str, reader: str) -> None:
    """As Caffe's are, and every input of which no type is said."""
    layers = f"""
  - {labels}
  - {{name: fc, type: InnerProduct, num_output: 5, bottom: data}}
  - {{name: read, {reader}, bottom: [fc, l]}}
"""
    more = "outputs: [fc, read]\nallow: [unused-layer]"
    graph = loads(layers, f"{{data: [N, 6], {inputs}}}", more)
    assert verify(graph, nonfinite=True).ok
    name = inputs.partition(":")[0]
    made = inputs_for(graph, {"N": 30}, 0, "float32")[name].reshape(30, -1)[:, 0]
    assert set(made.tolist()) == {0.0, 1.0}


def test_examples_are_those_of_a_seed() -> None:
    one, other, another = (next(examples_for(loads(SMALL), seed, "float32")) for seed in (0, 0, 1))
    assert np.array_equal(one.inputs["data"], other.inputs["data"])
    assert not np.array_equal(one.inputs["data"], another.inputs["data"])


def test_labels_are_of_no_more_classes_than_there_are() -> None:
    def largest(classes: int) -> int:
        layers = f"""
  - {{name: fc, type: InnerProduct, num_output: {classes}}}
  - {{name: loss, type: SoftmaxWithLoss, bottom: [fc, label], phase: TRAIN}}
"""
        inputs = "{data: [9, 4], label: {shape: [9], dtype: int64, phase: TRAIN}}"
        graph = loads(layers, inputs, "outputs: fc")
        assert verify(graph).ok
        return int(inputs_for(graph, {}, 0, "float32")["label"].max())

    assert [largest(classes) for classes in (1, 2, 3)] == [0, 1, 1]
