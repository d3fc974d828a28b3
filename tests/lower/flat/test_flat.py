"""The flat spec describes the very same network."""

from typing import Any

import pytest

import netspec
from netspec.lower.flat import to_flat
from netspec.targets import SUFFIXES
from tests.checking import IMAGE, found
from tests.promises import assert_same, check_flat
from tests.stock import every_network

SHARED = """
netspec: 1
name: Siamese
inputs:
  left: [N, 1, 12, 12]
  right: [N, 1, 12, 12]
  label: {shape: [N], dtype: int64, phase: TRAIN}
blocks:
  tower:
    args: {width: 4}
    layers:
      - {name: conv, type: Convolution, num_output: $width, kernel_size: [3, 5],
         param: [{name: w}, {lr_mult: 2}]}
      - {name: relu, type: ReLU}
layers:
  - {name: a, type: tower, bottom: left}
  - {name: b, reuse: a, bottom: right}
  - {name: c, type: Convolution, bottom: right, num_output: 4, kernel_size: [3, 5],
     param: [{name: w}]}
  - {name: steps, type: Convolution, repeat: 3, num_output: 4, kernel_size: 1}
  - {name: sum, type: Eltwise, bottom: [a, b, c, steps]}
  - {name: fc, type: InnerProduct, num_output: 3, weight_filler: {type: gaussian, std: 0.01}}
  - {name: loss, type: SoftmaxWithLoss, bottom: [fc, label], phase: TRAIN, loss_weight: 0.5}
outputs: [fc, sum]
"""


NEEDED = {"when:": {"faster_rcnn_vgg16"}, "$": {"yolov2", "yolov2_voc"}}
"""A result of a name that no layer has; sizes that a symbolic one tells."""


@pytest.mark.parametrize("name", every_network())
def test_stock_networks(name: str) -> None:
    network = netspec.load(name)
    flat = to_flat(network)
    assert_same(network, netspec.loads(flat))
    for word in ("blocks:", "vars:", "repeat:", "when:", "$"):
        assert word not in flat or name in NEEDED.get(word, ())


def test_sharing_reuse_phases_and_several_results() -> None:
    network = netspec.loads(SHARED)
    assert_same(network, netspec.loads(to_flat(network)))


def test_flat_is_its_own_flat() -> None:
    flat = to_flat(netspec.loads(SHARED))
    assert to_flat(netspec.loads(flat)) == flat


def test_what_it_says_of_itself() -> None:
    network = netspec.load("alexnet_owt")
    again = netspec.loads(to_flat(network))
    assert (again.year, again.task) == (2014, "classification")
    assert (again.doc, again.source) == (network.doc, network.source)


def test_suffixes() -> None:
    assert SUFFIXES[".yaml"] == SUFFIXES[".yml"] == "yaml"


def test_text() -> None:
    lines = to_flat(netspec.load("lenet")).splitlines()
    start = lines.index("layers:")
    assert lines[start + 1 : start + 3] == [
        "- {name: conv1, type: Convolution, num_output: 20, kernel_size: 5, "
        "weight_filler: {type: xavier}, param: [{}, {lr_mult: 2.0}]}",
        "- {name: pool1, type: Pooling, kernel_size: 2, stride: 2}",
    ]
    assert lines[-2:] == ["outputs:", "- ip2"]


def test_an_input_that_another_variant_reads() -> None:
    """The flat spec of one variant has nothing to say of an input that this one leaves unread."""
    flat = to_flat(netspec.load("googlenet_bn"))
    assert "\nallow:\n- unused-input\n" in flat
    assert found(flat) == []
    text = "netspec: 1\nname: Net\ninputs: {data: [N, 3], more: [N, 3]}\nlayers:\n"
    flat = to_flat(netspec.loads(text + "  - {name: same, type: ReLU, bottom: data}\n"))
    assert found(flat) == []


def flat(text: str, **variables: Any) -> str:
    """The flat spec of a network, which is that network."""
    network = netspec.loads(text, **variables)
    check_flat(network)
    return to_flat(network)


def layers(text: str) -> list[str]:
    return [line[2:] for line in text.splitlines() if line.startswith("- {")]


def test_a_layer_that_joins_only_one_blob() -> None:
    text = IMAGE + "layers: [{name: a, type: ReLU}, {name: b, type: Concat, bottom: [a]}]\n"
    assert layers(flat(text))[1] == "{name: b, type: Concat, bottom: [a]}"
    text = (
        IMAGE
        + """layers:
  - {name: a, type: ReLU, repeat: 1, bottom: input}
  - {name: b, type: Concat, bottom: a.*}
"""
    )
    assert layers(flat(text))[1] == "{name: b, type: Concat, bottom: [a.0]}"


@pytest.mark.parametrize("entry", ["repeat: 0", "when: false", "name: a, repeat: 0"])
def test_a_network_of_no_layers(entry: str) -> None:
    text = flat(IMAGE + f"layers: [{{type: ReLU, {entry}}}]\n")
    assert layers(text) == ["{type: ReLU, when: false}"]
    assert text.endswith("outputs:\n- data\n")


def test_a_layer_that_is_read_in_another_instance_alone() -> None:
    text = (
        IMAGE
        + """blocks:
  b:
    args: {on: true}
    layers:
      - {name: x, type: ReLU}
      - {name: y, type: Eltwise, bottom: [x, input], when: $on}
      - {name: z, type: TanH, bottom: input, when: $(not on)}
layers: [{name: one, type: b}, {name: two, type: b, on: false}]
"""
    )
    assert layers(flat(text))[2] == "{name: two.x, type: ReLU, allow: [unused-layer]}"


def test_some_of_the_tops_that_have_no_names() -> None:
    text = (
        IMAGE
        + """blocks: {two: {inputs: [x, y], layers: [{name: r, type: ReLU, bottom: y}]}}
layers:
  - {name: s, type: Slice, slice_point: [1, 2]}
  - {name: off, type: TanH, when: false}
  - {name: all, type: Concat, bottom: s}
  - {name: t, type: Slice, slice_point: 1, bottom: data}
  - {name: b, type: two}
outputs: [off, b, all]
"""
    )
    assert layers(flat(text)) == [
        "{name: s, type: Slice, slice_point: [1, 2]}",
        "{name: all, type: Concat, bottom: s}",
        "{name: t, type: Slice, bottom: data, slice_point: [1]}",
        "{name: b.r, type: ReLU, bottom: t.1}",
        "{name: 'off', type: ReLU, bottom: s.0, when: false}",
    ]


@pytest.mark.parametrize(
    ("entries", "outputs", "names"),
    [
        ("{name: a, type: ReLU, when: false}, {name: b, type: ReLU}", "[a, b]", ["a", "b"]),
        ("{name: a, type: ReLU}, {name: b, type: ReLU, when: false}", "b", ["b"]),
        ("{name: a, type: ReLU, top: t}", "a", ["a"]),
        ("{name: g, top: t, layers: [{name: a, type: ReLU}]}", "[t]", ["t"]),
        ("{name: g, layers: [{name: a, type: ReLU}]}", "[g.a]", ["g.a"]),
        ("{name: g, layers: [{name: a, type: ReLU}]}", "[previous]", ["g"]),
        ("{name: a, type: ReLU}", "[a, input]", ["a", "data"]),
    ],
)
def test_results_keep_their_names(entries: str, outputs: str, names: list[str]) -> None:
    text = IMAGE + f"layers: [{entries}]\noutputs: {outputs}\n"
    assert list(netspec.loads(flat(text)).outputs) == names


def test_a_top_within_a_scope_may_be_called_like_a_blob_around_it() -> None:
    text = (
        IMAGE
        + """blocks: {b: {inputs: [x], layers: [{name: r, top: a, type: ReLU, bottom: x}]}}
layers: [{name: a, type: TanH}, {name: g, type: b}]
"""
    )
    assert layers(flat(text))[1] == "{name: g.r, type: ReLU, top: [g.a]}"


DOCS = [
    *["", " ", "two\nlines", "a\x85b", "\u2028", "\ufeffx", "tab\t", "\xa0", "\U0001f600", "é"],
    *["yes", "null", "~", "1e5", "0o17", "1_000", "12:30", ".inf", "9" * 30, "2001-01-01", "="],
    *["- a", "a: b", "{a: b}", "# a", "'", '"', "\\", "%a", "---", "<<", "$a $(b", " a ", "? a"],
]


@pytest.mark.parametrize("doc", DOCS)
def test_texts_of_every_kind(doc: str) -> None:
    said = '"' + "".join(f"\\U{ord(each):08x}" for each in doc) + '"'
    flat(f"{IMAGE}doc: {said}\nsource: {said}\nlayers: [{{name: a, type: ReLU, doc: {said}}}]\n")


@pytest.mark.parametrize("name", ["yes", "no", "null", "true", "on", "y", "1", "0", "N"])
def test_names_of_every_kind(name: str) -> None:
    flat(
        f"""netspec: 1
name: Net
inputs: {{data: [N, 3], "{name.replace("1", "one").replace("0", "zero")}": [N, 3]}}
allow: [unused-layer]
layers:
  - {{name: "g.{name}", type: InnerProduct, num_output: 3, param: [{{name: "{name}"}}]}}
  - {{name: h, type: InnerProduct, num_output: 3, param: [{{name: "{name}", lr_mult: 1e-7}}]}}
  - {{name: last, reuse: "g.{name}"}}
"""
    )


@pytest.mark.parametrize("number", ["1e-7", "1e+300", "4611686018427387904", "-0.0", "3", "1e22"])
def test_numbers_of_every_kind(number: str) -> None:
    text = flat(f"{IMAGE}layers: [{{name: a, type: Power, scale: {number}, shift: 1e-45}}]\n")
    (node,) = netspec.loads(text).nodes
    assert str(getattr(node.layer, "scale")) == str(float(number))  # noqa: B009


@pytest.mark.parametrize("dtype", ["float16", "float64", "int32", "int64", "bool"])
def test_inputs_of_every_kind(dtype: str) -> None:
    text = flat(
        f"""netspec: 1
name: Net
inputs: {{a: {{shape: [4, H], dtype: {dtype}}}, b: {{shape: [N], phase: TRAIN}}, c: [3]}}
layers: [{{name: x, type: Flatten, axis: 0}}]
outputs: [x, b, c, a]
"""
    )
    assert f"  a: {{shape: [4, H], dtype: {dtype}}}" in text.splitlines()


def test_vars_and_inputs_that_are_overridden() -> None:
    text = """netspec: 1
name: Net
inputs: {data: [N, $n, 8, 8]}
vars: {n: 3, on: false}
layers: [{type: Convolution, num_output: $n, kernel_size: 1}, {type: ReLU, when: $on}]
"""
    network = netspec.loads(text, inputs={"data": [2, 4, "H", 8]}, n=5, on=True)
    check_flat(network)
    assert "data: {shape: [2, 4, H, 8]}" in to_flat(network)


def test_an_input_of_a_size_that_no_spec_can_say() -> None:
    text = """netspec: 1
name: Net
inputs: {data: [N, 3, H, H]}
layers: [{type: Pooling, kernel_size: 2, stride: 2}]
"""
    (shape,) = netspec.loads(text).outputs.values()
    sizes: list[Any] = list(shape)
    network = netspec.loads(text, inputs={"data": sizes})
    with pytest.raises(netspec.SpecError) as caught:
        to_flat(network)
    (found,) = caught.value.diagnostics
    assert found.code == "not-lowerable"
    assert found.message == f"the input `data` has a size of {shape[2]}, which no spec can say"


def test_sizes_of_blobs_whose_names_no_expression_can_read() -> None:
    """An entry that isn't there lends them a name; the layer reads what it did."""
    text = (
        "netspec: 1\nname: Net\ninputs: {data: [N, 3, H, W]}\n"
        "layers:\n"
        "  - {type: ReLU}\n"
        '  - {type: Upsample, size: ["$(previous.height * 2)", "$(previous.width + 1)"]}\n'
        "  - {name: sized0, type: TanH}\n"
        "  - {name: a-b, type: Sigmoid}\n"
        '  - {name: last, type: Upsample, size: ["$(previous.height * 2)", 7]}\n'
    )
    network = netspec.loads(text)
    flat = to_flat(network)
    check_flat(network)
    assert "- {name: sized1, type: ReLU, bottom: '0', when: false}\n" in flat
    assert "size: ['$(sized2.shape[2] * 2)', 7]" in flat
