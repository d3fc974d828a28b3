"""Warnings, and `allow`, which silences them."""

import pytest

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
