"""Conditions on symbolic sizes: shown to hold at every size that the network runs at, or refused
with a size that breaks them.
"""

import pytest

from netspec import loads
from netspec.graph.lowest import least_sizes
from tests.checking import check, good

OPEN = "netspec: 1\nname: Net\ninputs: {data: [N, 3, H, W]}\nlayers:\n"
HALVED = (
    "  - {name: pool, type: Pooling, kernel_size: 2, stride: 2MODE}\n"
    "  - {name: up, type: Deconvolution, num_output: 3, kernel_size: 2, stride: 2}\n"
)


def test_a_crop_that_fits_even_heights_alone() -> None:
    check(
        OPEN + HALVED.replace("MODE", "") + "  - {name: crop, type: Crop, bottom: [up, «data]}\n",
        (
            "shape-mismatch",
            "Crop can't take H elements from 0 on of the 2*floor(H/2) along axis 2 where H is 3",
            "`type: Upsample, bottom: [up, data]` gives `up` the size of `data` whatever that is; "
            "or fix the input's size",
        ),
    )


def test_a_crop_that_fits_every_height() -> None:
    net = good(
        OPEN + HALVED.replace("MODE", ", round_mode: CEIL") + "  - {name: crop, type: Crop, "
        "bottom: [up, data]}\n"
    )
    assert [str(shape) for shape in net.outputs.values()] == ["N×3×H×W"]


@pytest.mark.parametrize("height", [4, 6])
def test_a_known_height_that_fits(height: int) -> None:
    text = OPEN + HALVED.replace("MODE", "") + "  - {name: crop, type: Crop, bottom: [up, data]}\n"
    assert loads(text, inputs={"data": [1, 3, height, 8]}).outputs["crop"] == (1, 3, height, 8)


@pytest.mark.parametrize("offset", [0, 1, 2, 5])
def test_a_crop_by_an_offset(offset: int) -> None:
    wide = "  - {name: wide, type: Pad, pad: [1, 0, 0, 1]}\n"
    crop = f"  - {{name: crop, type: Crop, bottom: [wide, «data], offset: [{offset}, 0]}}\n"
    if offset < 2:
        good(OPEN + wide + crop.replace("«", ""))
    else:
        wanted = f"Crop can't take H elements from {offset} on of the H + 1 along axis 2"
        check(OPEN + wide + crop, ("shape-mismatch", wanted))


FCN = """\
  - {name: conv1, type: Convolution, num_output: 4, kernel_size: 3, pad: 100}
  - {name: pool1, type: Pooling, kernel_size: 2, stride: 2, round_mode: CEIL}
  - {name: pool2, type: Pooling, kernel_size: 2, stride: 2, round_mode: CEIL}
  - {name: pool3, type: Pooling, kernel_size: 2, stride: 2, round_mode: CEIL}
  - {name: pool4, type: Pooling, kernel_size: 2, stride: 2, round_mode: CEIL}
  - {name: pool5, type: Pooling, kernel_size: 2, stride: 2, round_mode: CEIL}
  - {name: fc6, type: Convolution, num_output: 4, kernel_size: 7}
  - {name: up, type: Deconvolution, num_output: 3, kernel_size: 64, stride: 32}
"""


def test_a_fully_convolutional_network() -> None:
    """FCN-32s: its margin of 100 and its offset of 19 suit every image, its authors say."""
    net = good(OPEN + FCN + "  - {name: score, type: Crop, bottom: [up, data], offset: 19}\n")
    assert str(net.outputs["score"]) == "N×3×H×W"
    assert least_sizes(net) == {"N": 1, "H": 1, "W": 1}


def test_the_largest_offset_of_a_fully_convolutional_network() -> None:
    good(OPEN + FCN + "  - {name: score, type: Crop, bottom: [up, data], offset: 38}\n")
    check(
        OPEN + FCN + "  - {name: score, type: Crop, bottom: [up, «data], offset: 39}\n",
        ("shape-mismatch", " where H is 26", ""),
    )


def test_a_slice_of_a_height_that_may_be_less() -> None:
    check(
        OPEN + "  - {name: parts, type: Slice, axis: 2, slice_point: «10, top: [a, b]}\n"
        "outputs: [a, b]\n",
        (
            "bad-value",
            "`slice_point` 10 leaves nothing of the H elements for the last part where H is 1",
            "fix the input's size",
        ),
    )


def test_a_slice_of_a_height_that_cannot_be_less() -> None:
    """What stands before needs eleven rows, or PyTorch and ONNX Runtime refuse to run."""
    net = good(
        OPEN + "  - {name: conv, type: Convolution, num_output: 3, kernel_size: [11, 1]}\n"
        "  - {name: back, type: Pad, pad: [10, 0, 0, 0]}\n"
        "  - {name: parts, type: Slice, axis: 2, slice_point: 10, top: [a, b]}\noutputs: [a, b]\n"
    )
    assert [str(shape) for shape in net.outputs.values()] == ["N×3×10×W", "N×3×(H - 10)×W"]


def test_what_stands_beside_says_nothing_of_the_height() -> None:
    check(
        OPEN + "  - {name: conv, type: Convolution, num_output: 3, kernel_size: 11}\n"
        "  - {name: parts, type: Slice, axis: 2, slice_point: «10, top: [a, b], bottom: data}\n"
        "outputs: [conv, a, b]\n",
        ("bad-value", " where H is 1", ""),
    )


def test_a_block_is_checked_at_each_use() -> None:
    """Both read N×3×H×W, but only the first reads what needs eleven rows."""
    check(
        "netspec: 1\nname: Net\ninputs: {data: [N, 3, H, W]}\nblocks:\n"
        "  cut: {layers: [{name: parts, type: Slice, axis: 2, slice_point: «10, top: [a, b]}],"
        " outputs: [a, b]}\nlayers:\n"
        "  - {name: conv, type: Convolution, num_output: 3, kernel_size: [11, 1]}\n"
        "  - {name: back, type: Pad, pad: [10, 0, 0, 0]}\n"
        "  - {name: one, type: cut, top: [c, d]}\n"
        "  - {name: two, type: cut, top: [e, f], bottom: data}\noutputs: [c, d, e, f]\n",
        ("bad-value", " where H is 1", ""),
    )


def test_equal_parts() -> None:
    check(
        OPEN + "  - {name: parts, type: «Slice, axis: 2, top: [a, b]}\noutputs: [a, b]\n",
        (
            "unknown-size",
            "Slice needs to know that 2 divides the axis's size, which is H here; it doesn't where "
            "H is 3",
            "say where to cut",
        ),
    )
    good(
        OPEN + "  - {name: twice, type: Upsample, scale: 2}\n"
        "  - {name: parts, type: Slice, axis: 2, top: [a, b]}\noutputs: [a, b]\n"
    )


def test_products_of_symbols() -> None:
    flat = OPEN + "  - {name: flat, type: Flatten}\n"
    cut = "  - {{name: parts, type: Slice, slice_point: {}, top: [a, b]}}\noutputs: [a, b]\n"
    good(flat + cut.format(2))
    check(
        flat + cut.format("«3"),
        (
            "bad-value",
            "leaves nothing of the 3*H*W elements for the last part where H is 1 and W is 1",
        ),
    )


def test_what_cannot_be_shown() -> None:
    inputs = "inputs: {a: [N, H, W], b: [N, H]}"
    check(
        f"netspec: 1\nname: Net\n{inputs}\nlayers:\n"
        "  - {name: flat, type: Flatten, bottom: a}\n"
        "  - {name: wide, type: Pad, axis: 1, after: 1}\n"
        "  - {name: back, type: Crop, axis: 1, bottom: [wide, «b]}\n",
        (
            "shape-mismatch",
            "Crop can't take H elements from 0 on of the H*W + 1 along axis 1 unless H and W suit; "
            "that they always do can't be shown",
        ),
    )


def test_formulas_that_are_equal_at_every_height() -> None:
    """The two halves of a height, rounded down and up, are the height together."""
    net = good(
        OPEN + "  - {name: down, type: Pooling, kernel_size: [2, 1], stride: [2, 1]}\n"
        "  - {name: up, type: Pooling, kernel_size: [2, 1], stride: [2, 1], round_mode: CEIL,"
        " bottom: data}\n"
        "  - {name: both, type: Concat, axis: 2, bottom: [down, up]}\n"
        "  - {name: sum, type: Eltwise, bottom: [data, both]}\n"
    )
    assert str(net.outputs["sum"]) == "N×3×H×W"


def test_shapes_that_are_equal_at_even_heights() -> None:
    check(
        OPEN + HALVED.replace("MODE", "") + "  - {name: sum, type: Eltwise, bottom: «[data, up]}\n",
        (
            "shape-mismatch",
            "but data gives N×3×H×W and up gives N×3×2*floor(H/2)×2*floor(W/2), which differ "
            "where H is 3",
            "`type: Crop, bottom: [data, up]` gives `data` the size of `up`",
        ),
    )


def test_classes_to_guess_from() -> None:
    text = (
        "netspec: 1\nname: Net\ninputs: {data: [N, C], label: [N]}\nlayers:\n"
        "  - {name: hits, type: Accuracy, bottom: [data, label], top_k: «5}\n"
    )
    check(text, ("bad-value", "but data has only C classes where C is 1"))


@pytest.mark.parametrize(
    ("entries", "least"),
    [
        ("  - {type: Convolution, num_output: 2, kernel_size: [7, 3], stride: 2}\n", (7, 3)),
        ("  - {type: Convolution, num_output: 2, kernel_size: 3, dilation: 4, pad: 1}\n", (7, 7)),
        ("  - {type: Pooling, kernel_size: 3, stride: 2, round_mode: CEIL}\n", (2, 2)),
        ("  - {type: Deconvolution, num_output: 2, kernel_size: 2, pad: 3}\n", (6, 6)),
        ("  - {type: ArgMax, axis: 2, top_k: 4}\n", (4, 1)),
        ("  - {type: InstanceNorm}\n", (2, 2)),
        ("  - {type: ReLU}\n", (1, 1)),
    ],
)
def test_the_least_sizes(entries: str, least: tuple[int, int]) -> None:
    assert least_sizes(good(OPEN + entries)) == {"N": 1, "H": least[0], "W": least[1]}


def test_a_need_of_two_symbols_together() -> None:
    net = good(
        "netspec: 1\nname: Net\ninputs: {a: [N, 2, H, 4], b: [N, 2, W, 4]}\nlayers:\n"
        "  - {name: both, type: Concat, axis: 2, bottom: [a, b]}\n"
        "  - {name: conv, type: Convolution, num_output: 2, kernel_size: [2000000001, 1]}\n"
    )
    assert least_sizes(net) == {"N": 1, "H": 1_000_000_001, "W": 1_000_000_001}


def test_the_summary_states_the_least_sizes() -> None:
    conv = "  - {name: conv, type: Convolution, num_output: 2, kernel_size: [7, 1]}\n"
    assert good(OPEN + conv).summary().endswith("\nleast sizes  H 7\n")
    assert "least" not in good(OPEN + "  - {name: same, type: ReLU}\n").summary()
