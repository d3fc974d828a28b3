"""What forks add to Caffe's layers, and what they say that means nothing."""

import pytest
import torch
from torch.nn import functional as F

from netspec.lower.torch import to_torch
from tests.importers.caffe.networks import (
    DATA,
    complaint,
    entries,
    imported,
    layer,
    network,
    one,
    spec,
    warnings,
)
from tests.importers.caffe.test_layers import PROPOSALS


def test_settings_of_another_layer_say_nothing_in_caffe_either() -> None:
    text = one("Softmax", "loss_param { ignore_label: 255 }")
    assert layer(text) == "type: Softmax"
    assert warnings(DATA + text).startswith(
        "warning[left-out]: `loss_param` says nothing to a Softmax, in Caffe either\n"
        " --> net.prototxt:2:59\n"
    )


def test_how_forks_compute_a_layer_says_nothing_of_what() -> None:
    text = one("ReLU", 'engine: "MKL2017" forward_type: FLOAT16 backward_math: FLOAT')
    assert layer(text) == "type: ReLU"


@pytest.mark.parametrize(
    ("settings", "size"),
    [
        ("zoom_factor: 2", 15),  # the steps between 8 rows, each halved
        ("shrink_factor: 2", 4),
        ("shrink_factor: 3", 3),
        ("shrink_factor: 2 zoom_factor: 4", 13),
        ("zoom_factor: 1", 8),
    ],
)
def test_interp_by_factors(settings: str, size: int) -> None:
    made = layer(one("Interp", f"interp_param {{ {settings} }}"))
    fields = "type: Upsample, size: [{0}, {0}], mode: BILINEAR, align_corners: true"
    assert sorted(made.split(", ")) == sorted(fields.format(size).split(", "))


def test_interp_behind_interp() -> None:
    chain = "".join(
        f'layer {{ name: "i{n}" type: "Interp" bottom: "{before}" top: "i{n}" '
        f"interp_param {{ {factor}_factor: 2 }} }}\n"
        for n, (before, factor) in enumerate([("data", "shrink"), ("i0", "zoom"), ("i1", "zoom")])
    )
    sizes = [node.tops[0].shape[2:] for node in network(DATA + chain).nodes]
    assert sizes == [(4, 4), (7, 7), (13, 13)]


def test_interp_by_factors_of_nobody_knows_what() -> None:
    text = DATA + one("Interp", "interp_param { zoom_factor: 2 }")
    found = complaint(text, shapes={"data": ["N", 3, "H", "W"]})
    assert found.startswith(
        "error[not-importable]: the size that the factors make of N×3×H×W is no number\n"
        " --> net.prototxt:2:"
    )


def test_interp_to_the_size_of_another() -> None:
    small = 'layer { name: "s" type: "Interp" bottom: "data" top: "s" interp_param '
    like = 'layer { name: "l" type: "Interp" bottom: "s" bottom: "data" top: "l" interp_param '
    text = small + "{ height: 3 width: 4 } }\n" + like + "{ use_blob_size: true } }\n"
    assert network(DATA + text).nodes[1].tops[0].shape[2:] == (8, 8)


@pytest.mark.parametrize(
    "settings", ["scale_bias: true", "scale_filler { value: 1 }", "bias_filler {}"]
)
def test_a_batch_norm_of_nvidia_that_scales(settings: str) -> None:
    made = layer(one("BatchNorm", f"batch_norm_param {{ {settings} }}"))
    assert made == "type: BatchNorm, moving_average_fraction: 0.999"


def test_a_batch_norm_of_intel() -> None:
    made = layer(
        one("BatchNorm", "batch_norm_param { filler { value: 1 } bias_filler { value: 0 } }")
    )
    assert "affine: false" in made
    text = DATA + one("BatchNorm", "batch_norm_param { scale_filler { value: 2 } }")
    assert "the factors of a spec's BatchNorm are 1 at first" in complaint(text)


def test_rates_of_segnets_bn_are_those_of_what_it_learns() -> None:
    rates = "param { lr_mult: 1 } param { lr_mult: 2 } param { lr_mult: 0 } param { lr_mult: 0 }"
    made = layer(one("BN", rates))
    assert "param: [{}, {lr_mult: 2}]" in made


def test_a_pooling_of_long_windows() -> None:
    settings = "pool: AVE kernel_h: 5 kernel_w: 4 stride_h: 3 stride_w: 4"
    made = layer(one("Pooling", f"pooling_param {{ {settings} }}"))
    assert "kernel_size: [5, 4], stride: [3, 4], round_mode: CEIL" in made


def test_the_scores_of_proposals_that_nobody_reads_are_left_out() -> None:
    text = PROPOSALS.replace('top: "rois"', 'top: "rois" top: "their-scores"')
    assert "name: rois, type: Proposal" in "\n".join(entries(text))


def test_a_multi_box_loss_that_says_what_is_so_anyway() -> None:
    ends = "".join(f'input: "{name}" ' for name in ("loc", "conf", "priors", "label"))
    shapes = "".join(
        f"input_shape {{ {' '.join(f'dim: {n}' for n in shape)} }} "
        for shape in ((1, 8), (1, 6), (1, 2, 8), (3, 6))
    )
    settings = """num_classes: 3 share_location: true do_neg_mining: true use_difficult_gt: true
      use_prior_for_matching: true conf_loss_type: SOFTMAX ignore_cross_boundary_bbox: false"""
    text = f"""{ends}{shapes} layer {{ name: "x" type: "MultiBoxLoss" top: "x" bottom: "loc"
      bottom: "conf" bottom: "priors" bottom: "label" multibox_loss_param {{ {settings} }} }}"""
    found = imported(text, shapes={"label": ["G", 6]})
    assert [node.type for node in found.graph.nodes] == ["MultiBoxLoss"]
    wrong = text.replace("share_location: true", "share_location: false")
    assert "a spec's MultiBoxLoss has `share_location: true` alone" in complaint(wrong)


def test_what_a_loss_says_keeps_nobody_from_the_network_without_it() -> None:
    text = """input: "label" input_shape { dim: 2 }
      layer { name: "fc" type: "InnerProduct" bottom: "data" top: "fc"
        inner_product_param { num_output: 4 } }
      layer { name: "loss" type: "SoftmaxWithLoss" bottom: "fc" bottom: "label" top: "loss"
        loss_param { label_smoothing: 0.5 } }"""
    assert "`loss_param.label_smoothing` of a SoftmaxWithLoss" in complaint(DATA + text)
    assert [node.type for node in network(DATA + text, phases=("TEST",)).nodes] == ["InnerProduct"]


WEIGHED = """input: "label" input_shape {{ dim: 2 }}
  layer {{ name: "fc" type: "InnerProduct" bottom: "data" top: "fc"
    inner_product_param {{ num_output: 3 }} }}
  layer {{ name: "loss" type: "SoftmaxWithLoss" bottom: "fc" bottom: "label" top: "loss"
    loss_param {{ {0} }} }}"""


def test_segnets_weights_of_classes() -> None:
    """Its sum is divided by how many labels count, whatever they weigh: PyTorch's by the weights
    would be (0.5·a + 2·b) / 2.5.
    """
    weights = "class_weighting: 0.5 class_weighting: 1 class_weighting: 2"
    text = DATA + WEIGHED.format(f"weight_by_label_freqs: true ignore_label: 1 {weights}")
    model = to_torch(network(text))
    data, label = torch.randn(3, 3, 8, 8), torch.tensor([0, 1, 2])
    found = model(data, label)
    a, _, b = F.cross_entropy(found["fc"], label, reduction="none")
    torch.testing.assert_close(found["loss"], (0.5 * a + 2 * b) / 2)


def test_weights_of_classes_that_a_batch_tells() -> None:
    """SegNet's first Caffe had no list: it counted the labels of each batch."""
    found = complaint(DATA + WEIGHED.format("weight_by_label_freqs: true"))
    assert found.startswith(
        "error[not-importable]: without `class_weighting` each label is weighed by how often its "
        "batch has it, and no loss here does that\n --> net.prototxt:6:41\n"
    )
    assert "give a `class_weighting` for each class, as SegNet's later Caffe has it" in found


def test_weights_of_classes_that_nobody_asks_for() -> None:
    text = spec(DATA + WEIGHED.format("class_weighting: 0.5")).text
    assert "class_weight:" not in text
    said = "`class_weighting` means nothing without `weight_by_label_freqs: true`, in Caffe either"
    assert said in text.replace("\n# ", " ")


def test_too_few_weights_of_classes() -> None:
    weights = "weight_by_label_freqs: true class_weighting: 0.5 class_weighting: 1"
    found = complaint(DATA + WEIGHED.format(weights))
    assert found.startswith(
        "error[bad-value]: `class_weight` needs a number for each class: 3, not 2\n"
        " --> net.prototxt:6:63\n"
    )


DROPPED = 'layer {{ name: "drop" type: "Dropout" bottom: "data" top: "data" {0} }}'


def test_a_dropout_that_scales_in_a_test() -> None:
    """SSD's `scale_train: false`: x or 0 in training, (1 − p)·x in a test."""
    text = DATA + DROPPED.format("dropout_param { dropout_ratio: 0.7 scale_train: false }")
    assert entries(text) == [
        "name: drop_dropped, type: Dropout, dropout_ratio: 0.7",
        "name: drop, type: Power, scale: 0.3",
    ]
    model, x = to_torch(network(text)), torch.rand(2, 3, 8, 8) + 1
    torch.testing.assert_close(model.eval()(x), 0.3 * x)
    given = model.train()(x)
    torch.testing.assert_close(given, torch.where(given > 0, x, 0))
    assert 0 < given.count_nonzero() < given.numel()
    text = DATA + DROPPED.format("dropout_param { scale_train: true }")
    assert entries(text) == ["name: drop, type: Dropout"]


def test_a_dropout_that_draws_in_a_test() -> None:
    """Bayesian SegNet's."""
    text = DATA + DROPPED.format("dropout_param { sample_weights_test: true }")
    found = complaint(text)
    assert found.startswith(
        "error[not-importable]: with `sample_weights_test` a Dropout draws in the TEST phase as "
        "well, and a spec's does nothing there\n --> net.prototxt:2:"
    )
    assert "put the module's nn.Dropout in training mode" in found
    assert entries(text, phases=("TRAIN",)) == ["name: drop, type: Dropout"]
    assert entries(text.replace("true", "false")) == ["name: drop, type: Dropout"]


def test_the_accuracy_of_each_class() -> None:
    ends = 'input: "label" input_shape { dim: 2 dim: 8 dim: 8 }\n'
    text = DATA + ends + one("Accuracy", "", 'bottom: "data" bottom: "label"', 'top: "x" top: "y"')
    made = network(text)
    assert {name: str(type) for name, type in made.outputs.items()} == {"x": "scalar", "y": "3"}
