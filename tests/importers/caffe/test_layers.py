"""Each of Caffe's layers, and those of forks, in a spec's words.

Sizes are those that a real Caffe gives such layers.
"""

from itertools import product

import pytest

from netspec.importers.caffe.layers import TABLE
from tests.importers.caffe.networks import DATA, complaint, entries, layer, network, one, spec


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        (
            one("Convolution", "convolution_param { num_output: 8 kernel_size: 3 pad: 1 }"),
            "type: Convolution, num_output: 8, kernel_size: 3, pad: 1",
        ),
        (
            one(
                "Convolution",
                "convolution_param { num_output: 8 kernel_h: 3 kernel_w: 5 stride: 2 pad_h: 1 "
                "group: 1 bias_term: false engine: CAFFE dilation: 1 }",
            ),
            "type: Convolution, num_output: 8, kernel_size: [3, 5], stride: 2, pad: [1, 0], "
            "bias_term: false",
        ),
        (
            one("Convolution", "convolution_param { num_output: 8 kernel_size: 3 kernel_size: 1 }"),
            "type: Convolution, num_output: 8, kernel_size: [3, 1]",
        ),
        (
            one("ConvolutionDepthwise", "convolution_param { num_output: 3 kernel_size: 3 }"),
            "type: Convolution, num_output: 3, kernel_size: 3, group: 3",
        ),
        (
            one(
                "DepthwiseConvolution",
                "convolution_param { num_output: 3 kernel_size: 3 group: 3 }",
            ),
            "type: Convolution, num_output: 3, kernel_size: 3, group: 3",
        ),
        (
            one("Deconvolution", "convolution_param { num_output: 2 kernel_size: 4 stride: 2 }"),
            "type: Deconvolution, num_output: 2, kernel_size: 4, stride: 2",
        ),
        (
            one("InnerProduct", "inner_product_param { num_output: 4 axis: 2 transpose: true }"),
            "type: InnerProduct, num_output: 4, axis: 2, transpose: true",
        ),
        (
            one("Pooling", "pooling_param { pool: MAX kernel_size: 3 stride: 2 }"),
            "type: Pooling, kernel_size: 3, stride: 2, round_mode: CEIL",
        ),
        (
            one("Pooling", "pooling_param { pool: AVE kernel_size: 3 stride: 2 ceil_mode: false }"),
            "type: Pooling, pool: AVE, kernel_size: 3, stride: 2",
        ),
        (
            one("Pooling", "pooling_param { pool: 1 kernel_size: 2 stride: 2 round_mode: FLOOR }"),
            "type: Pooling, pool: AVE, kernel_size: 2, stride: 2",
        ),
        (
            one("Pooling", "pooling_param { kernel_size: 3 pad: 1 }"),
            "type: Pooling, kernel_size: 3, pad: 1",
        ),
        (
            one("Pooling", "pooling_param { pool: AVE global_pooling: true }"),
            "type: Pooling, pool: AVE, global_pooling: true",
        ),
        (one("LRN", "lrn_param { alpha: 1e-4 k: 2 }"), "type: LRN, alpha: 0.0001, k: 2"),
        (
            one("LRN", "lrn_param { norm_region: WITHIN_CHANNEL local_size: 3 k: 2 }"),
            "type: LRN, local_size: 3, norm_region: WITHIN_CHANNEL",
        ),
        (
            one("BatchNorm"),
            "type: BatchNorm, affine: false, moving_average_fraction: 0.999",
        ),
        (
            one("BatchNorm", "batch_norm_param { use_global_stats: true eps: 1e-3 }"),
            "type: BatchNorm, eps: 0.001, affine: false, use_global_stats: true",
        ),
        (
            one("BatchNorm", "batch_norm_param { use_global_stats: false }"),
            "type: BatchNorm, affine: false, use_global_stats: false",
        ),
        (one("Scale", "scale_param { bias_term: true }"), "type: Scale, bias_term: true"),
        (one("Scale", "scale_param { filler { } }"), "type: Scale, filler: {type: constant}"),
        (one("Scale", "scale_param { axis: 1 num_axes: -1 }"), "type: Scale, num_axes: -1"),
        (one("Bias"), "type: Bias"),
        (one("BN", "bn_param { bn_mode: INFERENCE }"), "type: BatchNorm"),
        (one("MVN", "mvn_param { across_channels: true }"), "type: MVN, across_channels: true"),
        (
            one("Normalize", "norm_param { across_spatial: false scale_filler { value: 20 } }"),
            "type: Normalize, across_spatial: false, scale_filler: {type: constant, value: 20}",
        ),
        (one("ReLU", "relu_param { negative_slope: 0.1 }"), "type: ReLU, negative_slope: 0.1"),
        (one("ReLU6"), "type: ReLU6"),
        (one("PReLU", "prelu_param { channel_shared: true }"), "type: PReLU, channel_shared: true"),
        (one("Sigmoid"), "type: Sigmoid"),
        (one("TanH"), "type: TanH"),
        (one("AbsVal"), "type: AbsVal"),
        (one("BNLL"), "type: BNLL"),
        (one("ELU", "elu_param { alpha: 0.5 }"), "type: ELU, alpha: 0.5"),
        (one("Swish", "swish_param { beta: 2 }"), "type: Swish, beta: 2"),
        (one("Power", "power_param { power: 2 shift: 1 }"), "type: Power, power: 2, shift: 1"),
        (one("Exp", "exp_param { base: 2 }"), "type: Exp, base: 2"),
        (one("Log", "log_param { shift: 1 }"), "type: Log, shift: 1"),
        (one("Threshold", "threshold_param { threshold: 1 }"), "type: Threshold, threshold: 1"),
        (one("Clip", "clip_param { min: 0 max: 6 }"), "type: Clip, min: 0, max: 6"),
        (one("Softmax", "softmax_param { axis: 2 }"), "type: Softmax, axis: 2"),
        (one("Dropout", "dropout_param { dropout_ratio: 0 }"), "type: Dropout, dropout_ratio: 0"),
        (one("Flatten", "flatten_param { axis: 2 }"), "type: Flatten, axis: 2"),
        (
            one("Reshape", "reshape_param { shape { dim: 0 dim: -1 } axis: 1 num_axes: 2 }"),
            "type: Reshape, shape: [0, -1], axis: 1, num_axes: 2",
        ),
        (
            one("Permute", "permute_param { order: 0 order: 2 order: 3 order: 1 }"),
            "type: Permute, order: [0, 2, 3, 1]",
        ),
        (one("Tile", "tile_param { tiles: 2 }"), "type: Tile, tiles: 2"),
        (
            one("Reduction", "reduction_param { operation: MEAN axis: 1 }"),
            "type: Reduction, operation: MEAN, axis: 1",
        ),
        (
            one("ArgMax", "argmax_param { axis: 1 }"),
            "type: ArgMax, axis: 1, select_last_index: true",
        ),
        (
            one("ArgMax", "argmax_param { axis: 1 out_max_val: true top_k: 2 }"),
            "type: ArgMax, out_max_val: true, top_k: 2, axis: 1",
        ),
        (one("SPP", "spp_param { pyramid_height: 2 }"), "type: SPP, pyramid_height: 2"),
        (
            one("Eltwise", "eltwise_param { coeff: 1 coeff: -1 }", 'bottom: "data" bottom: "data"'),
            "type: Eltwise, bottom: [data, data], coeff: [1, -1]",
        ),
        (
            one("Eltwise", "eltwise_param { operation: PROD }", 'bottom: "data" bottom: "data"'),
            "type: Eltwise, bottom: [data, data], operation: PROD",
        ),
        (
            one("Concat", "concat_param { concat_dim: 0 }", 'bottom: "data" bottom: "data"'),
            "type: Concat, bottom: [data, data], axis: 0",
        ),
        (one("Concat"), "type: Concat, bottom: [data]"),
        (
            one("Slice", "slice_param { slice_point: 1 }", tops='top: "a" top: "b"'),
            "type: Slice, top: [a, b], slice_point: [1]",
        ),
        (
            one("Interp", "interp_param { height: 16 width: 24 }"),
            "type: Upsample, mode: BILINEAR, align_corners: true, size: [16, 24]",
        ),
        (
            one("ShuffleChannel", "shuffle_channel_param { group: 3 }"),
            "type: ChannelShuffle, group: 3",
        ),
        (
            one("PriorBox", "prior_box_param { min_size: 4 aspect_ratio: 2 flip: true clip: true "
                "variance: 0.1 variance: 0.1 variance: 0.2 variance: 0.2 }",
                'bottom: "data" bottom: "data"'),
            "type: PriorBox, bottom: [data, data], min_size: 4, aspect_ratio: 2, "
            "variance: [0.1, 0.1, 0.2, 0.2], clip: true",
        ),
    ],
)  # fmt: skip
def test_a_layer(text: str, entry: str) -> None:
    assert layer(text) == entry


CONV = 'layer { name: "conv" type: "Convolution" bottom: "data" top: "conv" %s }\n'


def test_fillers_and_multipliers() -> None:
    text = """
        param { lr_mult: 1 decay_mult: 1 } param { lr_mult: 2 decay_mult: 0 }
        convolution_param { num_output: 8 kernel_size: 3
          weight_filler { type: "gaussian" std: 0.01 value: 3 mean: 0 }
          bias_filler { type: "constant" value: 0.2 } }"""
    assert layer(CONV % text) == (
        "type: Convolution, num_output: 8, kernel_size: 3, "
        "weight_filler: {type: gaussian, std: 0.01}, "
        "bias_filler: {type: constant, value: 0.2}, param: [{}, {lr_mult: 2, decay_mult: 0}]"
    )


LOSS = """
input: "label" input_shape { dim: 2 }
layer { name: "fc" type: "InnerProduct" bottom: "conv" top: "fc" inner_product_param {
  num_output: 4 %s } }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "fc" bottom: "label" top: "loss" %s }
"""
SETTINGS = "convolution_param { num_output: 1 kernel_size: 3 weight_filler { type: 'xavier' } }"


def test_where_a_file_draws_weights_an_absent_filler_is_caffes_own() -> None:
    made = entries(DATA + CONV % SETTINGS + LOSS % ("", ""))
    assert made[1] == "name: fc, type: InnerProduct, num_output: 4, weight_filler: {type: constant}"


def test_a_file_for_use_alone_leaves_fillers_out() -> None:
    made = layer(CONV % "convolution_param { num_output: 1 kernel_size: 3 }")
    assert made == "type: Convolution, num_output: 1, kernel_size: 3"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("", ""),
        ("loss_weight: 0.3", ", loss_weight: 0.3"),
        ("loss_param { normalize: false }", ", normalization: BATCH_SIZE"),
        ("loss_param { normalize: false normalization: FULL }", ", normalization: FULL"),
        ("loss_param { ignore_label: 255 }", ", ignore_label: 255"),
        ("loss_param { normalization: VALID }", ""),
        (
            "loss_param { weight_by_label_freqs: true class_weighting: 0.2595 class_weighting: 4 "
            "class_weighting: [1, 0.5] normalize: false }",
            ", class_weight: [0.2595, 4, 1, 0.5], normalization: BATCH_SIZE",
        ),
        ("loss_param { weight_by_label_freqs: false class_weighting: 0.5 }", ""),
    ],
)
def test_a_loss_is_of_the_training_alone(settings: str, said: str) -> None:
    text = DATA + CONV % SETTINGS + LOSS % ("", settings)
    entry = f"name: loss, type: SoftmaxWithLoss, bottom: [fc, label]{said}, phase: TRAIN"
    assert entries(text)[-1] == entry
    made = spec(text).text
    assert "  label: {shape: [N], dtype: int64, phase: TRAIN}\n" in made
    assert made.endswith("outputs: [fc]\n")


def test_weights_shared_by_name_and_by_one_layer() -> None:
    shared = 'param { name: "w" } param { name: "b" lr_mult: 2 } ' + SETTINGS
    text = DATA + CONV % shared + (CONV % shared).replace('"conv"', '"other"')
    assert entries(text) == [
        "name: conv, type: Convolution, num_output: 1, kernel_size: 3, "
        "weight_filler: {type: xavier}, param: [{name: w}, {name: b, lr_mult: 2}]",
        "name: other, type: Convolution, bottom: data, num_output: 1, kernel_size: 3, "
        "param: [{name: w}, {name: b, lr_mult: 2}]",
    ]
    assert network(text).params == 28
    two = CONV.replace('top: "conv"', 'bottom: "data" top: "conv" top: "again"') % SETTINGS
    assert entries(DATA + two)[1] == "name: conv_2, reuse: conv, bottom: data"
    assert network(DATA + two).params == 28


def test_a_squeeze_and_excitation() -> None:
    text = DATA + one("Pooling", "pooling_param { pool: AVE global_pooling: true }")
    text += 'layer { name: "y" type: "Axpy" bottom: "x" bottom: "data" bottom: "data" top: "y" }'
    assert entries(text)[1:] == [
        "name: y_scaled, type: Scale, bottom: [data, x], axis: 0",
        "name: y, type: Eltwise, bottom: [y_scaled, data]",
    ]


def test_pooling_and_its_way_back() -> None:
    text = (
        DATA
        + """
        layer { name: "pool" type: "Pooling" bottom: "data" top: "pool" top: "mask"
          pooling_param { kernel_size: 3 stride: 3 } }
        layer { name: "up" type: "Upsample" bottom: "pool" bottom: "mask" top: "up"
          upsample_param { scale: 3 pad_out_h: true } }"""
    )
    assert entries(text)[1] == "name: up, type: Unpooling, bottom: [pool, mask]"
    assert str(network(text).outputs["up"]) == "N×3×8×8"


def test_volumes() -> None:
    text = """
        input: "data" input_shape { dim: 1 dim: 3 dim: 16 dim: 24 dim: 24 }
        layers { name: "conv" type: CONVOLUTION3D bottom: "data" top: "conv" convolution_param {
          num_output: 8 kernel_size: 3 kernel_depth: 3 pad: 1 temporal_pad: 1 } }
        layers { name: "pool" type: POOLING3D bottom: "conv" top: "pool" pooling_param {
          pool: MAX kernel_size: 2 kernel_depth: 1 stride: 2 temporal_stride: 1 } }"""
    assert entries(text) == [
        "name: conv, type: Convolution, num_output: 8, kernel_size: 3, pad: 1",
        "name: pool, type: Pooling, kernel_size: [1, 2, 2], stride: [1, 2, 2], round_mode: CEIL",
    ]


def test_a_detector() -> None:
    text = """
        input: "data" input_shape { dim: 1 dim: 3 dim: 32 dim: 32 }
        layer { name: "loc" type: "Convolution" bottom: "data" top: "loc"
          convolution_param { num_output: 4 kernel_size: 1 } }
        layer { name: "conf" type: "Convolution" bottom: "data" top: "conf"
          convolution_param { num_output: 2 kernel_size: 1 } }
        layer { name: "prior" type: "PriorBox" bottom: "data" bottom: "data" top: "prior"
          prior_box_param { min_size: 4 } }
        layer { name: "out" type: "DetectionOutput" bottom: "loc" bottom: "conf" bottom: "prior"
          top: "out" include { phase: TEST } detection_output_param { num_classes: 2
          nms_param { nms_threshold: 0.45 top_k: 400 } code_type: CENTER_SIZE keep_top_k: 200
          save_output_param { output_directory: "x" } } }"""
    assert entries(text)[-1] == (
        "name: out, type: DetectionOutput, bottom: [loc, conf, prior], num_classes: 2, "
        "keep_top_k: 200, code_type: CENTER_SIZE, nms_threshold: 0.45, top_k: 400, phase: TEST"
    )


PROPOSALS = """
    input: "scores" input_shape { dim: 1 dim: 18 dim: 8 dim: 8 }
    input: "offsets" input_shape { dim: 1 dim: 36 dim: 8 dim: 8 }
    input: "im_info" input_shape { dim: 1 dim: 3 }
    layer { name: "rois" type: "Python" bottom: "scores" bottom: "offsets" bottom: "im_info"
      top: "rois" python_param { module: "rpn.proposal_layer" layer: "ProposalLayer"
      param_str: "'feat_stride': 16" } }"""


def test_proposals_of_faster_rcnn_are_a_layer_here() -> None:
    text = PROPOSALS.replace("16", "8")
    assert entries(text) == [
        "name: rois, type: Proposal, bottom: [scores, offsets, im_info], feat_stride: 8"
    ]
    assert "  scores: [1, 18, 8, 8]\n" in spec(PROPOSALS).text


def test_other_code_is_refused() -> None:
    text = PROPOSALS.replace("ProposalLayer", "AnchorTargetLayer")
    assert complaint(text).startswith(
        "error[not-importable]: what `AnchorTargetLayer` computes stands in Python code, which "
        "isn't run\n --> net.prototxt:5:32\n"
    )


def test_a_product_takes_no_coefficients() -> None:
    text = one("Eltwise", "eltwise_param { operation: PROD coeff: 2 }", 'bottom: "data"')
    assert complaint(DATA + text).startswith(
        "error[not-importable]: `coeff` is for sums; Caffe refuses it beside PROD\n"
        " --> net.prototxt:2:98\n"
    )


def test_windows_of_nothing() -> None:
    """Caffe gives the least number for the greatest of no elements, and 0/0 for their average."""
    image = 'input: "data" input_shape { dim: 1 dim: 2 dim: 4 dim: 4 }\n'
    text = image + one("Pooling", "pooling_param { pool: MAX kernel_size: 2 stride: 4 pad: 0 }")
    assert entries(text) == [
        "name: x_margin, type: Pad, pad: [[0, 2], [0, 2]], value: -3.4028234663852886e+38",
        "name: x, type: Pooling, kernel_size: 2, stride: 4",
    ]
    assert complaint(text.replace("MAX", "AVE")).startswith(
        "error[not-importable]: Caffe's last windows lie wholly beyond the image, and it divides 0 "
        "by 0 there\n --> net.prototxt:2:25\n"
    )
    tops = 'top: "x" top: "mask"'
    assert "beyond the image: they have no place in it\n" in complaint(
        text.replace('top: "x"', tops)
    )
    # All of the last windows begin within this one.
    inside = one("Pooling", "pooling_param { kernel_size: 2 stride: 3 }")
    assert layer(inside) == "type: Pooling, kernel_size: 2, stride: 3, round_mode: CEIL"


def test_channels_in_another_axis_stand_behind_a_batch_of_several() -> None:
    text = 'input: "data" input_shape { dim: 2 dim: 3 dim: 4 dim: 6 dim: 5 }\n'
    settings = "convolution_param {{ num_output: 7 kernel_size: 3 axis: {} }}"
    for axis in (2, -3):
        assert entries(text + one("Convolution", settings.format(axis))) == [
            "name: x_joined, type: Reshape, shape: [-1], num_axes: 2",
            "name: x_filters, type: Convolution, num_output: 7, kernel_size: 3",
            "name: x, type: Reshape, shape: [-1, 3], num_axes: 1",
        ]
    assert layer(one("Convolution", settings.format(-3))) == (
        "type: Convolution, num_output: 7, kernel_size: 3"
    )
    assert "channels of 2×3×4×6×5 in axis 0 aren't imported" in complaint(
        text + one("Convolution", settings.format(0))
    )


def test_darknets_reorg() -> None:
    """Its elements go where its own loop puts them: from place o, by the channel's number."""
    torch = pytest.importorskip("torch")
    text = 'input: "data" input_shape { dim: 1 dim: 8 dim: 6 dim: 4 }\n'
    made = network(text + one("Reorg", "reorg_param { stride: 2 }"))
    expected = []
    for k, j, i in product(range(8), range(6), range(4)):
        part, channel = divmod(k, 2)
        row, column = 2 * j + part // 2, 2 * i + part % 2
        expected.append(column + 8 * (row + 12 * channel))
    given = made.to_torch()(torch.arange(192.0).reshape(1, 8, 6, 4))
    assert given.shape == (1, 32, 3, 2)
    assert given.flatten().tolist() == expected
    said = complaint(DATA + one("Reorg", "reorg_param { stride: 2 }"))
    assert "a Reorg of 2 needs channels that 4 divides" in said
    said = complaint(text + one("Reorg", "reorg_param { stride: 2 reverse: true }"))
    assert "a Reorg backwards isn't imported" in said


def test_neighbours_as_channels() -> None:
    text = one("Im2col", "convolution_param { kernel_size: 3 pad: 1 stride: 4 }")
    assert entries(DATA + text) == [
        "name: x_pad2, type: Pad, axis: 2, before: 1, after: 1",
        "name: x_at2, type: Gather, axis: 2, indices: [0, 4, 1, 5, 2, 6]",
        "name: x_pad3, type: Pad, axis: 3, before: 1, after: 1",
        "name: x_at3, type: Gather, axis: 3, indices: [0, 4, 1, 5, 2, 6]",
        "name: x_apart, type: Reshape, shape: [3, 3, 2, 3, 2], axis: 1",
        "name: x_kernels, type: Permute, order: [0, 1, 2, 4, 3, 5]",
        "name: x, type: Reshape, shape: [27, 2, 2], axis: 1",
    ]
    large = 'input: "data" input_shape { dim: 1 dim: 1 dim: 9000 dim: 1 }\n'
    settings = "convolution_param { kernel_h: 2 kernel_w: 1 stride: 1 pad: 0 }"
    assert "lists 17,998 places along an axis" in complaint(large + one("Im2col", settings))
    for settings, said in (
        ("kernel_size: 9", "is larger than the 8 places"),
        ("kernel_size: 3 stride: 0", "the stride of an Im2col is 1 or more"),
        ("kernel_size: 3 axis: 7", "2×3×8×8 has no axis 7"),
        ("kernel_size: 3 kernel_size: 1 kernel_size: 1", "has other axes than 2×3×8×8"),
        ("stride: 1", "an Im2col needs a `kernel_size`"),
    ):
        assert said in complaint(DATA + one("Im2col", f"convolution_param {{ {settings} }}"))


def test_items_in_another_order() -> None:
    text = DATA + 'input: "which" input_shape { dim: 5 }\n'
    made = spec(text + one("BatchReindex", bottoms='bottom: "data" bottom: "which"')).text
    assert "  - {name: x, type: Gather, bottom: [data, which]}\n" in made
    assert "which: {shape: [" in made
    assert "dtype: int64" in made


@pytest.mark.parametrize(
    ("text", "said", "help"),
    [
        (
            one("Filter", bottoms='bottom: "data" bottom: "data"'),
            "how many items a Filter gives shows only as it runs, and a spec has shapes before",
            "leave it out, and choose items from what the network gives",
        ),
        (
            one("InfogainLoss", 'infogain_loss_param { source: "h" }'),
            "an InfogainLoss weighs pairs of classes by a matrix, and no loss here does",
            "with ones on the diagonal alone it is `SoftmaxWithLoss`; `--phase TEST` imports the "
            "network without losses",
        ),
        (
            one("MultinomialLogisticLoss"),
            "a MultinomialLogisticLoss reads probabilities, and no loss here does",
            "`SoftmaxWithLoss` on what its Softmax reads is the same loss; `--phase TEST` imports "
            "the network without losses",
        ),
    ],
)
def test_what_no_spec_has(text: str, said: str, help: str) -> None:
    told = complaint(DATA + text)
    assert told.startswith(f"error[not-importable]: {said}\n --> net.prototxt:2:25\n")
    assert told.endswith(f"= help: {help}\n")


def test_a_test_needs_no_loss() -> None:
    text = DATA + 'layer { name: "p" type: "Softmax" bottom: "data" top: "p" }'
    loss = one("MultinomialLogisticLoss", "loss_weight: 2", 'bottom: "p" bottom: "data"')
    assert entries(text + loss, phases=("TEST",)) == ["name: p, type: Softmax"]


def test_what_writes_a_file_is_left_out() -> None:
    text = DATA + 'layer { name: "p" type: "Softmax" bottom: "data" top: "p" }'
    settings = 'hdf5_output_param { file_name: "out.h5" }'
    made = spec(text + one("HDF5Output", settings, 'bottom: "p" bottom: "data"', "")).text
    assert "HDF5Output" in made.partition("netspec: 1")[0]
    assert made.endswith("  - {name: p, type: Softmax}\n")


def test_a_split_gives_an_output_once_more() -> None:
    text = (
        one("Power", "power_param { power: 2 }")
        + 'layer { name: "s" type: "Split" bottom: "x" top: "again" top: "more" }'
        + 'layer { name: "y" type: "AbsVal" bottom: "more" top: "y" }'
    )
    assert list(network(DATA + text).outputs) == ["x", "y"]
    silent = 'layer { name: "z" type: "Silence" bottom: "again" }'
    assert list(network(DATA + text + silent).outputs) == ["y"]


def test_a_file_that_computes_nothing() -> None:
    assert complaint('layer { name: "d" type: "DummyData" top: "d" }').startswith(
        "error[not-importable]: the network has no layer that computes anything\n"
    )


def test_an_error_of_the_layer_has_its_place_in_the_prototxt() -> None:
    text = DATA + one("Convolution", "convolution_param { num_output: 8 kernel_size: 9 }")
    assert complaint(text).splitlines()[:2] == [
        "error[size-underflow]: Convolution would give N×8×0×0: its bottom N×3×8×8 is too small",
        " --> net.prototxt:2:110",
    ]


def test_what_nobody_knows_is_named() -> None:
    assert complaint(DATA + one("Lifting")).startswith(
        "error[unknown-type]: netspec has no layer `Lifting`\n --> net.prototxt:2:25\n"
    )
    assert complaint(DATA + one("GRU")).startswith(
        "error[unknown-type]: Caffe's `GRU` is another layer than netspec's, and isn't imported\n"
        " --> net.prototxt:2:25\n"
    )
    text = one("Swish", "interp_param { zoom_factor: 2 }")
    assert complaint(DATA + text).startswith(
        "error[unknown-field]: netspec doesn't know what `interp_param` of a Swish means\n"
        " --> net.prototxt:2:57\n"
    )


def test_each_translation_is_of_a_type_that_somebody_has() -> None:
    assert len(TABLE) > 60
    assert all(name.isidentifier() for name in TABLE)
