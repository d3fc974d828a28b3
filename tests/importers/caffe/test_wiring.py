"""Layers in place, pairs of BatchNorm and Scale, phases, and what Caffe refuses of them."""

import pytest

from tests.importers.caffe.networks import (
    DATA,
    complaint,
    entries,
    imported,
    network,
    spec,
    warnings,
)

CONV = """
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv"
  convolution_param { num_output: 3 kernel_size: 3 pad: 1 bias_term: false } }
"""
RELU = 'layer { name: "relu" type: "ReLU" bottom: "conv" top: "conv" }\n'
SUM = 'layer { name: "sum" type: "Eltwise" bottom: "conv" bottom: "data" top: "sum" }\n'
NORM = 'layer { name: "bn" type: "BatchNorm" bottom: "conv" top: "conv" %s }\n'
SCALE = """layer { name: "scale" type: "Scale" bottom: "conv" top: "conv"
  scale_param { bias_term: true %s } }\n"""


def test_readers_behind_a_layer_in_place_read_what_it_gives() -> None:
    assert entries(DATA + CONV + RELU + SUM)[1:] == [
        "name: relu, type: ReLU",
        "name: sum, type: Eltwise, bottom: [relu, data]",
    ]


def test_a_reader_above_a_layer_in_place() -> None:
    side = 'layer { name: "side" type: "AbsVal" bottom: "conv" top: "side" }\n'
    assert complaint(DATA + CONV + side + RELU) == (
        "error[in-place]: `relu` writes over `conv`, which `side` in line 5 has read before; Caffe "
        "refuses that\n"
        " --> net.prototxt:6:55\n"
        "  |\n"
        '6 | layer { name: "relu" type: "ReLU" bottom: "conv" top: "conv" }\n'
        "  |                                                       ^^^^^^\n"
        "  = help: give it a top of its own, and let those behind read that\n"
    )


def test_a_top_that_is_another_blobs() -> None:
    text = DATA + CONV + 'layer { name: "x" type: "ReLU" bottom: "data" top: "conv" }'
    assert "`conv` is the name of another blob" in complaint(text)


@pytest.mark.parametrize(
    ("more", "message", "place"),
    [
        (DATA, "`data` is given above as well, which Caffe refuses", "2:8"),
        (
            'layer { name: "in" type: "Input" top: "conv" input_param { shape { dim: 3 } } }',
            "`conv` is given above as well, which Caffe refuses",
            "5:39",
        ),
        (
            'layer { name: "s" type: "Slice" bottom: "data" top: "a" top: "b" top: "a" }',
            "`a` is given twice by this layer, which Caffe refuses",
            "5:71",
        ),
    ],
)
def test_a_blob_that_is_given_twice(more: str, message: str, place: str) -> None:
    told = complaint(DATA + more if more == DATA else DATA + CONV + more)
    assert told.startswith(f"error[duplicate-name]: {message}\n --> net.prototxt:{place}\n")


def test_a_layer_without_a_type() -> None:
    text = DATA + CONV + 'layer { name: "x" bottom: "conv" top: "x" }\n' + RELU
    assert complaint(text).startswith(
        "error[missing-field]: this layer has no `type`\n --> net.prototxt:5:7\n"
    )
    made = spec(text, partial=True).text
    assert "# Left out: `x` (line 5): this layer has no `type`.\n" in made


def test_include_and_exclude() -> None:
    rules = "include { phase: TEST } exclude { phase: TRAIN }"
    text = DATA + f'layer {{ name: "a" type: "AbsVal" bottom: "data" top: "a" {rules} }}'
    assert complaint(text).startswith(
        "error[field-conflict]: a layer has `include` or `exclude`, not both\n"
        " --> net.prototxt:2:90\n"
    )


def test_a_bottom_that_nothing_gives() -> None:
    assert complaint(DATA + SUM).startswith(
        "error[unknown-name]: nothing above gives `conv`\n --> net.prototxt:2:45\n"
    )


def test_batch_norm_and_scale_are_one() -> None:
    text = DATA + CONV + NORM % "" + SCALE % "" + RELU
    assert entries(text)[1:] == [
        "name: bn, type: BatchNorm, moving_average_fraction: 0.999",
        "name: relu, type: ReLU",
    ]
    assert network(text).params == 3 * 3 * 9 + 6
    (_, norm, _) = imported(text).network.entries
    assert norm.source == [
        ("bn", ("running_mean", "running_var", "")),
        ("scale", ("weight", "bias")),
    ]


@pytest.mark.parametrize(
    ("norm", "scale", "between"),
    [
        ("", "filler { value: 0 }", ""),
        ("", "filler { }", ""),
        ("", "bias_filler { value: 1 }", ""),
        ("", "axis: 2", ""),
        ("", "", RELU),
        ("", "", 'layer { name: "p" type: "PReLU" bottom: "conv" top: "conv" }'),
    ],
)
def test_other_pairs_stay_two(norm: str, scale: str, between: str) -> None:
    made = entries(DATA + CONV + NORM % norm + between + SCALE % scale)
    assert "affine: false" in made[1]
    assert made[-1].startswith("name: scale, type: Scale")


def test_a_scale_with_no_bias_stays_a_layer() -> None:
    text = DATA + CONV + NORM % "" + SCALE.replace("bias_term: true", "") % ""
    assert entries(text)[-1] == "name: scale, type: Scale"
    assert network(text).params == 3 * 3 * 9 + 3


def test_a_scale_whose_norm_others_read_stays_a_layer() -> None:
    text = DATA + CONV + (NORM % "").replace('top: "conv"', 'top: "n"')
    text += 'layer { name: "s" type: "Scale" bottom: "n" top: "s" scale_param { bias_term: true } }'
    text += 'layer { name: "sum" type: "Eltwise" bottom: "s" bottom: "n" top: "sum" }'
    assert [each.split(",")[1] for each in entries(text)] == [
        " type: Convolution",
        " type: BatchNorm",
        " type: Scale",
        " type: Eltwise",
    ]


def test_a_split_and_a_silence_are_nothing() -> None:
    text = DATA + CONV + 'layer { name: "s" type: "Split" bottom: "conv" top: "a" top: "b" }\n'
    text += 'layer { name: "sum" type: "Eltwise" bottom: "a" bottom: "b" top: "sum" }\n'
    text += 'layer { name: "abs" type: "AbsVal" bottom: "a" top: "abs" }\n'
    text += 'layer { name: "quiet" type: "Silence" bottom: "abs" }'
    assert entries(text)[1:] == [
        "name: sum, type: Eltwise, bottom: [conv, conv]",
        "name: abs, type: AbsVal, bottom: conv, allow: [unused-layer]",
    ]
    assert "\noutputs: [sum]\n" in spec(text).text


TRAINED = """
layer { name: "data" type: "Data" top: "data" top: "label" include { phase: TRAIN }
  transform_param { crop_size: 8 mean_value: 104 mean_value: 117 scale: 0.5 } }
layer { name: "data" type: "Data" top: "data" top: "label" include { phase: TEST }
  transform_param { crop_size: 8 } }
layer { name: "fc" type: "InnerProduct" bottom: "data" top: "fc"
  inner_product_param { num_output: 4 weight_filler { type: "xavier" } } }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "fc" bottom: "label" top: "loss" }
layer { name: "top1" type: "Accuracy" bottom: "fc" bottom: "label" top: "top1"
  include { phase: TEST } }
"""


def test_both_phases_are_in_one_spec() -> None:
    made = spec(TRAINED).text
    assert made[made.index("netspec: 1") :] == (
        "netspec: 1\n"
        "name: net\n"
        "inputs:\n"
        "  data: [N, 3, 8, 8]\n"
        "  label: {shape: [N], dtype: int64}\n"
        "layers:\n"
        "  - {name: fc, type: InnerProduct, num_output: 4, weight_filler: {type: xavier}}\n"
        "  - {name: loss, type: SoftmaxWithLoss, bottom: [fc, label], phase: TRAIN}\n"
        "  - {name: top1, type: Accuracy, bottom: [fc, label], phase: TEST}\n"
        "outputs: [fc, top1]\n"
    )


def test_one_phase_alone() -> None:
    assert [each.split(",")[0] for each in entries(TRAINED, phases=("TEST",))] == [
        "name: fc",
        "name: top1",
    ]
    assert [each.split(",")[0] for each in entries(TRAINED, phases=("TRAIN",))] == [
        "name: fc",
        "name: loss",
    ]


def test_stages_and_levels() -> None:
    rule = 'include { stage: "deploy" not_stage: "val" } include { min_level: 2 }'
    text = DATA + CONV + f'layer {{ name: "abs" type: "AbsVal" bottom: "conv" top: "abs" {rule} }}'
    assert len(entries(text)) == 1
    assert len(entries(text, stages=frozenset(["deploy"]))) == 2
    assert len(entries(text, stages=frozenset(["deploy", "val"]))) == 1
    assert len(entries(text, level=2)) == 2
    assert len(entries(text + 'state { stage: "deploy" }')) == 2


def test_exclude() -> None:
    text = DATA + CONV + 'layer { name: "d" type: "AbsVal" bottom: "conv" top: "d" %s }'
    assert entries(text % "exclude { phase: TEST }")[-1] == "name: d, type: AbsVal, phase: TRAIN"
    assert entries(text % "exclude { phase: TEST } exclude { phase: TRAIN }")[-1].startswith(
        "name: conv"
    )


def test_a_batch_norm_written_once_for_each_phase_is_one() -> None:
    twins = NORM % "include { phase: TRAIN } batch_norm_param { use_global_stats: false }"
    twins += NORM % "include { phase: TEST } batch_norm_param { use_global_stats: true }"
    assert entries(DATA + CONV + twins + RELU)[1:] == [
        "name: bn, type: BatchNorm, affine: false, moving_average_fraction: 0.999",
        "name: relu, type: ReLU",
    ]


def test_what_a_layer_reads_never_depends_on_the_phase() -> None:
    noise = RELU.replace("}", "include { phase: TRAIN } }")
    assert complaint(DATA + CONV + noise + SUM).startswith(
        "error[not-importable]: `sum` reads in TEST what `conv` gives and in TRAIN what `relu` "
        "gives, and what a layer reads never depends on the phase\n"
    )
    assert len(entries(DATA + CONV + noise + SUM, phases=("TEST",))) == 2


def test_a_file_for_one_phase() -> None:
    text = TRAINED.replace("include { phase: TEST }", "include { phase: TEST stage: 'x' }")
    assert [each.split(",")[0] for each in entries(text)] == ["name: fc", "name: loss"]
    assert "# The file has no whole network for TEST: what is here is that of TRAIN.\n" in (
        spec(text).text
    )


def test_what_is_no_network_at_all() -> None:
    assert complaint('item {\n  name: "cat"\n}\nitem {\n  name: "dog"\n}\n') == (
        "error[unknown-field]: this is no network: none has a field `item`\n"
        " --> net.prototxt:1:1\n"
        "  |\n"
        "1 | item {\n"
        "  | ^^^^\n"
        "  = help: a network has `layer { … }`, and a solver `base_lr`, `max_iter` and the like\n"
    )
    assert "no field of NetParameter is called `layr`" in complaint('layr { name: "x" }')


def test_a_network_of_no_layers() -> None:
    said = "the network has no layer that computes anything"
    for text in ('name: "x"', DATA):
        assert complaint(text).startswith(f"error[not-importable]: {said}\n --> net.prototxt:1:")


def test_lints_are_told_once() -> None:
    text = DATA
    for number, bottom in enumerate(("data", "b0", "b1")):
        text += (
            f'layer {{ name: "c{number}" type: "Convolution" bottom: "{bottom}" top: "c{number}" '
            "convolution_param { num_output: 4 kernel_size: 1 } }\n"
            f'layer {{ name: "b{number}" type: "BatchNorm" bottom: "c{number}" top: "b{number}" '
            "}\n"
        )
    told = warnings(text)
    assert told.startswith(
        "warning[bias-before-batchnorm]: the bias of `c0` is taken away again by `b0`, and so in 2 "
        "other places\n"
    )
    assert told.count("warning") == 1


def test_a_file_whose_other_phase_lacks_a_layer() -> None:
    text = DATA + CONV.replace("top:", "include { phase: TEST } top:") + RELU
    assert len(entries(text)) == 2
    assert warnings(text).startswith(
        "warning[left-out]: nothing above gives `conv` in TRAIN: the network is read for TEST "
        "alone\n --> net.prototxt:5:43\n"
    )
