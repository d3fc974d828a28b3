"""A tree against the table: values of their types, and every mistake at its place."""

import math
import re
from collections.abc import Iterator

import pytest

from netspec.diagnostics import Diagnostics, SourceText
from netspec.importers.caffe.check import check
from netspec.importers.caffe.records import Record
from netspec.importers.caffe.text import parse


def read(text: str, diagnostics: Diagnostics, kind: str = "NetParameter") -> Record:
    return check(parse(SourceText("x", text), diagnostics), kind, diagnostics)


def record(text: str, kind: str = "NetParameter") -> Record:
    diagnostics = Diagnostics()
    found = read(text, diagnostics, kind)
    diagnostics.raise_errors()
    return found


def test_values_of_every_type() -> None:
    net = record("""
        name: 'LeNet' force_backward: t input: ["a", 'b'] input_dim: 0x10 input_dim: 010
        layer { name: "conv" loss_weight: .5f convolution_param < pad: [1, 2]; engine: 2 > }
        state { phase: TEST level: -1 }
    """)
    assert net.plain() == {
        "name": "LeNet",
        "force_backward": True,
        "input": ["a", "b"],
        "input_dim": [16, 8],
        "layer": [
            {
                "name": "conv",
                "loss_weight": [0.5],
                "convolution_param": {"pad": [1, 2], "engine": "CUDNN"},
            }
        ],
        "state": {"phase": "TEST", "level": -1},
    }


def test_places() -> None:
    (layer,) = record("name: 'x'\nlayer {\n  name: 'y'\n}").all("layer")
    assert str(layer.key.span) == "x:2:1"
    assert str(layer.place.span) == "x:2:7"
    assert isinstance(layer.value, Record)
    name = layer.value.one("name")
    assert name is not None
    assert (str(name.key.span), str(name.place.span)) == ("x:3:3", "x:3:9")


def test_what_is_given_and_what_is_meant() -> None:
    (layer,) = record("layer { convolution_param { num_output: 8 pad: 1 pad: 2 } }").records(
        "layer"
    )
    convolution = layer.record("convolution_param")
    assert convolution is not None
    assert convolution.value("num_output") == 8
    assert convolution.values("pad") == [1, 2]
    assert convolution.value("bias_term") is True
    assert "bias_term" not in convolution
    assert convolution.value("kernel_h") is None
    assert convolution.records("pad") == []
    assert layer.record("pooling_param") is None
    with pytest.raises(KeyError, match="has no field kernal"):
        convolution.value("kernal")


def test_infinities() -> None:
    scale = record("layer { power_param { power: inf scale: -Infinity shift: nan } }")
    power = scale.records("layer")[0].record("power_param")
    assert power is not None
    assert power.value("power") == math.inf
    assert power.value("scale") == -math.inf
    assert math.isnan(power.plain()["shift"])  # type: ignore[arg-type]


def test_fields_of_forks_are_marked() -> None:
    (layer,) = record("layer { pooling_param { ceil_mode: false pad: 1 } }").records("layer")
    pooling = layer.record("pooling_param")
    assert pooling is not None
    assert [each.type.fork for name in ("ceil_mode", "pad") for each in pooling.all(name)] == [
        True,
        False,
    ]


def mistakes(text: str, kind: str = "NetParameter") -> list[str]:
    diagnostics = Diagnostics()
    read(text, diagnostics, kind)
    told = []
    for each in diagnostics.sorted():
        told += [f"{str(each.span).removeprefix('x:')} {each.code}", each.message]
        told += [f"help: {each.help}"] if each.help else []
    return told


MISTAKES = r"""
layer { convolution_param { kernal_size: 3 } }
    1:29 unknown-field
    no field of ConvolutionParameter is called `kernal_size`
    help: did you mean `kernel_size`?
qwertyuiop {}
    1:1 unknown-field
    no field of NetParameter is called `qwertyuiop`
qwertyuiop: []
    1:1 unknown-field
    no field of NetParameter is called `qwertyuiop`
name: x
    1:7 wrong-type
    `name` should be a string in quotes, not `x`
    help: write it in quotes
name {}
    1:6 wrong-type
    `name` should be a string in quotes, not a message
name: ['x']
    1:1 wrong-type
    `name` should be one value, not a list
name: []
    1:1 wrong-type
    `name` should be one value, not a list
input []
    1:1 prototxt-syntax
    expected `:` before a list of `input`
    help: write `input: []`
name: 'x'\nname: 'x'
    2:1 duplicate-key
    `name` is given twice, first in line 1
state {}\nstate {}
    2:1 duplicate-key
    `state` is given twice, first in line 1
input_dim: 1.0
    1:12 wrong-type
    `input_dim` should be an integer, not `1.0`
input_dim: 3000000000
    1:12 bad-value
    `input_dim` should be from -2147483648 to 2147483647, not `3000000000`
input_dim: '1'
    1:12 wrong-type
    `input_dim` should be an integer, not the string `1`
force_backward: 2
    1:17 wrong-type
    `force_backward` should be true or false, not `2`
force_backward: TRUE
    1:17 wrong-type
    `force_backward` should be true or false, not `TRUE`
state: TEST
    1:8 wrong-type
    `state` should be a message (NetState), not `TEST`
    help: write `state { … }`
state { phase: Test }
    1:16 bad-value
    `phase` should be `TRAIN` or `TEST`, not `Test`
    help: did you mean `TEST`?
state { phase: 2 }
    1:16 bad-value
    `phase` should be `TRAIN` or `TEST`, not `2`
state { phase {} }
    1:15 wrong-type
    `phase` should be a word, not a message
state { phase: 'TEST' }
    1:16 wrong-type
    `phase` should be a word without quotes, not the string `TEST`
    help: write `TEST`
layers { type: Relu }
    1:16 bad-value
    `type` should be a LayerType, not `Relu`
    help: did you mean `RELU`?
layer { loss_weight: x }
    1:22 wrong-type
    `loss_weight` should be a number, not `x`
layer { loss_weight: 010 }
    1:22 wrong-type
    `loss_weight` should be a number, not `010`
layer { loss_weight: 1x }
    1:22 prototxt-syntax
    `1x` is no number
"""
"""A text, and below it the place and the code of what is wrong with it, and what is said of it."""


def cases() -> Iterator[tuple[str, list[str]]]:
    for text, told in re.findall(r"^(\S.*)\n((?: .*\n)+)", MISTAKES, re.MULTILINE):
        yield text.replace("\\n", "\n"), [line.strip() for line in told.splitlines()]


@pytest.mark.parametrize(("text", "expected"), [*cases()])
def test_mistakes(text: str, expected: list[str]) -> None:
    assert mistakes(text) == expected


def test_a_list_for_one_value_is_one_mistake() -> None:
    assert mistakes("device_id: [0, 1, 2]", "SolverParameter") == [
        "1:1 wrong-type",
        "`device_id` should be one value, not a list",
    ]
    assert "`name` is given twice, first in line 1" in mistakes("name: 'a'\nname: ['b']")


def test_all_mistakes_are_told_and_the_rest_is_there() -> None:
    diagnostics = Diagnostics()
    net = read("name: 'x' a: 1 layer { b {} type: 'ReLU' c: [1, 2] bottom: 3 }", diagnostics)
    codes = [each.code for each in diagnostics.sorted()]
    assert codes == ["unknown-field"] * 3 + ["wrong-type"]
    assert net.plain() == {"name": "x", "layer": [{"type": "ReLU"}]}
    assert [each.name for each in net.unknown] == ["a"]
    assert [each.name for each in net.records("layer")[0].unknown] == ["b", "c", "c"]


def test_solvers() -> None:
    solver = record("net: 'n' base_lr: 0.1 solver_mode: GPU stepvalue: [1, 2]", "SolverParameter")
    assert solver.plain() == {
        "net": "n",
        "base_lr": 0.1,
        "solver_mode": "GPU",
        "stepvalue": [1, 2],
    }
    assert mistakes("stepwise: 1", "SolverParameter")[0] == "1:1 unknown-field"
