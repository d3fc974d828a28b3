"""Inputs: those that a file declares, and those that its data layers stand for."""

import pytest

from tests.importers.caffe.networks import complaint, network, spec

ABS = 'layer { name: "abs" type: "AbsVal" bottom: "data" top: "abs" }\n'


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ('input: "data" input_dim: 10 input_dim: 3 input_dim: 8 input_dim: 9', "[N, 3, 8, 9]"),
        ('input: "data" input_shape { dim: 10 dim: 3 }', "[N, 3]"),
        (
            'layer { name: "in" type: "Input" top: "data" input_param { shape { dim: [2, 4] } } }',
            "[N, 4]",
        ),
        (
            'layer { name: "in" type: "DummyData" top: "data" dummy_data_param { '
            "shape { dim: 2 dim: 4 } data_filler { value: 1 } } }",
            "[N, 4]",
        ),
        (
            'layer { name: "in" type: "DummyData" top: "data" dummy_data_param { '
            "num: 2 channels: 4 height: 5 width: 6 } }",
            "[N, 4, 5, 6]",
        ),
        (
            'layer { name: "in" type: "MemoryData" top: "data" memory_data_param { '
            "batch_size: 2 channels: 4 height: 5 width: 6 } }",
            "[N, 4, 5, 6]",
        ),
        (
            'layer { name: "in" type: "Data" top: "data" transform_param { crop_size: 9 } }',
            "[N, 3, 9, 9]",
        ),
        (
            'layer { name: "in" type: "Data" top: "data" transform_param { crop_size: 9 '
            "force_gray: true } }",
            "[N, 1, 9, 9]",
        ),
        (
            'layer { name: "in" type: "ImageData" top: "data" image_data_param { '
            "new_height: 5 new_width: 6 is_color: false } }",
            "[N, 1, 5, 6]",
        ),
        ('layers { type: DATA top: "data" data_param { crop_size: 7 } }', "[N, 3, 7, 7]"),
        (
            'layer { name: "in" type: "VideoData" top: "data" video_data_param { new_length: 16 '
            "crop_size: 9 } }",
            "[N, 3, 16, 9, 9]",
        ),
        (
            'layer { name: "in" type: "AnnotatedData" top: "data" transform_param { '
            "resize_param { height: 300 width: 200 } } }",
            "[N, 3, 300, 200]",
        ),
    ],
)  # fmt: skip
def test_a_shape(text: str, shape: str) -> None:
    layer = (
        ABS
        if "layers" not in text
        else ABS.replace("layer", "layers").replace('"AbsVal"', "ABSVAL")
    )
    assert f"inputs:\n  data: {shape}\n" in spec(text + "\n" + layer).text


def test_one_shape_for_several_inputs() -> None:
    text = 'input: "data" input: "more" input_shape { dim: 2 dim: 4 }\n'
    text += 'layer { name: "sum" type: "Eltwise" bottom: "data" bottom: "more" top: "sum" }'
    assert "inputs:\n  data: [N, 4]\n  more: [N, 4]\n" in spec(text).text


DATA = 'layer { name: "in" type: "Data" top: "data" data_param { source: "x" } }\n'


def test_a_shape_that_the_file_does_not_say() -> None:
    assert complaint(DATA + ABS) == (
        "error[unknown-size]: the shape of `data` isn't in the file: Data reads it with the data\n"
        " --> net.prototxt:1:38\n"
        "  |\n"
        f"1 | {DATA}"
        "  |                                      ^^^^^^\n"
        "  = help: say it, as in `--input data=Nx3xHxW`\n"
    )
    made = spec(DATA + ABS, shapes={"data": ["N", 3, "H", "W"]}).text
    assert "inputs:\n  data: [N, 3, H, W]\n" in made


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ('name: "r" type: "ReLU" top: "r"', "this ReLU reads nothing: it has no `bottom`"),
        ('name: "r" type: "Data"', "this Data has neither `bottom` nor `top`"),
        (
            'name: "r" type: "Data" transform_param { crop_size: 8 }',
            "this Data has neither `bottom` nor `top`",
        ),
    ],
)
def test_a_layer_that_reads_nothing(layer: str, message: str) -> None:
    text = f'input: "data" input_shape {{ dim: 2 dim: 3 }}\n{ABS}layer {{ {layer} }}'
    told = f"error[not-importable]: {message}\n --> net.prototxt:3:25\n"
    assert complaint(text).startswith(told)
    made = spec(text, partial=True).text
    assert f"line 3): {message}.\n" in made


def test_what_a_data_layer_did_stands_in_a_comment() -> None:
    text = (
        'layer { name: "in" type: "Data" top: "data" data_param { source: "a\\nb" batch_size: 4 } '
        "transform_param { crop_size: 8 mean_value: [104, 117, 123] mirror: true } }\n"
    )
    made = spec(text + ABS).text
    assert made.startswith(
        "# Made by `netspec import` from net.prototxt.\n"
        "# `data` is taken to have 3 channels: how many there are shows in the data alone.\n"
        "# Data gave `data`, with mean_value 104.0 117.0 123.0, mirror true, crop_size 8, source"
        " a b,\n# batch_size 4; a spec reads no data.\n"
        "# Caffe's tools read images as blue, green, red: so are the channels of `data`.\n"
        "netspec: 1\n"
    )


def test_a_batch_that_a_layer_needs_is_kept() -> None:
    text = 'input: "data" input_shape { dim: 6 dim: 4 }\n'
    text += 'layer { name: "r" type: "Reshape" bottom: "data" top: "r" '
    text += "reshape_param { shape { dim: [2, 3, 4] } } }"
    made = spec(text).text
    assert "inputs:\n  data: [6, 4]\n" in made
    assert "# The batch is the file's own: some layer needs to know it.\n" in made
    assert str(network(text).outputs["r"]) == "2×3×4"


def test_an_input_that_nothing_reads_is_none() -> None:
    text = 'input: "data" input: "other" input_shape { dim: 2 dim: 4 }\n' + ABS
    assert "inputs:\n  data: [N, 4]\nlayers:" in spec(text).text


def test_the_pieces_of_a_video() -> None:
    """C3D's data layer, of Caffe's form before `layer`: new_length frames of crop_size."""
    text = (
        'layers { name: "data" type: VIDEO_DATA top: "data" top: "label" image_data_param { '
        "batch_size: 30 crop_size: 112 new_height: 128 new_width: 171 new_length: 16 } }\n"
        'layers { name: "conv1a" type: CONVOLUTION3D bottom: "data" top: "conv1a" '
        "convolution_param { num_output: 2 kernel_size: 3 kernel_depth: 3 pad: 1 temporal_pad: 1 "
        "} }"
    )
    assert "  data: [N, 3, 16, 112, 112]\n" in spec(text).text
    assert str(network(text).outputs["conv1a"]) == "N×2×16×112×112"


CROPS = "".join(
    f'layer {{ name: "in" type: "Data" top: "data" include {{ phase: {phase} }} '
    f"transform_param {{ crop_size: {size} }} }}\n"
    for phase, size in (("TRAIN", 24), ("TEST", 28))
)


def test_phases_whose_images_differ_in_size() -> None:
    told = complaint(CROPS + ABS)
    assert "`data` has another shape in the other phase, in line 1" in told
    assert "`--input data=…` says the shape of both" in told
    made = spec(CROPS + ABS, shapes={"data": ["N", 3, 24, 24]}).text
    assert "  data: [N, 3, 24, 24]\n" in made


GIVEN = 'input: "data" input_shape { dim: 2 dim: 3 dim: 8 dim: 8 }\n'


def test_a_shape_for_what_is_no_input() -> None:
    told = complaint(GIVEN + ABS, shapes={"dat": ["N", 3, 8, 8]})
    assert told == (
        "error[unknown-var]: the network has no input `dat`\n  = help: did you mean `data`?\n"
    )
