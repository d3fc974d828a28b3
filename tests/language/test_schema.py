"""The JSON Schema of specs takes what netspec takes, and says where a mistake is and what."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from netspec.api import check_text
from netspec.diagnostics import Diagnostics, SourceText
from netspec.language.keys import STATIC_KEYS
from netspec.language.schema import spec_schema
from netspec.layers import CATALOGUE
from netspec.resources import specs_dir
from netspec.source import read
from netspec.stock import Location

SCHEMA = spec_schema(CATALOGUE)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
STOCK = sorted(specs_dir().glob("*.yaml"))

HEAD = """\
netspec: 1
name: Net
inputs: {data: [N, 3, 32, 32]}
"""

VALID = {
    "every key of a file": """\
netspec: 1
name: Net
doc: A network that uses $everything.
source: nobody
allow: [unused-var, unused-block, share-once]
inputs:
  data: [N, 3, $size, W]
  label: {shape: [N], dtype: int64, phase: train}
vars: {size: 32, ratio: 0.5, wide: true, words: [a, b], channels: $(2 * size)}
variants:
  small: {}
  large: {size: 64, words: [$size]}
require:
  - {that: $(size >= 32 and data.channels == 3), say: "the image has $size pixels a side"}
  - {that: true, say: It is so.}
blocks:
  pair:
    doc: Two of a kind.
    args: {channels: required, stride: 1, half: $(channels // 2)}
    inputs: [x, skip]
    require: [{that: $(x.channels == skip.channels), say: x and skip have as many channels}]
    layers:
      - {type: Convolution, num_output: $half, kernel_size: 1, bottom: x}
      - {type: Convolution, num_output: $channels, kernel_size: 1, stride: $stride}
      - {name: sum, type: Eltwise, bottom: [1, skip]}
    outputs: [sum]
    allow: [bias-before-batchnorm]
layers:
  - {name: pair, type: pair, channels: 3, bottom: [data, data]}
outputs: pair
""",
    "what is expected": HEAD
    + """\
vars: {size: 3, number: 224, shape: [N, 8, 30, 30], window: [3, 3]}
variants:
  small: {expect: {params: [<= 4 M, about 0.2 k, $number, "224", {about: 3, differs: so}]}}
  large: {expect: [{params: []}, {}]}
expect:
  - {source: somebody, at: {N: $size}, macs: 194400, flops: {at_least: 1 k, at_most: "$size M"}}
  - training_memory: {at_most: 8 GiB, batch: $size, optimizer: SGD, precision: bfloat16}
    outputs: {conv: [N, 8, $(27 + size), 30], data: {exactly: [N, 3, 32, 32]}}
    receptive_field: {conv: 3, data: [1, 1]}
  - outputs: [{conv: $shape}, {conv: [{exactly: $shape, source: he}]}]
    receptive_field: [{conv: $window}, {conv: {exactly: [3, $size], source: he}}]
    depth: 1.0
layers:
  - {name: conv, type: Convolution, num_output: 8, kernel_size: 3}
""",
    "tables, stand-ins and names": HEAD
    + """\
vars: {settings: [[3, 8], [5, 16]], rows: [{num_output: 4, kernel_size: 1}], deep: false}
layers:
  - {name: a, type: Convolution, num_output: $c, kernel_size: $k,
     repeat: {columns: [k, c], rows: $settings}}
  - {name: b, type: Convolution, num_output: $c, kernel_size: 1,
     repeat: {columns: [c], rows: [[4], [$(2 * 4)]]}}
  - {name: block1-$i, type: Convolution, repeat: $rows}
  - {name: d, type: Convolution, num_output: $item, kernel_size: 1, repeat: [4, 8]}
  - {name: deep, type: ReLU, when: $deep, otherwise: a, top: f, allow: [unused-layer]}
  - {name: g.0, type: ReLU, bottom: d, top: [h.x]}
""",
    "the fields of layers": HEAD
    + """\
vars: {wide: true, sizes: [3, 5]}
layers:
  - name: conv
    type: Convolution
    num_output: $(64 if wide else 32)
    kernel_size: [3, "$(sizes[1])"]
    stride: 2
    pad: $(sizes[0] // 2)
    bias_term: $(not wide)
    weight_filler: {type: msra, variance_norm: fan_out}
    param: [{name: shared, lr_mult: 1, decay_mult: 0.5}]
    doc: The first of them.
  - {name: pool, type: Pooling, pool: max, kernel_size: 2, round_mode: Ceil}
  - {type: $('ReLU' if wide else 'Softmax')}
  - {name: drop, type: Dropout, dropout_ratio: 0.3, phase: TRAIN, top: dropped}
outputs: dropped
""",
    "groups, repeats and reuse": HEAD
    + """\
layers:
  - name: tower
    layers:
      - {type: ReLU, repeat: 2}
      - name: convs.$i
        type: Convolution
        kernel_size: 1
        repeat: [{num_output: 3}, {num_output: 4}]
      - {name: last, type: Dropout, repeat: 2, first: {dropout_ratio: 0.1}}
    outputs: last
    bottom: input
    when: true
  - {reuse: tower, name: again, bottom: tower}
  - scope: false
    repeat: $(1 + 1)
    index: stage
    allow: [unused-layer]
    layers:
      - {type: ReLU, repeat: [{}, {type: Convolution, num_output: 3, kernel_size: 1}]}
  - {name: 0, type: ReLU, bottom: [again, data], repeat: 0}
outputs: [0, again]
""",
    "a block whose fields can't be known": HEAD
    + """\
use: [more.yaml]
layers:
  - {type: theirs, anything: [1, {at: all}], first: {anything: 2}, repeat: 3}
""",
    "lists told apart by their items": """\
netspec: 1
name: Net
inputs: {data: [N, 3, 8, 8]}
vars: {n: 1}
layers:
  - {type: Pad, pad: [1, 2, $n, 0]}
  - {type: Pad, pad: [$n, $n, $n, $n]}
  - {type: Pad, pad: [[$n, 2], [0, 1]]}
""",
    "blocks for others to use": """\
netspec: 1
doc: Blocks.
use: more.yaml
blocks:
  unit: {layers: [{type: ReLU}]}
""",
}

MISTAKES = {
    # expressions where the language wants to see what is there
    "layers: $x": [("layers", "'$x' is not of type 'array'")],
    "blocks: {b: {inputs: $x, layers: [{type: ReLU}]}}\nlayers: [{type: b}]": [
        ("blocks.b.inputs", "'$x' is not of type 'array'"),
    ],
    # a layer's fields
    "layers: [{type: Convolution, num_output: 8, kernal_size: 3}]": [
        ("layers.0", "Additional properties are not allowed ('kernal_size' was unexpected)"),
        ("layers.0", "'kernel_size' is a required property"),
    ],
    "layers: [{type: Convolution, num_output: eight, kernel_size: 3}]": [
        ("layers.0.num_output", "'eight' is not of type 'integer'"),
    ],
    "layers: [{type: Convolution, num_output: 0, kernel_size: 3}]": [
        ("layers.0.num_output", "0 is less than the minimum of 1"),
    ],
    "layers: [{type: Convolution, num_output: 8, kernel_size: 3x3}]": [
        ("layers.0.kernel_size", "'3x3' is not of type 'integer'"),
    ],
    "layers: [{type: Convolution, num_output: 8, kernel_size: [1, 2, 3, 4]}]": [
        ("layers.0.kernel_size", "[1, 2, 3, 4] is too long"),
    ],
    "layers: [{type: Convolution, num_output: 8, kernel_size: [1, -2]}]": [
        ("layers.0.kernel_size.1", "-2 is less than the minimum of 1"),
    ],
    "layers: [{type: Convolution, num_output: 8, kernel_size: 1, bias_term: no}]": [
        ("layers.0.bias_term", "'no' is not of type 'boolean'"),
    ],
    "layers: [{type: Convolution, num_output: 8, kernel_size: 1, weight_filler: {kind: msra}}]": [
        (
            "layers.0.weight_filler",
            "Additional properties are not allowed ('kind' was unexpected)",
        ),
    ],
    "layers: [{type: Convolution, num_output: 8, kernel_size: 1, param: [{lr_mult: -1}]}]": [
        ("layers.0.param.0.lr_mult", "-1 is less than the minimum of 0"),
    ],
    "layers: [{type: Pooling, pool: MEAN, kernel_size: 2}]": [
        ("layers.0.pool", "'MEAN' is not one of ["),
    ],
    "layers: [{type: Dropout, dropout_ratio: }]": [
        ("layers.0.dropout_ratio", "None is not of type 'number'"),
    ],
    "layers: [{type: Dropout, dropout_ratio: 1}]": [
        ("layers.0.dropout_ratio", "1 is greater than or equal to the maximum of 1"),
    ],
    "layers: [{type: Dropout, repeat: [{dropout_ratio: x}]}]": [
        ("layers.0.repeat.0.dropout_ratio", "'x' is not of type 'number'"),
    ],
    "layers: [{type: Dropout, repeat: 2, first: {ratio: 0.1}}]": [
        ("layers.0.first", "Additional properties are not allowed ('ratio' was unexpected)"),
    ],
    # entries
    "layers: [{name: one}]": [("layers.0", "'type' is a required property")],
    "layers: [{type: Convolutoin}]": [
        ("layers.0.type", "'Convolutoin' is not one of ['Convolution', "),
    ],
    "layers: [{layers: [{type: Conv2d}]}]": [
        ("layers.0.layers.0.type", "'Conv2d' is not one of ['Convolution', "),
    ],
    "layers: [{type: ReLU, layers: [{type: ReLU}]}]": [
        ("layers.0", "Additional properties are not allowed ('type' was unexpected)"),
    ],
    "layers: [{layers: [{type: ReLU}], output: x}]": [
        ("layers.0", "Additional properties are not allowed ('output' was unexpected)"),
    ],
    "layers: [{type: ReLU}, {reuse: 0, negative_slope: 1}]": [
        ("layers.1", "Additional properties are not allowed ('negative_slope' was unexpected)"),
        ("layers.1.reuse", "0 is not of type 'string'"),
    ],
    "layers: [{type: ReLU, name: 1.5}]": [
        ("layers.0.name", "1.5 is not of type 'string'"),
    ],
    "layers: [{type: ReLU, name: conv-}]": [
        ("layers.0.name", "'conv-' does not match "),
    ],
    "layers: [{type: ReLU, bottom: {a: b}}]": [
        ("layers.0.bottom", "{'a': 'b'} is not of type 'string'"),
    ],
    "layers: [{type: ReLU, when: 1}]": [("layers.0.when", "1 is not of type 'boolean'")],
    "layers: [{type: Pad, pad: [1, 2, -1, 0]}]": [
        ("layers.0.pad.2", "-1 is less than the minimum of 0"),
    ],
    "layers: [{type: Pad, pad: [[1, 2], [1, 0, 3]]}]": [
        ("layers.0.pad.1", "[1, 0, 3] is too long"),
    ],
    "layers: [{type: Pad, pad: []}]": [("layers.0.pad", "[] should be non-empty")],
    "layers: [{type: LayerNorm, axis: []}]": [("layers.0.axis", "[] should be non-empty")],
    "layers: [{type: Gather, indices: []}]": [("layers.0.indices", "[] should be non-empty")],
    "layers: [{type: Constant, value: []}]": [("layers.0.value", "[] should be non-empty")],
    "layers: [{type: ReLU, phase: VALID}]": [
        ("layers.0.phase", "'VALID' is not one of ['TRAIN', 'TEST']"),
    ],
    "layers: [{type: ReLU, repeat: -1}]": [
        ("layers.0.repeat", "-1 is less than the minimum of 0"),
    ],
    "layers: [{type: ReLU, repeat: [{doc: one}]}]": [
        (
            "layers.0.repeat.0",
            "'doc' should not be valid under {'$ref': '#/$defs/of_the_whole'}",
        ),
    ],
    "layers: [{type: ReLU, first: {}}]": [("layers.0", "'repeat' is a required property")],
    "layers: [{type: ReLU, allow: [unused-layers]}]": [
        ("layers.0.allow.0", "'unused-layers' is not one of ["),
    ],
    "layers: []": [("layers", "[] should be non-empty")],
    "layers: [ReLU]": [("layers.0", "'ReLU' is not of type 'object'")],
    # blocks, vars and what else a file has
    "blocks: {unit: {layer: []}}\nlayers: [{type: unit}]": [
        ("blocks.unit", "Additional properties are not allowed ('layer' was unexpected)"),
        ("blocks.unit", "'layers' is a required property"),
    ],
    "expect: {parms: 1}\nlayers: [{type: ReLU}]": [
        ("expect", "Additional properties are not allowed ('parms' was unexpected)"),
    ],
    "expect: {params: many}\nlayers: [{type: ReLU}]": [
        ("expect.params", "'many' does not match "),
    ],
    "expect: {macs: {at_most: <= 3}}\nlayers: [{type: ReLU}]": [
        ("expect.macs.at_most", "'<= 3' does not match "),
    ],
    "expect: {training_memory: {at_most: 3 GiB, optimizer: adam}}\nlayers: [{type: ReLU}]": [
        ("expect.training_memory.optimizer", "'adam' is not one of ["),
    ],
    "expect: {outputs: {x: 3}}\nlayers: [{type: ReLU}]": [
        ("expect.outputs.x", "3 is not of type 'array'"),
    ],
    "require: [{that: 1, say: x}]\nlayers: [{type: ReLU}]": [
        ("require.0.that", "1 is not of type 'boolean'"),
    ],
    "require: [{that: true, message: x}]\nlayers: [{type: ReLU}]": [
        ("require.0", "Additional properties are not allowed ('message' was unexpected)"),
        ("require.0", "'say' is a required property"),
    ],
    "blocks: {unit: {layers: []}}\nlayers: [{type: unit}]": [
        ("blocks.unit.layers", "[] should be non-empty"),
    ],
    "blocks: {unit: {layers: [{type: Dropout, ratio: 1}]}}\nlayers: [{type: unit}]": [
        (
            "blocks.unit.layers.0",
            "Additional properties are not allowed ('ratio' was unexpected)",
        ),
    ],
    "blocks: {unit: {args: {a: 1}, layers: [{type: ReLU}]}}\nlayers: [{type: unit, a: }]": [
        ("layers.0.a", "None should not be valid under {'type': 'null'}"),
    ],
    "blocks: {ReLU: {layers: [{type: Softmax}]}}\nlayers: [{type: ReLU}]": [
        ("blocks", "'ReLU' should not be valid under {'$ref': '#/$defs/builtin'}"),
    ],
    "blocks: {unit: {args: {top: 1}, layers: [{type: ReLU}]}}\nlayers: [{type: unit}]": [
        ("blocks.unit.args", "'top' should not be valid under {'$ref': '#/$defs/reserved'}"),
    ],
    "blocks: {a-b: {layers: [{type: ReLU}]}}\nlayers: [{type: a-b}]": [
        ("blocks", "'a-b' does not match "),
    ],
    "blocks: {unit: {args: {a-b: 1}, layers: [{type: ReLU}]}}\nlayers: [{type: unit}]": [
        ("blocks.unit.args", "'a-b' does not match "),
    ],
    "vars: {a-b: 1}\nlayers: [{type: ReLU}]": [("vars", "'a-b' does not match ")],
    "variants: {a-b: {}}\nlayers: [{type: ReLU}]": [("variants", "'a-b' does not match ")],
    "vars: {size: }\nlayers: [{type: ReLU}]": [
        ("vars.size", "None should not be valid under {'type': 'null'}")
    ],
    "variants: {small: }\nlayers: [{type: ReLU}]": [
        ("variants.small", "None is not of type 'object'"),
    ],
    "layer: [{type: ReLU}]": [
        ("", "Additional properties are not allowed ('layer' was unexpected)"),
        ("", "'layers' is a required property"),
    ],
}

MISTAKEN_HEADS = {
    "netspec: 2\nname: Net\ninputs: {data: [N, 3]}": [("netspec", "1 was expected")],
    "netspec: 1\ninputs: {data: [N, 3]}": [("", "'name' is a required property")],
    "netspec: 1\nname: VGG-16\ninputs: {data: [N, 3]}": [("name", "'VGG-16' does not match ")],
    "netspec: 1\nname: Net\ninputs: {}": [("inputs", "{} should be non-empty")],
    "netspec: 1\nname: Net\ninputs: {a-b: [N, 3]}": [("inputs", "'a-b' does not match ")],
    "netspec: 1\nname: Net\ninputs: [data]": [("inputs", "['data'] is not of type 'object'")],
    "netspec: 1\nname: Net\ninputs: {data: [n, 3]}": [("inputs.data.0", "'n' does not match ")],
    "netspec: 1\nname: Net\ninputs: {data: [N, 0]}": [
        ("inputs.data.1", "0 is less than the minimum of 1"),
    ],
    "netspec: 1\nname: Net\ninputs: {data: {size: [N, 3]}}": [
        ("inputs.data", "Additional properties are not allowed ('size' was unexpected)"),
        ("inputs.data", "'shape' is a required property"),
    ],
    "netspec: 1\nname: Net\ninputs: {data: {shape: [N, 3], dtype: float}}": [
        ("inputs.data.dtype", "'float' is not one of ["),
    ],
}
MISTAKES |= {f"{head}\nlayers: [{{type: ReLU}}]": told for head, told in MISTAKEN_HEADS.items()}


def plain(text: str) -> Any:
    return read(SourceText("net.yaml", text), Diagnostics()).plain()


def complaints(text: str) -> list[tuple[str, str]]:
    errors = VALIDATOR.iter_errors(plain(text))
    return sorted((".".join(map(str, each.absolute_path)), each.message) for each in errors)


def test_it_is_a_schema() -> None:
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", STOCK, ids=lambda path: path.stem)
def test_stock_specs(path: Path) -> None:
    assert complaints(path.read_text()) == []


@pytest.mark.parametrize("text", VALID.values(), ids=VALID)
def test_valid_constructs(text: str) -> None:
    assert complaints(text) == []
    if "use:" not in text:
        assert not check_text(SourceText("net.yaml", text), Location(None, "net.yaml")).has_errors


@pytest.mark.parametrize(("text", "told"), MISTAKES.items())
def test_mistakes(text: str, told: list[tuple[str, str]]) -> None:
    whole = text if text.startswith("netspec") else HEAD + text
    found = complaints(whole)
    assert [path for path, _ in found] == sorted(path for path, _ in told)
    for (_, message), (_, start) in zip(found, sorted(told), strict=True):
        assert message.startswith(start)
    assert check_text(SourceText("net.yaml", whole), Location(None, "net.yaml")).has_errors


@pytest.mark.parametrize("layer", CATALOGUE.values(), ids=CATALOGUE)
def test_every_field_has_help_and_takes_expressions(layer: Any) -> None:
    properties = SCHEMA["$defs"][layer.__name__]["properties"]
    assert properties["type"]["description"].startswith(layer.__doc__[:20])
    for name in layer.model_fields:
        assert properties[name]["description"]
    named = layer.model_fields.keys() - STATIC_KEYS
    entry = {"type": layer.__name__} | dict.fromkeys(named, "$(1 + 1)")
    spec = plain(HEAD) | {"layers": [entry]}
    assert list(VALIDATOR.iter_errors(spec)) == []


@pytest.mark.parametrize("layer", CATALOGUE.values(), ids=CATALOGUE)
def test_capitals_are_read_in_any_case(layer: Any) -> None:
    """Words in capitals are those that netspec reads in any case; the schema goes by that."""
    for name, each in layer.model_json_schema().get("properties", {}).items():
        words = each.get("enum", [each["const"]] if "const" in each else [])
        for word in words:
            assert word.isupper() or each.get("any_case")
            entry = layer.model_construct().model_dump() | {"type": layer.__name__}
            assert not _complains(entry | {name: word.capitalize()}, name)
            assert _complains(entry | {name: "nonsense"}, name)
            read = layer.__pydantic_validator__.validate_assignment(
                layer.model_construct(), name, word.lower()
            )
            assert getattr(read, name) == word


def _complains(entry: dict[str, Any], name: str) -> bool:
    spec = plain(HEAD) | {"layers": [entry]}
    return any(name in each.absolute_path for each in VALIDATOR.iter_errors(spec))


def test_what_json_schema_cannot_tell() -> None:
    """To it 3.0 is an integer; an expression may be anything; 0b11 is text in YAML 1.2."""
    fields = "type: Convolution, kernel_size: 1"
    for value in ("3.0", "1e1", "$(1 / 2)"):
        text = f"{HEAD}layers: [{{{fields}, num_output: {value}}}]"
        assert complaints(text) == []
        assert check_text(SourceText("net.yaml", text), Location(None, "net.yaml")).has_errors
    text = f"{HEAD}layers: [{{{fields}, num_output: 0b11}}]"
    assert complaints(text) == [("layers.0.num_output", "'0b11' is not of type 'integer'")]


def test_only_keywords_that_older_drafts_share() -> None:
    """Editors that know draft 7 alone would pass over these in silence."""
    text = json.dumps(SCHEMA)
    for keyword in ("unevaluated", "prefixItems", "dependent", "$dynamicRef", "minContains"):
        assert f'"{keyword}' not in text


def test_it_is_small_and_always_the_same() -> None:
    assert json.dumps(spec_schema(CATALOGUE)) == json.dumps(SCHEMA)
    assert len(json.dumps(SCHEMA)) < 20_000 + 2_500 * len(CATALOGUE)
