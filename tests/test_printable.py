"""Text that would show otherwise than it is doesn't get out, by whatever way."""

import io
import json
import tokenize
from pathlib import Path

import onnx
import pytest

import netspec
from netspec.diagnostics import SpecError
from netspec.lower.flat import to_flat
from netspec.lower.onnx.model import to_model
from netspec.printable import encodable, is_printable, printable, printable_lines

ODD = {
    "nul": "\0",
    "escape": "\x1b[31m",
    "delete": "\x7f",
    "carriage return": "\r",
    "form feed": "\f",
    "next line": "\x85",
    "right to left": "\u202e",
    "isolate": "\u2066",
    "mark": "\u200f",
    "line separator": "\u2028",
    "byte order mark": "\ufeff",
    "zero width": "\u200b",
    "tag": "\U000e0041",
}


def test_escapes() -> None:
    assert printable("plain é 漢字 \xa0 नमस्\u200dते") == "plain é 漢字 \xa0 नमस्\u200dते"
    assert printable("a\n\t\x1b\x85\u202e\ufeff\udcff") == r"a\n\t\x1b\x85\u202e\ufeff\udcff"
    assert printable_lines("a\n\tb\r\n") == "a\n\tb\\r\n"
    assert encodable("a\x1b\udcff") == "a\x1b\\udcff"


NET = """
netspec: 1
name: Net
doc: {text}
source: {text}
inputs: {{data: [N, 3, 8, 8]}}
blocks:
  unit:
    doc: {text}
    layers:
      - {{name: conv, type: Convolution, num_output: 3, kernel_size: 1, doc: {text}}}
layers:
  - {{name: a, type: unit, doc: {text}}}
"""


def network(odd: str) -> netspec.Network:
    escapes = "".join(f"\\U{ord(char):08x}" for char in odd)
    return netspec.loads(NET.format(text=f'"x {escapes} y"'))


def shows(text: str) -> bool:
    return all(char == "\n" or is_printable(char) for char in text)


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
def test_what_a_spec_says_of_itself(odd: str) -> None:
    net = network(odd)
    source = net.to_source()
    assert shows(source)
    compile(source, "net.py", "exec")
    kinds = [token.type for token in tokenize.generate_tokens(io.StringIO(source).readline)]
    assert tokenize.ERRORTOKEN not in kinds
    assert net.to_torch() is not None
    model = to_model(net)
    onnx.checker.check_model(model)
    assert shows(model.doc_string)
    assert printable(odd) in model.doc_string
    assert [each.doc_string for each in model.graph.node] == [f"x {printable(odd)} y"]
    flat = to_flat(net)
    assert shows(flat)
    again = netspec.loads(flat)
    assert (again.doc, again.source) == (net.doc, net.source) == (f"x {odd} y",) * 2
    assert [each.doc for each in again] == [each.doc for each in net] == [f"x {odd} y"]


NAMED = {
    "name: Net": "name: {odd}",
    "data:": "{odd}:",
    "name: a": "name: {odd}",
    "  unit:": "  {odd}:",
    "vars: {v: 1}": "vars: {{{odd}: 1}}",
    "variants: {w: {v: 2}}": "variants: {{{odd}: {{v: 2}}}}",
    "name: shared": "name: {odd}",
    "top: b": "top: {odd}",
}
"""The names of a spec, and what takes their place."""

NAMES = """
netspec: 1
name: Net
inputs: {data: [N, 3, 8, 8]}
vars: {v: 1}
variants: {w: {v: 2}}
blocks:
  unit:
    layers:
      - {name: conv, type: Convolution, num_output: $v, kernel_size: 1, top: b,
         param: [{name: shared}]}
layers:
  - {name: a, type: unit}
"""


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("odd", ["\0", "\x1b", "\u202e", "\u2028", "\ufeff"], ids=ascii)
def test_names_are_refused(name: str, odd: str) -> None:
    text = NAMES.replace(name, NAMED[name].format(odd=json.dumps(f"x{odd}y")), 1)
    assert text != NAMES
    with pytest.raises(SpecError) as caught:
        netspec.loads(text)
    found = next(each for each in caught.value.diagnostics if each.code == "bad-name")
    assert found.span is not None
    assert shows(str(caught.value))


def test_names_of_files_in_what_is_made(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b\udcff.yaml"
    path.write_text("netspec: 1\nname: Net\ninputs: {data: [N, 4]}\nlayers: [{type: ReLU}]\n")
    net = netspec.load(path)
    properties = {each.key: each.value for each in to_model(net).metadata_props}
    assert properties["spec"] == r"a\x1b\udcff.yaml"
    assert r" from a\\x1b\\udcff.yaml (sha256 " in net.to_source()
