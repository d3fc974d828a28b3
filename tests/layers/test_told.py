"""Fields that hold symbolic sizes: what is promised of them holds in every target."""

from pathlib import Path

import pytest

from netspec import loads
from netspec.lower.flat import to_flat
from netspec.verify import verify
from tests.checking import HEAD, check

FREE = HEAD + "inputs: {data: [N, 4, H, W], small: [N, 4, 2, 2]}\nallow: [unused-input]\nlayers:\n"
EVERY = {
    "Upsample": (
        "size: [$(data.height * 2 + 1), $((data.width + 1) // 2)]",
        "F.interpolate(data, size=(data.shape[2] * 2 + 1, (data.shape[3] + 1) // 2))",
    ),
    "Upsample of any image": (
        "size: [$(data.height * 3 // 2), 7], mode: BILINEAR",
        'F.interpolate(data, size=(data.shape[2] * 3 // 2, 7), mode="bilinear")',
    ),
    "Upsample with corners": (
        "size: [9, $(data.width + 3)], mode: BILINEAR, align_corners: true",
        "size=(9, data.shape[3] + 3)",
    ),
    "Pad": (
        "pad: [0, $((data.height + 7) // 8 * 8 - data.height), $(data.width // 2), 1]",
        "(data.shape[3] // 2, 1, 0, (data.shape[2] + 7) // 8 * 8 - data.shape[2])",
    ),
    "Pad by axes": (
        "pad: [[0, 1], [$(data.width), 0]]",
        "F.pad(data, (data.shape[3], 0, 0, 1))",
    ),
    "Pad all axes": (
        "pad: $(data.width // 2)",
        "F.pad(data, (data.shape[3] // 2, data.shape[3] // 2, data.shape[3] // 2, "
        "data.shape[3] // 2))",
    ),
    "Pad along an axis": (
        "axis: 2, before: $(data.height - 1), after: $(data.width), value: 2.5",
        "F.pad(data, (0, 0, data.shape[2] - 1, data.shape[3]), value=2.5)",
    ),
    "Reshape": (
        "shape: [0, 2, $(data.height * 2), $(data.width)]",
        "data.reshape(data.shape[0], 2, data.shape[2] * 2, data.shape[3])",
    ),
    "Reshape with a rest": (
        "shape: [$(data.height * 2), -1]",
        "data.reshape(data.shape[2] * 2, -1)",
    ),
}


def on_one_line(source: str) -> str:
    """A source as if lines had no end."""
    return " ".join(source.split()).replace("( ", "(").replace(", )", ")").replace(" )", ")")


@pytest.mark.parametrize("case", EVERY)
def test_a_field_takes_a_size(case: str) -> None:
    fields, code = EVERY[case]
    text = f"{FREE}  - {{name: x, type: {case.split(maxsplit=1)[0]}, {fields}, bottom: data}}\n"
    network = loads(text)
    assert code in on_one_line(network.to_source("torch"))
    assert verify(network).ok
    flat = loads(to_flat(network))
    assert [node.top for node in flat.nodes] == [node.top for node in network.nodes]
    assert to_flat(flat) == to_flat(network)
    fixed = loads(text, inputs={"data": [2, 4, 6, 5]})
    sizes = {"N": 2, "H": 6, "W": 5}
    assert fixed.nodes[0].tops[0].shape == network.nodes[0].tops[0].shape.substitute({**sizes})


VOLUMES = {
    "Upsample": (
        "size: [$(data.depth + 1), $(data.height * 2), 5]",
        "F.interpolate(data, size=(data.shape[2] + 1, data.shape[3] * 2, 5))",
    ),
    "Upsample smoothly": (
        "size: [$(data.depth + 1), $(data.height * 2), 5], mode: TRILINEAR",
        "trilinear",
    ),
    "Upsample all axes": ("size: $(data.depth * 3)", "data.shape[2] * 3, data.shape[2] * 3"),
    "Pad": ("pad: [[0, 1], [$(data.depth), 0], [2, 2]]", "(2, 2, data.shape[2], 0, 0, 1)"),
}


@pytest.mark.parametrize("case", VOLUMES)
def test_volumes_take_sizes_too(case: str) -> None:
    fields, code = VOLUMES[case]
    layer = f"  - {{name: x, type: {case.split(maxsplit=1)[0]}, {fields}}}\n"
    network = loads(HEAD + "inputs: {data: [N, 2, D, H, W]}\nlayers:\n" + layer)
    assert code in on_one_line(network.to_source("torch"))
    assert verify(network).ok
    flat = loads(to_flat(network))
    assert [node.top for node in flat.nodes] == [node.top for node in network.nodes]


@pytest.mark.parametrize("opset", [13, 17, 20])
def test_crop_from_a_place_in_the_middle(opset: int, tmp_path: Path) -> None:
    import numpy as np
    import onnxruntime

    text = (
        HEAD
        + """inputs: {data: [N, 2, 8*H, 8*W]}
layers:
  - {name: small, type: Pooling, pool: AVE, kernel_size: 2, stride: 2}
  - name: crop
    type: Crop
    bottom: [data, small]
    offset: [$((data.height - small.height) // 2), $(small.width // 4)]
"""
    )
    network = loads(text)
    source = network.to_source("torch")
    assert "data.shape[2] // 4 : data.shape[2] // 4 + small.shape[2]," in source
    assert verify(network).ok
    network.to_onnx(tmp_path / "net.onnx", opset=opset)
    session = onnxruntime.InferenceSession(tmp_path / "net.onnx")
    x = np.random.default_rng(0).random((1, 2, 24, 40), np.float32)
    assert np.array_equal(session.run(None, {"data": x})[0], x[:, :, 6:18, 5:25])


def test_a_quotient_of_what_may_be_negative_is_rounded_down() -> None:
    text = FREE + (
        "  - {name: x, type: Pad, axis: 2, after: $((data.height - 9) // 4 + 2), bottom: data}\n"
    )
    network = loads(text)
    assert verify(network).ok
    for height in (1, 4, 5, 9):
        fixed = loads(text, inputs={"data": [1, 4, height, 1]})
        assert fixed.outputs["x"][2] == height + (height - 9) // 4 + 2


def test_each_instance_of_a_block_reads_its_own_input() -> None:
    text = (
        HEAD
        + """inputs: {data: [N, 4, H, W]}
blocks:
  twice:
    layers:
      - {name: conv, type: Convolution, num_output: 4, kernel_size: 3, pad: 1}
      - {name: up, type: Upsample, size: [$(input.height * 2), $(input.width + 3)]}
layers:
  - {name: a, type: twice}
  - {name: b, type: twice}
  - {name: c, reuse: b}
  - {name: d, type: Upsample, repeat: 2, size: [$(input.height * 2), $(previous.width + i)]}
"""
    )
    network = loads(text)
    assert str(network.outputs["d"]) == "N×4×2*H×(W + 10)"
    source = network.to_source("torch")
    assert source.count("class Twice(") == 1
    assert "F.interpolate(x, size=(x.shape[2] * 2, x.shape[3] + 3))" in source
    assert verify(network).ok
    flat = loads(to_flat(network))
    assert [node.top for node in flat.nodes] == [node.top for node in network.nodes]


def test_vars_that_a_size_is_computed_with_keep_their_values() -> None:
    text = (
        HEAD
        + """inputs: {data: [N, 4, H, W]}
vars: {factor: 3, channels: 5}
layers:
  - {name: conv, type: Convolution, num_output: $channels, kernel_size: 1}
  - {name: up, type: Upsample, size: [$(data.height * factor), 8]}
"""
    )
    source = loads(text).to_source("torch")
    assert "def __init__(self, channels: int = 5) -> None:" in source
    assert "x.shape[2] * 3" in source


def test_what_a_field_refuses() -> None:
    check(
        FREE
        + """  - {name: low, type: Pooling, kernel_size: 1, stride: 2, bottom: data}
  - {name: a, type: Upsample, size: «[$(data.height), $(data.width)], bottom: low}
  - {name: b, type: Upsample, size: «[$(data.height - 1), 8], bottom: data}
  - {name: c, type: Upsample, size: «[$(64 - data.height), 8], bottom: data}
  - {name: d, type: Pad, axis: 2, after: «$(data.height - 5), bottom: data}
  - {name: e, type: Crop, bottom: [data, small], offset: «[$(data.height - 3), 0]}
  - {name: f, type: Reshape, shape: «[0, 4, $(data.height // 7), 7, -1], bottom: data}
  - {name: g, type: Reshape, shape: «[0, 4, -1, 7, $(data.width)], bottom: data}
  - {name: h, type: Pooling, output_size: «$(data.height // 2), bottom: data}
  - {name: i, type: Tile, tiles: «$(data.height), bottom: data}
  - {name: j, type: ReLU, repeat: «$(data.height), bottom: data}
""",
        (
            "symbolic-size",
            "`size` is H, which can't be told from what Upsample reads, N×4×ceil(H/2)×ceil(W/2)",
            "a second bottom gives its size: `bottom: [low, other]`",
        ),
        (
            "bad-value",
            "`size` would be H - 1, which is less than 1 where H is 1",
            "give the input a multiple: `2*H` for `H`",
        ),
        ("bad-value", "`size` would be -H + 64, which is less than 1 where H is 64"),
        (
            "bad-value",
            "`after` would be H - 5, which is less than 0 where H is 1",
            "give the input a multiple: `8*H` for `H`",
        ),
        (
            "bad-value",
            "`offset` would be H - 3, which is less than 0 where H is 1",
            "give the input a multiple: `4*H` for `H`",
        ),
        (
            "shape-mismatch",
            "Reshape needs a multiple of 28*N*floor(H/7) elements for this `shape`, but N×4×H×W "
            "has 4*H*N*W",
        ),
        (
            "shape-mismatch",
            "Reshape needs a multiple of 28*N*W elements for this `shape`, but N×4×H×W has "
            "4*H*N*W, which is none where H is 8",
            "−1 takes what is left; or give the input a multiple: `7*H` for `H`",
        ),
        ("symbolic-size", "`output_size` needs a number, but the size floor(H/2) is symbolic"),
        ("symbolic-size", "`tiles` needs a number, but the size H is symbolic"),
        ("wrong-type", "`repeat` should be an integer or a list of rows, not the symbolic size H"),
    )


def test_windows_of_a_multiple() -> None:
    network = loads(
        HEAD
        + """inputs: {data: [N, 4, 7*H, 7*W]}
layers:
  - {name: rows, type: Reshape, shape: [0, 4, $(data.height // 7), 7, -1]}
  - {name: back, type: Reshape, shape: [0, 4, "$(rows.shape[2] * 7)", -1]}
"""
    )
    assert str(network.nodes[0].top[0]) == "N×4×H×7×7*W"
    assert str(network.outputs["back"]) == "N×4×7*H×7*W"
    assert verify(network).ok


def test_a_block_applied_again_must_tell_its_sizes_alike() -> None:
    check(
        HEAD
        + """inputs: {data: [N, 4, H, W]}
blocks:
  up:
    args: {size: required}
    layers:
      - {name: conv, type: Convolution, num_output: 4, kernel_size: 3, pad: 1}
      - {name: up, type: Upsample, size: $size}
layers:
  - {name: a, type: up, size: [$(data.height * 2), $(data.width)]}
  - {name: b, reuse: «a}
outputs: [a, b]
""",
        (
            "bad-reuse",
            "on this bottom `a.up` would be another",
            "what depends on the size of its bottom can't be applied again",
        ),
    )


@pytest.mark.parametrize(
    ("entries", "message", "help"),
    [
        (
            "{type: Concat, bottom: [data, up]}",
            "Concat needs shapes that are equal but for axis 1; data gives N×4×H×W and up gives "
            "N×4×2*ceil(H/2)×2*ceil(W/2), which differ where H is 1",
            "gives `up` the size of `data`; or give the input a multiple: `2*H` for `H` and `2*W` "
            "for `W`",
        ),
        (
            "{type: Eltwise, bottom: [up, data]}",
            "Eltwise needs equal shapes, but up gives N×4×2*ceil(H/2)×2*ceil(W/2) and data gives "
            "N×4×H×W, which differ where H is 1",
            "or give the input a multiple: `2*H` for `H` and `2*W` for `W`",
        ),
        (
            "{type: Slice, axis: 2, slice_point: 10, top: [a, b], bottom: data}",
            "`slice_point` 10 leaves nothing of the H elements for the last part where H is 1",
            "fix the input's size; or give the input a multiple: `16*H` for `H`",
        ),
        (
            "{type: Slice, axis: 3, top: [a, b, c], bottom: data}",
            "Slice needs to know that 3 divides the axis's size, which is W here; it doesn't where "
            "W is 4",
            "say where to cut: `slice_point`; or give the input a multiple: `3*W` for `W`",
        ),
    ],
)
def test_a_rule_that_holds_for_some_sizes_says_for_which(
    entries: str, message: str, help: str
) -> None:
    net = HEAD + "inputs: {data: [N, 4, H, W]}\nallow: [unused-layer]\nlayers:\n"
    net += "  - {name: low, type: Convolution, num_output: 4, kernel_size: 1, stride: 2}\n"
    net += "  - {name: up, type: Upsample, scale: 2}\n"
    found = []
    from tests.checking import found as everything

    for each in everything(f"{net}  - {entries}\n"):
        found.append((each.message, each.help or ""))
    assert [text for text, _ in found] == [message]
    assert help in found[0][1]
    multiple = net.replace("H, W]", "48*H, 48*W]")
    assert not everything(f"{multiple}  - {entries}\n")
