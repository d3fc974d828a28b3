"""Entries against their types: fields of layers, args of blocks, and the help for mistakes."""

import pytest

import netspec
from tests.checking import IMAGE, check, good


@pytest.mark.parametrize(
    ("type", "help"),
    [
        ("Conv2d", "netspec calls it `Convolution`"),
        ("Linear", "netspec calls it `InnerProduct`"),
        ("MaxPool2d", "netspec calls it `Pooling`"),
        ("GlobalAveragePool", "netspec calls it `Pooling`"),
        ("convolution", "did you mean `Convolution`?"),
        ("Poling", "did you mean `Pooling`?"),
        ("basci", "did you mean `basic`?"),
        ("Xyzzy", ""),
    ],
)
def test_an_unknown_type(type: str, help: str) -> None:
    text = f"""blocks: {{basic: {{layers: [{{type: ReLU}}]}}}}
layers: [{{type: basic}}, {{name: a, type: «{type}}}, {{name: b, type: Eltwise, bottom: [a, data]}}]
"""
    check(IMAGE + text, ("unknown-type", f"no layer type or block `{type}`", help))


@pytest.mark.parametrize(
    ("field", "help"),
    [
        ("kernel", "netspec calls it `kernel_size`"),
        ("out_channels", "netspec calls it `num_output`"),
        ("in_channels", "leave it out"),
        ("dilaton", "did you mean `dilation`?"),
        ("dropout_ratio", "it is a field of `Dropout`"),
        ("xyzzy", ""),
    ],
)
def test_an_unknown_field(field: str, help: str) -> None:
    text = f"layers: [{{type: Convolution, num_output: 4, kernel_size: 1, «{field}: 3}}]"
    check(IMAGE + text, ("unknown-field", f"nothing here is called `{field}`", help))


def test_an_unknown_field_stands_for_the_missing_one_that_it_means() -> None:
    check(
        IMAGE + "layers: [{type: Convolution, «out_channels: 4, «kernel: 1}]",
        ("unknown-field", "`out_channels`"),
        ("unknown-field", "`kernel`"),
    )


def test_missing_fields_are_one_mistake() -> None:
    check(
        IMAGE + "layers: [{type: «Convolution}]",
        ("missing-field", "`num_output` and `kernel_size` are missing"),
    )


@pytest.mark.parametrize(
    ("field", "code", "message", "help"),
    [
        ("num_output: «$(32 / 2)", "wrong-type", "an integer, not 16.0", "`//` divides integers"),
        ("num_output: «16.0", "wrong-type", "`num_output` should be an integer, not 16.0", ""),
        ('num_output: «"16"', "wrong-type", "an integer, not '16'", "without quotes"),
        ("num_output: «yes", "wrong-type", "an integer, not 'yes'", ""),
        ("num_output: «true", "wrong-type", "an integer, not true", ""),
        ("num_output: «0", "bad-value", "`num_output` should be at least 1, not 0", ""),
        ("num_output: «[4]", "wrong-type", "an integer, not a list", ""),
        ("num_output: «{a: 4}", "wrong-type", "an integer, not a mapping", ""),
        ("num_output: «~", "wrong-type", "`num_output` has no value", ""),
        ("num_output: 4, pad: [1, «x]", "wrong-type", "`pad` should be an integer, not 'x'", ""),
        (
            "num_output: 4, pad: «[1, 2, 3]",
            "bad-value",
            "`pad` is a list of 3, but",
            "[height, width]",
        ),
        ("num_output: 4, pad: «[]", "bad-value", "or a list of one to three, but got", ""),
        ("num_output: 4, pad: [1, «null]", "wrong-type", "`pad` has no value", ""),
        ("num_output: 4, bias_term: «no", "wrong-type", "true or false, not 'no'", ""),
        ("num_output: 4, group: «3", "group-mismatch", "`group` must divide `num_output`", ""),
        ("num_output: 4, group: «2", "group-mismatch", "3 channels can't be split into 2", ""),
        ("num_output: 4, weight_filler: {type: «blur}", "bad-value", "should be 'constant'", ""),
        ("num_output: 4, weight_filler: {«kind: x}", "unknown-field", "called `kind`", ""),
        ("num_output: 4, weight_filler: {std: «x}", "wrong-type", "should be a number", ""),
    ],
)
def test_a_wrong_value(field: str, code: str, message: str, help: str) -> None:
    check(
        IMAGE + f"layers: [{{name: c, type: Convolution, kernel_size: 1, {field}}}]",
        (code, message, help),
    )


@pytest.mark.parametrize(
    ("pad", "code", "message"),
    [
        ("[1, «x, 0, 3]", "wrong-type", "`pad` should be an integer, not 'x'"),
        ("[1, 2, «-1, 3]", "bad-value", "`pad` should be at least 0, not -1"),
        ("[[0, 1], [1, «1.5]]", "wrong-type", "`pad` should be an integer, not 1.5"),
        ("«[[0, 1], 2]", "bad-value", "[top, bottom, left, right], not [[0, 1], 2]"),
        ("«same", "wrong-type", "`pad` should be an integer, not 'same'"),
        ("«[1, 2]", "bad-value", "`pad` is a number, [before, after] for each spatial axis, or "),
    ],
)
def test_a_wrong_margin(pad: str, code: str, message: str) -> None:
    check(IMAGE + f"layers: [{{name: p, type: Pad, pad: {pad}}}]", (code, message))


@pytest.mark.parametrize(
    ("code", "fields", "message", "help"),
    [
        (
            "unknown-field",
            "type: Convolution, num_output: 4, kernel_size: 3, «padding: same",
            "called `padding`",
            "netspec calls it `pad`; for `kernel_size: 3` it is `pad: 1`",
        ),
        (
            "wrong-type",
            "type: Convolution, num_output: 4, kernel_size: [3, 5], dilation: 2, pad: «SAME",
            "not 'SAME'",
            "for `kernel_size: [3, 5]` it is `pad: [2, 4]`",
        ),
        (
            "wrong-type",
            "type: Convolution, num_output: 4, kernel_size: 3, stride: 2, pad: «same",
            "not 'same'",
            "for `kernel_size: 3` and `stride: 2`, which divides the size, it is larger behind "
            "than before: a `Pad` before, `pad: [0, 1, 0, 1]`",
        ),
        (
            "unknown-field",
            "type: Convolution, num_output: 4, kernel_size: 4, stride: 2, «auto_pad: SAME_UPPER",
            "called `auto_pad`",
            "netspec calls it `pad`; for `kernel_size: 4` and `stride: 2`, which divides the "
            "size, it is `pad: 1`",
        ),
        (
            "wrong-type",
            "type: Pooling, kernel_size: 3, stride: 2, pad: «same",
            "not 'same'",
            "larger behind than before: `pad: 0` with `round_mode: CEIL`",
        ),
        (
            "wrong-type",
            "type: Pooling, kernel_size: 2, pad: «same",
            "not 'same'",
            "for `kernel_size: 2` it is larger behind than before: a `Pad` before, `pad: [0, "
            "1, 0, 1]`",
        ),
        (
            "wrong-type",
            "type: Deconvolution, num_output: 4, kernel_size: 3, stride: 2, pad: «same",
            "not 'same'",
            "`pad: 1` with `output_pad: 1` gives the same size",
        ),
        (
            "wrong-type",
            "type: Convolution, num_output: 4, kernel_size: $(1 + 2), pad: «same",
            "not 'same'",
            "the margin is a number: half of `kernel_size - 1` keeps the size at a stride of 1",
        ),
        (
            "wrong-type",
            "type: Convolution, num_output: 4, kernel_size: 3, pad: «valid",
            "not 'valid'",
            "there is no margin unless one is given: leave it out",
        ),
        (
            "bad-value",
            "type: Convolution, num_output: 4, kernel_size: 3, pad: «[1, 0, 1, 0]",
            "got a list of 4",
            "a margin that differs by side is a `Pad` before: `pad: [top, bottom, left, right]`",
        ),
        (
            "bad-value",
            "type: Convolution, num_output: 4, kernel_size: 3, pad: «[1, 0, 1, 0, 1, 0]",
            "got a list of 6",
            "a margin that differs by side is a `Pad` before: `pad: [[before, after], …]`",
        ),
        (
            "wrong-type",
            "type: Convolution, num_output: 4, kernel_size: [1, 4, 4], pad: «same",
            "not 'same'",
            "for `kernel_size: [1, 4, 4]` it is larger behind than before: a `Pad` before, "
            "`pad: [[0, 0], [1, 2], [1, 2]]`",
        ),
        (
            "bad-value",
            "type: Convolution, num_output: 4, kernel_size: «[3, 3, 3, 3]",
            "one size for all spatial axes, or a list of one to three, but got a list of 4",
            "a list goes outermost first: [length], [height, width] or [depth, height, width]",
        ),
        (
            "unknown-field",
            "type: Convolution, «convolution_param: {num_output: 4, kernel_size: 3}, «include: "
            "{phase: TRAIN}",
            "called `convolution_param`",
            "its fields stand in the entry itself: `num_output: 4, kernel_size: 3`",
        ),
        (
            "unknown-field",
            "type: LayerNorm, «normalized_shape: 768",
            "called `normalized_shape`",
            "write `axis`: which axes are normalized, not their sizes; `axis: -1` is the last",
        ),
        (
            "unknown-field",
            "type: BatchNorm, «momentum: 0.1",
            "called `momentum`",
            "write `moving_average_fraction`: 1 less PyTorch's `momentum`, or Keras' and "
            "ONNX's as it is",
        ),
        (
            "bad-value",
            "type: Eltwise, operation: «SUBTRACT",
            "not 'SUBTRACT'",
            "netspec calls it `SUB`",
        ),
        (
            "unknown-field",
            "type: Convolution, num_output: 4, kernel_size: 3, «pads: [1, 1, 1, 1]",
            "called `pads`",
            "netspec calls it `pad`; on all sides it is `pad: 1`",
        ),
        ("bad-value", "type: Eltwise, operation: «MUL", "not 'MUL'", "netspec calls it `PROD`"),
        ("bad-value", "type: Eltwise, operation: «add", "not 'ADD'", "netspec calls it `SUM`"),
        (
            "bad-value",
            "type: Pooling, kernel_size: 2, pool: «avg",
            "not 'AVG'",
            "netspec calls it `AVE`",
        ),
        ("bad-value", "type: Reduction, operation: «AVE", "not 'AVE'", "netspec calls it `MEAN`"),
        (
            "bad-value",
            "type: Upsample, scale: 2, mode: «linear",
            "LINEAR interpolates along 1 spatial axis, but data, N×3×32×32, has 2",
            "the same for this bottom is `mode: BILINEAR`",
        ),
        (
            "unknown-field",
            "type: ReLU, repeat: 2, first: {«inplace: true}",
            "called `inplace`",
            "leave it out: how",
        ),
    ],
)
def test_what_others_write(code: str, fields: str, message: str, help: str) -> None:
    others = [("unknown-field", "", "")] * (fields.count("«") - 1)
    text = f"layers: [{{name: a, bottom: [data], {fields}}}]"
    check(IMAGE + text, (code, message, help), *others)


def test_enumerations_are_read_in_any_case() -> None:
    net = good(IMAGE + "layers: [{type: Pooling, pool: ave, kernel_size: 2, round_mode: Ceil}]")
    assert getattr(net.nodes[0].layer, "pool") == "AVE"  # noqa: B009


def test_an_enumeration_with_another_value() -> None:
    text = "layers: [{type: Pooling, pool: «AVG, kernel_size: 2}]"
    check(IMAGE + text, ("bad-value", "`pool` should be "))


def test_args_of_a_block() -> None:
    text = """blocks:
  b: {args: {width: required, deep: 1}, layers: [{type: Convolution, num_output: $width,
    kernel_size: $deep}]}
  none: {layers: [{type: ReLU}]}
layers:
  - {type: «b}
  - {type: b, «widht: 4}
  - {type: b, width: 4, «depth: 3, «xyz: 3}
  - {type: none, «width: 4}
"""
    check(
        IMAGE + text,
        ("missing-field", "block `b` needs the arg `width`"),
        ("unknown-field", "block `b` has no arg `widht`", "did you mean `width`?"),
        ("unknown-field", "block `b` has no arg `depth`"),
        ("unknown-field", "block `b` has no arg `xyz`", "its args are `width` and `deep`"),
        ("unknown-field", "block `none` has no arg `width`", "it has no args"),
    )


def test_a_mistake_in_a_body_is_told_once() -> None:
    text = """blocks:
  b:
    args: {n: required}
    layers:
      - {name: c, type: Convolution, num_output: $n, kernel_size: 3}
      - {name: s, type: Eltwise, bottom: «[c, input]}
layers:
  - {name: x, type: b, n: 4, repeat: 3}
  - {name: y, type: b, n: 5}
"""
    check(IMAGE + text, ("shape-mismatch", "c gives N×4×30×30 and input gives N×3×32×32"))


def test_a_mistake_does_not_hide_the_next_nor_cause_others() -> None:
    check(
        IMAGE
        + """layers:
  - {name: a, type: Convolution, num_output: 4, kernel_size: 3, «padding: 1}
  - {name: b, type: «Conv2d}
  - {name: c, type: Eltwise, bottom: [a, b]}
  - {name: d, type: Convolution, num_output: $(c.channels), kernel_size: 1}
  - {name: e, layers: [{name: f, type: ReLU}]}
  - {name: g, type: ReLU, bottom: e.f, top: h}
  - {name: i, type: Pooling, pool: MAX, kernel_size: «-1}
  - {name: «unread, type: ReLU, bottom: data}
  - {name: j, type: ReLU, bottom: h}
""",
        ("unknown-field", "`padding`", "`pad`"),
        ("unknown-type", "`Conv2d`"),
        ("bad-value", "`kernel_size` should be at least 1, not -1"),
        ("unused-layer", "nothing reads what `unread` gives"),
    )


def test_an_unknown_field_that_holds_an_expression_is_what_was_meant() -> None:
    check(
        IMAGE + "vars: {p: 0.1}\nlayers: [{name: a, type: DropPath, «drop_prob: $p}]\n",
        (
            "unknown-field",
            "nothing here is called `drop_prob`",
            "netspec calls it `drop_ratio`",
        ),
    )


def test_a_type_that_is_an_expression() -> None:
    text = """vars: {kind: ReLU}
variants: {a: {kind: Rleu}, b: {kind: 3}}
layers: [{name: x, type: ««$kind}]
"""
    check(
        IMAGE + text,
        ("unknown-type", "no layer type or block `Rleu`"),
        ("wrong-type", "`type` is the name of a layer or a block, not an integer"),
    )


def test_size_underflow_and_pooling() -> None:
    check(
        IMAGE
        + """layers:
  - {type: Pooling, kernel_size: «40}
  - {type: Flatten}
""",
        ("size-underflow", "Pooling would give N×3×-7×-7: its bottom N×3×32×32 is too small"),
    )


def test_fillers_are_read_in_any_case() -> None:
    text = """
netspec: 1
name: Net
inputs: {data: [N, 3]}
layers:
  - {name: fc, type: InnerProduct, num_output: 2, weight_filler: {type: Xavier}}
"""
    assert netspec.loads(text).parameters[0].filler.type == "xavier"


def test_fields_are_finite() -> None:
    text = """
netspec: 1
name: Net
inputs: {data: [N, 3]}
layers:
  - {name: relu, type: ReLU, negative_slope: .inf}
"""
    with pytest.raises(netspec.SpecError, match="`negative_slope` should be a finite number"):
        netspec.loads(text)


@pytest.mark.parametrize(
    "field",
    [
        "param: «[{name: $data}]",
        "weight_filler: «{type: $data}",
        "weight_filler: «{type: constant, value: $data}",
    ],
)
def test_a_blob_within_a_value(field: str) -> None:
    text = f"layers: [{{type: Convolution, num_output: 4, kernel_size: 1, {field}}}]"
    check(IMAGE + text, ("expression-type", "a value is a number, a boolean, text or a list"))


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("min_size: «[]", "`min_size` should have at least 1 item, not 0"),
        ("min_size: 3, variance: «[1, 1, 1, 1, 1]", "should have at most 4 items, not 5"),
    ],
)
def test_a_list_of_another_length(field: str, message: str) -> None:
    text = f"layers: [{{type: PriorBox, bottom: [data, data], {field}}}]"
    check(IMAGE + text, ("bad-value", message))
