"""Warnings, and `allow`, which silences them."""

import pytest

from netspec.lower.flat import to_flat
from tests.checking import HEAD, IMAGE, check, check_warning, found, good

CASES = {
    "unused-block": (
        "blocks: {b: {layers: [{type: ReLU}]}}\nlayers: [{type: ReLU}]\n",
        (4, 10),
        "nothing uses the block `b`",
    ),
    "unused-arg": (
        "blocks: {b: {args: {n: 1}, layers: [{type: ReLU}]}}\nlayers: [{type: b}]\n",
        (4, 21),
        "block `b` doesn't read its arg `n`",
    ),
    "unused-var": (
        "vars: {v: 1}\nlayers: [{type: ReLU}]\n",
        (4, 8),
        "nothing reads the var `v`",
    ),
    "bias-before-batchnorm": (
        "layers:\n  - {name: c, type: Convolution, num_output: 4, kernel_size: 1}\n"
        "  - {name: bn, type: BatchNorm}\n",
        (5, 21),
        "the bias of `c` is taken away again by `bn`",
    ),
    "scaled-twice": (
        "layers:\n  - {name: bn, type: BatchNorm}\n"
        "  - {name: scale, type: Scale, bias_term: true}\n",
        (6, 25),
        "`scale` scales channels that `bn` has scaled already",
    ),
    "pooling-in-padding": (
        "layers: [{name: p, type: Pooling, kernel_size: 2, pad: 2}]\n",
        (4, 26),
        "windows of `p` lie wholly in padding",
    ),
}


@pytest.mark.parametrize("code", CASES)
def test_warnings(code: str) -> None:
    text, (line, column), message = CASES[code]
    check_warning(IMAGE + text, code, line, column, message)
    assert found(IMAGE + f"allow: [{code}]\n" + text) == []


def test_what_only_a_false_condition_leaves_unread_may_be_wanted_again() -> None:
    good(
        IMAGE
        + """vars: {deep: false, factor: 2}
blocks:
  inner: {args: {scale: 1}, layers: [{type: Power, scale: $scale}]}
  outer: {layers: [{scope: false, layers: [{type: inner, scale: $factor}]}]}
layers:
  - {type: ReLU}
  - {type: outer, when: $deep}
"""
    )


def test_allow_on_an_entry_and_a_block() -> None:
    good(
        IMAGE
        + """blocks:
  b:
    allow: [bias-before-batchnorm]
    layers:
      - {name: c, type: Convolution, num_output: 4, kernel_size: 1}
      - {name: bn, type: BatchNorm}
layers:
  - {name: x, type: b}
  - {name: p, type: Pooling, kernel_size: 2, pad: 2, allow: [pooling-in-padding]}
  - {name: end, type: ReLU, allow: [unused-layer]}
  - {name: other, type: ReLU, bottom: p}
"""
    )


def test_codes_that_cannot_be_allowed() -> None:
    check(
        IMAGE
        + """allow: [«unused-blok]
layers: [{type: ReLU, allow: [«shape-mismatch]}, {type: ReLU, allow: «unused-layer}]
""",
        ("bad-value", "no code `unused-blok`", "did you mean `unused-block`?"),
        ("bad-value", "`shape-mismatch` can't be silenced"),
        ("wrong-type", "`allow` should be a list, not 'unused-layer'"),
    )


def test_a_softmax_before_a_loss_that_contains_one() -> None:
    check_warning(
        HEAD
        + """inputs: {x: [N, 10], label: {shape: [N], dtype: int64, phase: TRAIN}}
layers:
  - {name: prob, type: Softmax}
  - {name: loss, type: SoftmaxWithLoss, bottom: [prob, label], phase: TRAIN}
outputs: prob
""",
        "softmax-before-loss",
        6,
        24,
        "`loss` contains a softmax, but `prob`, which it reads, is one already",
    )


def test_a_bias_that_others_read_too_stays() -> None:
    good(
        IMAGE
        + """layers:
  - {name: c, type: Convolution, num_output: 4, kernel_size: 1}
  - {name: bn, type: BatchNorm}
  - {name: s, type: Eltwise, bottom: [bn, c]}
"""
    )


@pytest.mark.parametrize(
    ("norm", "scale"),
    [
        ("type: BatchNorm, affine: false", "bottom: norm"),
        ("type: InstanceNorm", "bottom: norm"),
        ("type: ReLU", "bottom: norm"),
        ("type: BatchNorm", "bottom: norm, num_axes: 0"),
        ("type: BatchNorm", "bottom: norm, axis: 2"),
        ("type: BatchNorm", "bottom: [norm, data]"),
        ("type: BatchNorm", "bottom: [data, norm]"),
    ],
)
def test_a_scale_that_a_layer_before_it_lacks(norm: str, scale: str) -> None:
    good(f"{IMAGE}layers:\n  - {{name: norm, {norm}}}\n  - {{name: scale, type: Scale, {scale}}}\n")


@pytest.mark.parametrize("norm", ["GroupNorm, group: 1", "InstanceNorm, affine: true"])
def test_a_scale_behind_other_normalizations(norm: str) -> None:
    text = f"layers:\n  - {{name: norm, type: {norm}}}\n  - {{name: scale, type: Scale}}\n"
    message = "`scale` scales channels that `norm` has scaled already"
    check_warning(IMAGE + text, "scaled-twice", 6, 25, message)


def test_a_scale_of_one_branch_stays() -> None:
    good(
        IMAGE
        + """layers:
  - {name: bn, type: BatchNorm}
  - {name: scale, type: Scale}
  - {name: sum, type: Eltwise, bottom: [bn, scale]}
"""
    )


LABELLED = HEAD + "inputs: {data: [N, 8], «label: {shape: [N], dtype: int64, phase: TRAIN}}\n"
SCORES = "layers:\n  - {name: fc, type: InnerProduct, num_output: 2, bottom: data}\n"
LOSS = "  - {name: loss, type: SoftmaxWithLoss, bottom: [fc, label], phase: TRAINMORE}\n"


def check_unread(text: str) -> None:
    """The marked input is unread, and that is all there is to say."""
    before, _, _ = text.partition("«")
    line, column = before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1
    check_warning(text.replace("«", ""), "unused-input", line, column, "nothing reads the input")


def test_an_input_that_nothing_reads() -> None:
    check_unread(LABELLED + SCORES)
    good((LABELLED + SCORES).replace("«", "") + LOSS.replace("MORE", "") + "outputs: fc\n")
    good((LABELLED + "allow: [unused-input]\n" + SCORES).replace("«", ""))


def test_an_input_that_another_variant_reads() -> None:
    """As googlenet.yaml's label, which its variant without losses leaves unread."""
    more = LOSS.replace("MORE", ", when: $trained") + "outputs: fc\n"
    variants = "vars: {trained: false}\nvariants: {plain: {}, loss: {trained: true}}\n"
    good((LABELLED + variants + SCORES).replace("«", "") + more)
    check_unread(LABELLED + variants.replace("true", "false") + SCORES + more)


def test_an_input_read_within_a_block_or_as_an_output() -> None:
    good(
        HEAD + "inputs: {data: [N, 8], more: [N, 8]}\n"
        "blocks: {b: {inputs: [x, y], layers: [{type: Eltwise, bottom: [x, y]}]}}\n"
        "layers: [{type: b, bottom: [data, more]}]\n"
    )
    good(
        HEAD + "inputs: {data: [N, 8], more: [N, 8]}\n"
        "layers: [{name: a, type: ReLU, bottom: data}]\noutputs: [a, more]\n"
    )


def test_an_input_whose_size_is_asked_for() -> None:
    good(
        HEAD + "inputs: {data: [N, 8, 4, 4], like: [N, 8, 16, 16]}\n"
        "layers: [{type: Upsample, bottom: data, size: $(like.height)}]\n"
    )


@pytest.mark.parametrize("name", ["slice", "nn", "torch", "Tensor", "match", "result", "exceeds"])
def test_a_network_called_like_what_its_source_needs(name: str) -> None:
    check_warning(
        f"netspec: 1\nname: {name}\ninputs: {{data: [N, 3]}}\nlayers: [{{type: ReLU}}]\n",
        "reserved-name",
        2,
        7,
        f"the network is called `{name}`, which means something else in its PyTorch source",
    )


def test_a_network_called_like_a_class_that_its_source_may_need() -> None:
    text = "netspec: 1\nname: DropPath\ninputs: {data: [N, 3]}\nlayers: [{type: ReLU}]\n"
    message = "the network is called `DropPath`, which may be a class of its PyTorch source"
    check_warning(text, "reserved-name", 2, 7, message)
    good(text + "allow: [reserved-name]\n")


@pytest.mark.parametrize(
    ("name", "word"), [("len", "means"), ("F", "means"), ("exceeds", "may mean")]
)
def test_an_input_called_like_what_forward_needs(name: str, word: str) -> None:
    check_warning(
        HEAD + f"inputs: {{{name}: [N, 3]}}\nlayers: [{{type: ReLU}}]\n",
        "reserved-name",
        3,
        10,
        f"an input is called `{name}`, which {word} something else in PyTorch source",
    )


LEVELS = """
blocks:
  level:
    args: {last: false}
    layers:
      - {name: conv, type: Convolution, num_output: 3, kernel_size: 3, pad: 1}
      - «skip
      - {name: sum, type: Eltwise, bottom: [conv, skip], when: $(not last)}
      - {name: relu, type: ReLU, bottom: conv, when: $last}
layers:
  - {name: level1, type: level}
  - {name: level2, type: level, last: true}
"""


def test_a_layer_that_nothing_reads_in_one_use_of_its_block() -> None:
    text = IMAGE + LEVELS.replace("«skip", "{name: skip, type: ReLU, bottom: input}")
    check_warning(text, "unused-here", 10, 28, "nothing reads what `level2.skip` gives")
    for code in ("unused-layer", "unused-here"):
        kept = f"{{name: skip, type: ReLU, bottom: input, allow: [{code}]}}"
        assert found(IMAGE + LEVELS.replace("«skip", kept)) == []
    assert found(text.replace("blocks:", "allow: [unused-here]\nblocks:", 1)) == []
    absent = "{name: skip, type: ReLU, bottom: input, when: $(not last)}"
    assert found(IMAGE + LEVELS.replace("«skip", absent)) == []


def test_a_layer_that_no_use_reads_is_an_error_alone() -> None:
    text = IMAGE + LEVELS.replace("«skip", "{name: skip, type: ReLU, bottom: input}")
    text = text.replace("[conv, skip]", "[conv, input]").replace("name: skip", "name: «skip")
    check(text, ("unused-layer", "nothing reads what `level1.skip` gives"))


SEQUENCE = HEAD + "inputs: {data: [N, 197, 768]}\nlayers:\n  - {name: a, type: "
HELP = (
    "`axis: -1` is the last one, the channels of a sequence N×T×C; `axis: 1` says that the default "
    "is meant"
)


@pytest.mark.parametrize(
    ("layer", "meaning"),
    [
        ("LayerNorm", "normalizes over axis 1"),
        ("InnerProduct, num_output: 4", "takes all behind the batch as one vector"),
    ],
)
def test_three_axes_of_which_none_is_named(layer: str, meaning: str) -> None:
    (warning,) = found(SEQUENCE + layer + "}\n")
    assert (warning.code, warning.path, warning.help) == ("implied-axis", "a", HELP)
    message = f"`a` doesn't say which axis of N×197×768 it means, and {meaning}"
    assert warning.message == message
    assert warning.span is not None
    assert (warning.span.line, warning.span.column) == (5, 21)
    good(SEQUENCE + layer + ", allow: [implied-axis]}\n")
    good(SEQUENCE + layer + ", axis: -1}\n")
    flat = to_flat(good(SEQUENCE + layer + ", axis: 1}\n"))
    assert found(flat) == []
    for shape in ("[N, 768]", "[N, 8, 4, 4]"):
        good((SEQUENCE + layer + "}\n").replace("[N, 197, 768]", shape))
    # A map of one place, as a global pooling leaves it, is no sequence of one channel.
    good((SEQUENCE + layer + "}\n").replace("[N, 197, 768]", "[N, 768, 1]"))
