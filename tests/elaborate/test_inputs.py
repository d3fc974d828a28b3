"""The shapes of the inputs: the document's own, and those that are asked for instead."""

from typing import Any

import pytest

from netspec import SpecError, loads
from tests.checking import HEAD, check, good


def test_inputs() -> None:
    net = good(
        HEAD
        + """inputs:
  data: {shape: [N, 3], dtype: float16}
  label: {shape: [N], dtype: int64, phase: train}
allow: [unused-input]
layers: [{type: ReLU}]
"""
    )
    assert [str(blob.type) for blob in net.inputs] == ["N×3 float16", "N int64"]
    assert net.inputs[1].phase == "TRAIN"


def test_inputs_that_cannot_be() -> None:
    check(
        HEAD
        + """vars: {v: 3}
inputs:
  a: [N, «0]
  b: [«n, 3]
  c: «5
  d: {shape: [N], «type: int64}
  «e: {dtype: float32}
  f: {shape: [N], dtype: «float31}
  «g.h: [N]
  «v: [N]
  z: []
layers: [{name: x, type: ReLU, repeat: $v}]
""".replace("z: []", "z: «[]"),
        (
            "bad-value",
            "a size is a positive integer, an upper-case word, or a multiple of one such as 32*H, "
            "not 0",
        ),
        ("bad-value", "not 'n'"),
        ("wrong-type", "`shape` should be a list, not 5"),
        ("unknown-field", "nothing here is called `type`"),
        ("missing-field", "`shape` is missing"),
        ("bad-value", "`dtype` should be "),
        ("bad-name", "a name is letters"),
        ("name-conflict", "`v` is the name of a var as well"),
        ("wrong-type", "the shape of `z` should be a list of 1 to 8 sizes"),
    )


TWO = (
    HEAD
    + """inputs:
  data: [N, 3, H, W]
  label: {shape: [N], dtype: int64, phase: TRAIN}
  other: [N, 3, H, W]
layers:
  - {name: c, type: Convolution, num_output: 4, kernel_size: 1, bottom: data}
  - {name: pool, type: Pooling, pool: AVE, global_pooling: true}
  - {name: fc, type: InnerProduct, num_output: 2}
  - {name: loss, type: SoftmaxWithLoss, bottom: [fc, label], phase: TRAIN}
  - {name: relu, type: ReLU, bottom: other}
outputs: [fc, relu]
"""
)


def shapes_of_inputs(**inputs: list[Any]) -> list[str]:
    return [str(blob.shape) for blob in loads(TWO, inputs=inputs).inputs]


def test_a_size_given_to_one_input_is_given_to_all() -> None:
    assert shapes_of_inputs(data=[1, 3, 32, 32]) == ["1×3×32×32", "1", "1×3×32×32"]
    assert shapes_of_inputs(label=[8]) == ["8×3×H×W", "8", "8×3×H×W"]
    assert shapes_of_inputs(data=["B", 3, "H", 64]) == ["B×3×H×64", "B", "B×3×H×64"]
    assert shapes_of_inputs(data=["N", 1, "H", "W"]) == ["N×1×H×W", "N", "N×3×H×W"]
    assert shapes_of_inputs(data=["N", 3, "W", "H"]) == ["N×3×W×H", "N", "N×3×W×H"]


def test_inputs_that_are_given_alike_may_be() -> None:
    same = shapes_of_inputs(data=[2, 3, 8, 8], label=[2], other=[2, 3, 8, 8])
    assert same == ["2×3×8×8", "2", "2×3×8×8"]
    alone = "inputs: {data: [N, 3, S, S]}\nlayers: [{type: ReLU}]\n"
    net = loads(HEAD + alone, inputs={"data": ["N", 3, 4, 5]})
    assert str(net.inputs[0].shape) == "N×3×4×5"


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        (
            {"data": [8, 3, "H", "W"], "label": [4]},
            "bad-value: the inputs share the size N, but `data` and `label` would make it 8 and 4 "
            "(give N one size)",
        ),
        (
            {"data": ["N", 3, "H", "W"], "label": [4]},
            "bad-value: the inputs share the size N, but `data` and `label` would make it N and 4 "
            "(give N one size)",
        ),
    ],
)
def test_inputs_that_quarrel_about_a_size(inputs: dict[str, Any], expected: str) -> None:
    with pytest.raises(SpecError) as caught:
        loads(TWO, inputs=inputs)
    (diagnostic,) = caught.value.diagnostics
    assert f"{diagnostic.code}: {diagnostic.message} ({diagnostic.help})" == expected


MULTIPLES = (
    HEAD
    + """vars: {stride: 32}
inputs:
  data: [N, 3, $stride*H, 32*W]
  mask: [N, 1, H, W]
layers:
  - {name: relu, type: ReLU, bottom: data}
  - {name: small, type: ReLU, bottom: mask}
outputs: [relu, small]
"""
)


def test_a_size_may_be_a_multiple_of_a_symbol() -> None:
    def shapes(**given: Any) -> list[str]:
        return [str(blob.shape) for blob in loads(MULTIPLES, **given).inputs]

    assert shapes() == ["N×3×32*H×32*W", "N×1×H×W"]
    assert shapes(stride=1) == ["N×3×H×32*W", "N×1×H×W"]
    assert shapes(inputs={"data": [1, 3, 320, 96]}) == ["1×3×320×96", "1×1×10×3"]
    assert shapes(inputs={"mask": [1, 1, 10, "W"]}) == ["1×3×320×32*W", "1×1×10×W"]
    assert shapes(inputs={"data": ["N", 3, "64*H", "32*B"]}) == ["N×3×64*H×32*B", "N×1×2*H×B"]


@pytest.mark.parametrize(
    ("inputs", "message", "help"),
    [
        (
            {"data": [1, 3, 320, 100]},
            "`data` has a multiple of 32 elements along axis 3, not 100",
            "the nearest are 96 and 128",
        ),
        (
            {"data": [1, 3, 7, 32]},
            "`data` has a multiple of 32 elements along axis 2, not 7",
            "the nearest is 32",
        ),
        (
            {"data": [1, 3, "H", "32*W"]},
            "`data` has a multiple of 32 elements along axis 2, not H",
            "give a multiple: `32*H`, or a number",
        ),
        (
            {"data": [1, 3, 64, 32], "mask": [1, 1, 3, 1]},
            "the inputs share the size H, but `data` and `mask` would make it 2 and 3",
            "give H one size",
        ),
        (
            {"data": ["2*N", 3, 64, 32]},
            "the first axis counts items, one by one: its size can't be 2*N",
            "write `N`",
        ),
    ],
)
def test_what_is_no_such_multiple(inputs: dict[str, Any], message: str, help: str) -> None:
    with pytest.raises(SpecError) as caught:
        loads(MULTIPLES, inputs=inputs)
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.message, diagnostic.help) == (message, help)


@pytest.mark.parametrize(
    "size", ["0*H", "H*2", "2*h", "2 * H", "-2*H", "2**H", "9999999999*H", "*H"]
)
def test_what_is_no_multiple_at_all(size: str) -> None:
    with pytest.raises(SpecError, match=r"or a multiple of one such as 32\*H, not "):
        loads(MULTIPLES, inputs={"data": ["N", 3, size, 32]})
