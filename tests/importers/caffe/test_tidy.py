"""Repeated structure as blocks and repeats. `spec` sees to it that the network stays the same."""

from itertools import pairwise

from netspec.importers.caffe.tidy.calling import beginning, common
from netspec.source.page import Comment, page
from tests.importers.caffe.networks import DATA, spec


def conv(name: str, bottom: str, outputs: int, kernel: int = 3, rest: str = "") -> str:
    return f"""
layer {{ name: "{name}" type: "Convolution" bottom: "{bottom}" top: "{name}" convolution_param {{
  num_output: {outputs} kernel_size: {kernel} pad: {kernel // 2} bias_term: false }} {rest} }}
layer {{ name: "bn{name}" type: "BatchNorm" bottom: "{name}" top: "{name}" }}
layer {{ name: "scale{name}" type: "Scale" bottom: "{name}" top: "{name}"
  scale_param {{ bias_term: true }} }}
"""


def relu(name: str) -> str:
    return f'layer {{ name: "{name}_relu" type: "ReLU" bottom: "{name}" top: "{name}" }}\n'


def residual(name: str, bottom: str, outputs: int, kernel: int = 3) -> str:
    return (
        conv(f"{name}_branch2a", bottom, outputs, kernel)
        + relu(f"{name}_branch2a")
        + conv(f"{name}_branch2b", f"{name}_branch2a", outputs)
        + f'layer {{ name: "{name}" type: "Eltwise" bottom: "{bottom}" '
        f'bottom: "{name}_branch2b" top: "{name}" }}\n' + relu(name)
    )


def body(text: str) -> str:
    made = spec(text, flat=False).text
    return made[made.index("inputs:") :]


def test_residual_blocks() -> None:
    text = DATA + conv("conv1", "data", 8)
    text += residual("res2a", "conv1", 8) + residual("res2b", "res2a", 8)
    text += conv("conv2", "res2b", 16) + residual("res3a", "conv2", 16)
    assert body(text) == (
        "inputs:\n"
        "  data: [N, 3, 8, 8]\n"
        "blocks:\n"
        "  res:\n"
        "    args: {num_output: 8}\n"
        "    layers:\n"
        "      - {name: branch2a, type: Convolution, num_output: $num_output, kernel_size: 3, pad: 1,\n"  # noqa: E501
        "         bias_term: false}\n"
        "      - {name: bnres_branch2a, type: BatchNorm, moving_average_fraction: 0.999}\n"
        "      - {name: branch2a_relu, type: ReLU}\n"
        "      - {name: branch2b, type: Convolution, num_output: $num_output, kernel_size: 3, pad: 1,\n"  # noqa: E501
        "         bias_term: false}\n"
        "      - {name: bnres_branch2b, type: BatchNorm, moving_average_fraction: 0.999}\n"
        "      - {name: eltwise, type: Eltwise, bottom: [input, bnres_branch2b]}\n"
        "      - {name: relu, type: ReLU}\n"
        "layers:\n"
        "  - {name: conv1, type: Convolution, num_output: 8, kernel_size: 3, pad: 1, bias_term: false}\n"  # noqa: E501
        "  - {name: bnconv1, type: BatchNorm, moving_average_fraction: 0.999}\n"
        "  - {name: res2a, type: res}\n"
        "  - {name: res2b, type: res}\n"
        "  - {name: conv2, type: Convolution, num_output: 16, kernel_size: 3, pad: 1, bias_term: false}\n"  # noqa: E501
        "  - {name: bnconv2, type: BatchNorm, moving_average_fraction: 0.999}\n"
        "  - {name: res3a, type: res, num_output: 16}\n"
    )  # fmt: skip


def test_instances_that_are_alike_and_numbered_are_a_repeat() -> None:
    text = DATA + conv("stem", "data", 8)
    bottom = "stem"
    for number in range(1, 6):
        text += residual(f"unit{number}", bottom, 8)
        bottom = f"unit{number}"
    assert body(text).endswith("  - {name: unit$(i + 1), type: unit, repeat: 5}\n")


def test_modules_that_stand_in_a_scope_keep_their_names() -> None:
    text, bottom = DATA, "data"
    for number, outputs in enumerate((4, 8, 16), 2):
        fire = f"fire{number}"
        text += conv(f"{fire}/squeeze", bottom, outputs, 1)
        text += conv(f"{fire}/one", f"{fire}/squeeze", 2 * outputs, 1)
        text += conv(f"{fire}/three", f"{fire}/squeeze", 2 * outputs)
        text += (
            f'layer {{ name: "{fire}/concat" type: "Concat" bottom: "{fire}/one" '
            f'bottom: "{fire}/three" top: "{fire}/concat" }}\n'
        )
        bottom = f"{fire}/concat"
    text = text.replace('"bnfire', '"fire').replace('"scalefire', '"fire')
    for part in ("squeeze", "one", "three"):
        for kind in ("BatchNorm", "Scale"):
            text = text.replace(f'/{part}" type: "{kind}"', f'/{part}_{kind}" type: "{kind}"')
    made = spec(text, flat=False)
    assert made.text.endswith(
        "layers:\n"
        "  - {name: fire2, type: fire, squeeze: 4, one: 8}\n"
        "  - {name: fire3, type: fire, squeeze: 8, one: 16}\n"
        "  - {name: fire4, type: fire, squeeze: 16, one: 32}\n"
    )
    assert "    args: {squeeze: required, one: required}\n" in made.text
    assert all(flat == path for flat, path in made.paths.items())


def test_an_instance_is_no_scope_of_others() -> None:
    """GoogLeNet has heads that are alike, each followed by losses in the same scope."""
    text = 'input: "label" input_shape { dim: 2 }\n' + DATA + conv("stem", "data", 8)
    for head in ("loss1", "loss2", "loss3"):
        text += (
            f'layer {{ name: "{head}/conv" type: "Convolution" bottom: "stem" top: "{head}/conv" '
            "convolution_param { num_output: 4 kernel_size: 1 } }\n"
            f'layer {{ name: "{head}/relu" type: "ReLU" bottom: "{head}/conv" '
            f'top: "{head}/conv" }}\n'
            f'layer {{ name: "{head}/drop" type: "Dropout" bottom: "{head}/conv" '
            f'top: "{head}/conv" }}\n'
            f'layer {{ name: "{head}/fc" type: "InnerProduct" bottom: "{head}/conv" '
            f'top: "{head}/fc" inner_product_param {{ num_output: 10 }} }}\n'
            f'layer {{ name: "{head}/loss" type: "SoftmaxWithLoss" bottom: "{head}/fc" '
            f'bottom: "label" top: "{head}/loss1" }}\n'
        )
    made = spec(text, flat=False)
    assert "  - {name: loss1_block, type: loss}\n" in made.text
    assert made.paths["loss2.fc"] == "loss2_block.fc"
    assert made.paths["loss2.loss"] == "loss2.loss"


def test_flat_is_flat() -> None:
    text = DATA + residual("a1", "data", 3) + residual("a2", "a1", 3) + residual("a3", "a2", 3)
    assert "blocks:" not in spec(text).text
    assert "repeat: 3" in spec(text, flat=False).text


def separable(name: str, bottom: str, inputs: int, outputs: int, stride: int = 1) -> str:
    return (
        f'layer {{ name: "{name}/dw" type: "Convolution" bottom: "{bottom}" top: "{name}/dw" '
        f"convolution_param {{ num_output: {inputs} kernel_size: 3 pad: 1 group: {inputs} "
        f"stride: {stride} }} }}\n"
        + relu(f"{name}/dw")
        + f'layer {{ name: "{name}" type: "Convolution" bottom: "{name}/dw" top: "{name}" '
        f"convolution_param {{ num_output: {outputs} kernel_size: 1 }} }}\n" + relu(name)
    )


def test_as_many_groups_as_channels_are_one_arg() -> None:
    """MobileNet: a block is a layer for each channel and one for all, not from ReLU to ReLU."""
    text = DATA + conv("conv0", "data", 4) + relu("conv0")
    channels = (4, 8, 8, 16, 16, 16, 16)
    for number, (inputs, outputs) in enumerate(pairwise(channels), 1):
        text += separable(f"conv{number}", f"conv{number - 1}", inputs, outputs, outputs // inputs)
    text += conv("conv7", "conv6", 16, 1) + relu("conv7") + conv("conv8", "conv7", 8)
    text += relu("conv8")
    made = body(text)
    assert made.startswith(
        "inputs:\n"
        "  data: [N, 3, 8, 8]\n"
        "blocks:\n"
        "  conv:\n"
        "    args: {dw: 16, stride: 1, conv: 16}\n"
        "    layers:\n"
        "      - {name: dw, type: Convolution, num_output: $dw, kernel_size: 3, stride: $stride, pad: 1,\n"  # noqa: E501
        "         group: $dw}\n"
        "      - {name: dw_relu, type: ReLU}\n"
    )
    assert "  - {name: conv1, type: conv, dw: 4, stride: 2, conv: 8}\n" in made


def test_a_block_of_blocks_is_a_whole_stage() -> None:
    """That units follow each other says nothing, unless their names make them one."""
    stages = [f"res{stage}{unit}" for stage in (2, 3, 4, 5) for unit in "abc"]
    made = units(stages)
    assert made.endswith("  - {name: res$(i + 2), type: res_3, repeat: 4}\n")
    assert (
        "  res_3:\n"
        "    layers:\n"
        "      - {name: a, type: res}\n"
        "      - {name: b, type: res_2}\n"
        "      - {name: c, type: res_2}\n"
    ) in made
    plain = units([f"unit{number}" for number in range(1, 13)])
    assert "  - {name: unit1, type: unit}\n  - {name: unit$(i + 2), type: unit_2, repeat:" in plain
    # A unit more in one stage, and none is like another.
    assert "res3d" in units([*stages[:6], "res3d", *stages[6:]])
    assert "type: res_3" not in units([*stages[:6], "res3d", *stages[6:9], "res4d", *stages[9:]])


def units(names: list[str]) -> str:
    """The spec of a chain of units, of which the first of three has other layers."""
    text, bottom = DATA + conv("stem", "data", 8), "stem"
    for number, name in enumerate(names):
        text += residual(name, bottom, 8, 3 if number % 3 else 1)
        bottom = name
    return body(text)


def test_what_others_read_within_a_run_keeps_it_from_being_one() -> None:
    text = DATA + residual("a1", "data", 3) + residual("a2", "a1", 3) + residual("a3", "a2", 3)
    text += (
        'layer { name: "sum" type: "Eltwise" bottom: "a3" bottom: "a1_branch2b" '
        'bottom: "a2_branch2b" bottom: "a3_branch2b" top: "sum" }'
    )
    assert "repeat" not in spec(text, flat=False).text


def test_multipliers_that_differ_make_other_blocks() -> None:
    frozen = "param { lr_mult: 0 }"
    text, bottom = DATA, "data"
    for number in range(8):
        text += conv(f"c{number}", bottom, 4, rest=frozen if number < 4 else "")
        text += relu(f"c{number}")
        bottom = f"c{number}"
    made = spec(text, flat=False).text
    assert made.count("param: [{lr_mult: 0}]") == 1


def test_what_names_have_in_common() -> None:
    assert beginning(["res2a", "res2b", "res3a"]) == "res"
    assert common(["res2a_branch1", "res2b_branch1"]) == ("res", "_branch1")
    assert common(["res2a_branch1", "res3a_branch1"]) == ("res", "_branch1")
    assert common(["a10", "a11"]) == ("a", "")


def test_a_page() -> None:
    long = {f"field_{number}": number for number in range(12)}
    text = page(
        {
            "netspec": 1,
            "inputs": {"data": ["N", 3]},
            "blocks": {"unit": {"args": {"n": 1}, "layers": [{"type": "ReLU"}]}},
            "layers": [Comment("a word"), {"name": "x$(i + 1)", **long}, {}],
        },
        ["a head " * 20],
    )
    assert text == (
        f"#{' a head' * 14}\n"
        f"#{' a head' * 6}\n"
        "netspec: 1\n"
        "inputs:\n"
        "  data: [N, 3]\n"
        "blocks:\n"
        "  unit:\n"
        "    args: {n: 1}\n"
        "    layers:\n"
        "      - {type: ReLU}\n"
        "layers:\n"
        "  # a word\n"
        "  - {name: x$(i + 1), field_0: 0, field_1: 1, field_2: 2, field_3: 3, field_4: 4, field_5: 5,\n"  # noqa: E501
        "     field_6: 6, field_7: 7, field_8: 8, field_9: 9, field_10: 10, field_11: 11}\n"
        "  - {}\n"
    )
