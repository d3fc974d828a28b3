"""Receptive fields beside those that papers, lectures and other tools state."""

from fractions import Fraction
from typing import Any

import pytest

import netspec
from netspec.analysis.receptive import receptive_fields

ARAUJO = [
    ("alexnet", "conv1", 11, 4, 0),
    ("alexnet", "pool1", 19, 8, 0),
    ("alexnet", "conv2", 51, 8, 16),
    ("alexnet", "conv3", 99, 16, 32),
    ("alexnet", "conv4", 131, 16, 48),
    ("alexnet", "conv5", 163, 16, 64),
    ("alexnet", "pool5", 195, 32, 64),
    ("vgg16", "features.4", 6, 2, 2),
    ("vgg16", "features.9", 16, 4, 6),
    ("vgg16", "features.16", 44, 8, 18),
    ("vgg16", "features.23", 100, 16, 42),
    ("vgg16", "features.30", 212, 32, 90),
    ("vgg11", "features.20", 150, 32, 59),
    ("inception_v3", "Mixed_7c", 1311, 32, 618),
    ("inception_v4", "features.21", 2071, 32, 998),
    ("inception_resnet_v2", "block8", 3039, 32, 1482),
    # Margins differ here: TF-Slim pads as TensorFlow's SAME says.
    ("bn_inception", "inception_4e", 443, 32, None),
    ("bn_inception", "inception_5b", 699, 32, None),
    ("mobilenet_v1", "blocks", 315, 32, None),
    ("resnet50_v1", "layer4", 483, 32, None),
    ("resnet101_v1", "layer4", 1027, 32, None),
    ("resnet152_v1", "layer4", 1507, 32, None),
]
"""Size, stride and margin before the image, of TF-Slim's networks: Araujo et al. 2019, and the
RECEPTIVE_FIELD_TABLE.md of google-research/receptive_field.
"""


@pytest.mark.parametrize(("network", "name", "size", "stride", "margin"), ARAUJO)
def test_the_table_of_araujo(
    network: str, name: str, size: int, stride: int, margin: int | None
) -> None:
    field = netspec.load(network).receptive_field(name)
    assert field is not None
    assert (field.size, field.stride) == ((size, size), (stride, stride))
    assert margin is None or field.start == (-margin, -margin)


def test_three_small_filters_see_what_a_large_one_does() -> None:
    """Simonyan and Zisserman 2014, section 2.3: three 3×3 layers have a field of 7×7."""
    net = stack(*[{"type": "Convolution", "num_output": 8, "kernel_size": 3}] * 3)
    field = net.receptive_field("l2")
    assert field is not None
    assert str(field) == "7×7"
    assert field.to_json() == {"size": [7, 7], "stride": [1, 1], "start": [0, 0]}


def test_where_the_stride_stands_makes_the_field() -> None:
    """The paper's ResNet-50 strides in its 1×1 filters, torchvision's in its 3×3 ones: 483, 427."""
    found = [netspec.load(name).receptive_field("layer4") for name in ("resnet50_v1", "resnet50")]
    assert [each.size for each in found if each] == [(483, 483), (427, 427)]


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("resnet50", "layer4"),
        ("vgg16_bn", "features"),
        ("inception_v3", "Mixed_7c"),
        ("densenet121", "features"),
    ],
)
def test_the_size_of_the_image_is_no_matter(name: str, last: str) -> None:
    free = netspec.load(name, inputs={"data": ["N", 3, "H", "W"]}, outputs=[last])
    known = receptive_fields(netspec.load(name))
    found = receptive_fields(free)
    assert len(found) > 40
    assert all(field == known[blob] for blob, field in found.items())


def test_a_pyramid_at_sizes_that_are_symbols() -> None:
    """Upsampling to the size of a second bottom, of `ceil(H/4)`, goes by how sizes grow."""
    net = netspec.load("fcn_resnet50", inputs={"data": ["N", 3, "H", "W"]})
    fixed = netspec.load("fcn_resnet50", inputs={"data": ["N", 3, 320, 480]})
    for name in ("classifier", "aux_classifier", "out"):
        assert net.receptive_field(name) == fixed.receptive_field(name)


def test_what_is_global() -> None:
    """VGG-16's fc6 sees 212 + 6·32 = 404; where heights aren't known it is all of the image."""
    fc6 = netspec.load("vgg16").receptive_field("classifier.0")
    assert fc6 is not None
    assert (fc6.size, fc6.stride, fc6.start) == ((404, 404), (0, 0), (-90, -90))
    net = stack({"type": "Pooling", "pool": "AVE", "global_pooling": True}, height="H")
    field = net.receptive_field("l0")
    assert field is not None
    assert field.size == (None, 16)
    assert field.to_json() == {"size": ["all", 16], "stride": [None, 0], "start": [None, 0]}
    assert str(field) == "all×16"


@pytest.mark.parametrize(
    "layer",
    [
        {"type": "InstanceNorm"},
        {"type": "GroupNorm", "group": 2},
        {"type": "LayerNorm", "axis": [1, 2, 3]},
        {"type": "MVN"},
        {"type": "Normalize"},
        {"type": "LCN"},
        {"type": "BatchNorm", "use_global_stats": False},
        {"type": "Softmax", "axis": 2},
    ],
)
def test_statistics_of_all_places(layer: dict[str, Any]) -> None:
    field = stack(layer).receptive_field("l0")
    assert field is not None
    assert field.to_json() in ("all", {"size": ["all", 1], "stride": [None, 1], "start": [None, 0]})


@pytest.mark.parametrize(
    "layer",
    [
        {"type": "BatchNorm"},
        {"type": "LayerNorm", "axis": 1},
        {"type": "Normalize", "across_spatial": False},
        {"type": "Softmax"},
        {"type": "ChannelShuffle", "group": 2},
        {"type": "LRN", "local_size": 3},
        {"type": "Dropout"},
    ],
)
def test_what_stays_in_its_place(layer: dict[str, Any]) -> None:
    field = stack(layer).receptive_field("l0")
    assert field is not None
    assert (field.size, field.stride, field.start) == ((1, 1), (1, 1), (0, 0))


@pytest.mark.parametrize(
    ("layers", "size", "stride", "start"),
    [
        ([{"type": "Pad", "pad": 2}], (1, 1), (1, 1), (-2, -2)),
        ([{"type": "SpaceToDepth", "block_size": 2}], (2, 2), (2, 2), (0, 0)),
        ([{"type": "PixelShuffle", "upscale_factor": 2}], (1, 1), (0.5, 0.5), (0, 0)),
        ([{"type": "Upsample", "scale": [1, 4], "mode": "BILINEAR"}], (1, 2), (1, 0.25), (0, -1)),
        (
            [{"type": "Slice", "axis": 2, "slice_point": 5, "top": ["t", "l"]}],
            (1, 1),
            (1, 1),
            (5, 0),
        ),
        ([{"type": "Permute", "order": [0, 1, 3, 2]}], (1, 1), (1, 1), (0, 0)),
        ([{"type": "Flatten", "axis": 2}], (1, 1), (None, None), (None, None)),
        ([{"type": "Roll", "axis": 2, "shift": 1}], (1, 1), (None, 1), (None, 0)),
        ([{"type": "Gather", "axis": 2, "indices": 3}], (1, 1), (0, 1), (3, 0)),
        (
            [{"type": "Pooling", "pool": "AVE", "output_size": [4, 6]}],
            (4, 4),
            (4, Fraction(8, 3)),
            (0, 0),
        ),
        (
            [
                {"type": "Flatten", "axis": 2},
                {"type": "Reshape", "shape": [0, 0, 16, 16]},
                {"type": "Convolution", "num_output": 1, "kernel_size": 1},
            ],
            (1, 1),
            (None, None),
            (None, None),
        ),
        (
            [
                {"type": "Permute", "order": [0, 2, 3, 1]},
                {"type": "InnerProduct", "num_output": 5, "axis": -1},
                {"type": "Permute", "order": [0, 3, 2, 1]},
                {"type": "Convolution", "num_output": 1, "kernel_size": [3, 5], "stride": [1, 2]},
            ],
            (5, 3),
            (2, 1),
            (0, 0),
        ),
        (
            [{"type": "Reshape", "shape": [0, 0, 4, 4, 16]}, {"type": "Flatten", "axis": 2}],
            (4, 1),
            (None, None),
            (None, None),
        ),
    ],
)
def test_where_places_go(layers: list[Any], size: Any, stride: Any, start: Any) -> None:
    field = stack(*layers).receptive_field("l" if "top" in layers[-1] else f"l{len(layers) - 1}")
    assert field is not None
    assert (field.size, field.stride, field.start) == (size, stride, start)


def stack(*layers: dict[str, Any], height: int | str = 16) -> netspec.Network:
    """The layers one behind the other, on an image of eight channels."""
    named = [{"name": f"l{n}", **each} for n, each in enumerate(layers)]
    lines = [f"  - {flow(each)}" for each in named]
    last = named[-1]
    outputs = last["top"] if "top" in last else [last["name"]]
    text = f"netspec: 1\nname: Net\ninputs: {{data: [N, 8, {height}, 16]}}\nlayers:\n"
    return netspec.loads(text + "\n".join([*lines, f"outputs: {flow(outputs)}\n"]))


def flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {flow(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_a_squeeze_and_excitation_sees_the_whole_image() -> None:
    field = netspec.load("se_resnet50").receptive_field("layer4")
    assert field is not None
    assert all(size is not None and size >= 224 for size in field.size)


def test_a_sequence() -> None:
    """A window of five words, then an LSTM, which sees all of them."""
    net = netspec.loads(
        """
        netspec: 1
        name: Words
        inputs: {words: {shape: [N, T], dtype: int64}}
        layers:
          - {name: embed, type: Embed, input_dim: 100, num_output: 8}
          - {name: channels, type: Permute, order: [0, 2, 1]}
          - {name: conv, type: Convolution, num_output: 8, kernel_size: 5, pad: 2}
          - {name: steps, type: Permute, order: [0, 2, 1]}
          - {name: lstm, type: LSTM, num_output: 4}
        """
    )
    conv, lstm = net.receptive_field("steps"), net.receptive_field("lstm")
    assert conv is not None
    assert (conv.size, conv.stride, conv.start) == ((5,), (1,), (-2,))
    assert lstm is not None
    assert lstm.to_json() == "all"


def test_attention_sees_everything() -> None:
    net = netspec.load("vit_b_16")
    patch, token = net.receptive_field("conv_proj"), net.receptive_field("heads")
    assert patch is not None
    assert (patch.size, patch.stride, patch.start) == ((16, 16), (16, 16), (0, 0))
    assert token is not None
    assert token.is_all


TWO = """
netspec: 1
name: Two
inputs: {left: [N, 3, 32, 32], right: [N, 3, 32, 32]}
blocks:
  pair:
    layers:
      - {name: a, type: Convolution, num_output: 4, kernel_size: 3, pad: 1, bottom: input}
      - {name: b, type: Convolution, num_output: 4, kernel_size: 5, pad: 2, bottom: a}
    outputs: [a, b]
layers:
  - {name: twice, type: pair, bottom: left, top: [thin, wide]}
  - {name: other, type: Convolution, num_output: 4, kernel_size: 1, bottom: right}
  - {name: sum, type: Eltwise, bottom: [wide, other]}
  - {name: bias, type: Constant, shape: [4], value: 1}
  - {name: shifted, type: Bias, bottom: [sum, bias], axis: 1}
  - {name: scores, type: Eltwise, bottom: [shifted, thin]}
"""


def test_the_input_is_the_first_that_a_blob_depends_on() -> None:
    net = netspec.loads(TWO)
    for name, input, size in (("scores", "left", 7), ("other", "right", 1), ("thin", "left", 3)):
        field = net.receptive_field(name)
        assert field is not None
        assert (field.input, field.size) == (input, (size, size))
    right = net.receptive_field("scores", input="right")
    assert right is not None
    assert (right.input, right.size) == ("right", (1, 1))
    assert net.receptive_field("bias") is None
    assert net.receptive_field("thin", input="right") is None


def test_names_that_stand_for_nothing() -> None:
    net = netspec.loads(TWO)
    with pytest.raises(ValueError, match=r"^no layer or blob is called `score`; did you mean `sc"):
        net.receptive_field("score")
    with pytest.raises(ValueError, match=r"^no input is called `up`; there are `left`, `right`$"):
        net.receptive_field("sum", input="up")
    with pytest.raises(
        ValueError,
        match=r"^`twice` gives blobs whose receptive fields differ; name one: `twice.a`, `twice.b`",
    ):
        net.receptive_field("twice")
    with pytest.raises(TypeError, match=r"^`name` should be a str, not 3$"):
        net.receptive_field(3)  # type: ignore[arg-type]


def test_branches_at_different_strides() -> None:
    """No stride is right for both: a place is told to see what all of them do."""
    net = stack(
        {"type": "Upsample", "size": 31, "mode": "BILINEAR", "align_corners": True},
        {"type": "Convolution", "num_output": 8, "kernel_size": 2, "pad": 8, "bottom": "data"},
        {"type": "Eltwise", "bottom": ["l0", "l1"]},
    )
    field = net.receptive_field("l2")
    assert field is not None
    assert (field.size[1], field.stride[1], field.start[1]) == (32, 0, -8)


def test_windows_that_repeat_too_late_have_a_size_alone() -> None:
    net = stack({"type": "Upsample", "size": 1009, "mode": "BILINEAR"})
    field = net.receptive_field("l0")
    assert field is not None
    assert (field.size, field.stride, field.start) == ((2, 2), (None, None), (None, None))


def test_strides_beyond_any_image_take_no_time() -> None:
    """A thousand strides multiplied would be a number of nine thousand digits."""
    wide = {"type": "Convolution", "num_output": 1, "kernel_size": 3, "pad": 1, "stride": 2**31 - 1}
    field = stack(*[wide] * 1000).receptive_field("l999")
    assert field is not None
    assert all(size is not None and size < 2**42 for size in field.size)
