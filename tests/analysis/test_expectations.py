"""`expect`: figures that `check` holds a network to."""

from typing import Any

import pytest

import netspec
from netspec.analysis.measures import MEASURES, PEAKS
from netspec.analysis.memory.optimizers import OPTIMIZERS
from netspec.analysis.memory.report import PRECISIONS
from netspec.api import check_text, load, loads
from netspec.diagnostics import Diagnostic, SourceText
from netspec.elaborate import Overrides
from netspec.language.figures import CONDITIONS, FIGURES
from netspec.stock import Location, locate, read_location
from netspec.stock_copy import own_text
from tests.checking import HEAD, check, found

NET = """\
layers:
  - {name: conv, type: Convolution, num_output: $width, kernel_size: 3}
  - {name: bn, type: BatchNorm, allow: [bias-before-batchnorm]}
  - {name: pool, type: Pooling, pool: AVE, output_size: 7}
  - {name: fc, type: InnerProduct, num_output: 10}
"""
ALLOW = "allow: [bias-before-batchnorm]\n"
START = HEAD + ALLOW + "inputs: {data: [N, 3, 32, 32]}\nvars: {width: 8}\n"
# By hand: 8*27 + 8 weights and biases, 16 of the BatchNorm, 392*10 + 10; 8*27 and 392*10 multiply.
PARAMS, MACS = 224 + 16 + 3930, 900 * 216 + 3920


OPEN = """\
inputs: {data: [N, 3, H, W]}
layers:
  - {name: conv, type: Convolution, num_output: 4, kernel_size: 3, pad: 1, stride: 2}
"""


def said(expect: str) -> list[Diagnostic]:
    return found(f"{START}expect: {expect}\n{NET}")


@pytest.mark.parametrize(
    "expect",
    [
        f"{{params: {PARAMS}, macs: {MACS}, layers: 4, buffers: 16, trainable_params: {PARAMS}}}",
        "{params: about 4.2 k, macs: about 0.2 M}",
        "{params: about 4.17e3, macs: about 198 k}",
        '{params: "<= 4170", macs: "< 198321"}',
        '{params: ">= 4.1 k", macs: "> 198319"}',
        "{params: {at_least: 4 k, at_most: 5e3}}",
        "{params: [4170, about 4.2 k, {at_most: 5 k}]}",
        "{params: {exactly: 4170, source: someone}}",
        '{params: "4,170"}',
        "{params: {about: 5 k, differs: they count otherwise}}",
        "{params: $(4000 + 170)}",
        "{activations: $(8 * 900 * 2 + 8 * 49 + 10)}",
        "{outputs: {fc: [N, 10], conv: [N, 8, 30, 30], data: [N, 3, 32, 32]}}",
        "{outputs: {conv: [N, $width, $(32 - 2), 30]}}",
        "{outputs: [{fc: [N, 10]}, {fc: {exactly: [N, 10], source: someone}}]}",
        "{outputs: {fc: {exactly: [N, 100], differs: ten digits}}}",
        "{outputs: {fc: {exactly: [7, 10], at: {N: 7}}}}",
        "{at: {N: 7}, outputs: {fc: [7, 10]}, params: 4170}",
        "[{source: one, params: 4170}, {source: two, params: about 4.2 k}]",
        "{params: []}",
        "{}",
    ],
)
def test_what_holds(expect: str) -> None:
    assert said(expect) == []


@pytest.mark.parametrize(
    ("expect", "message"),
    [
        ("{params: 4171}", "`params` should be 4,171, but is 4,170"),
        ("{params: about 4.3 k}", "`params` should be about 4.3 k, but is 4,170"),
        ("{params: about 4.20 k}", "`params` should be about 4.20 k, but is 4,170"),
        ("{params: about 4000}", "`params` should be about 4,000, but is 4,170"),
        ("{macs: <= 198319}", "`macs` should be at most 198,319, but is 198,320"),
        ("{macs: < 198320}", "`macs` should be less than 198,320, but is 198,320"),
        ('{macs: "> 198320"}', "`macs` should be more than 198,320, but is 198,320"),
        ("{macs: {at_least: 1 M, at_most: 2 M}}", "`macs` should be at least 1 M, but is 198,320"),
        ("{macs: [about 0.2 M, 3]}", "`macs` should be 3, but is 198,320"),
        (
            "{params: {about: 4.2 k, differs: so they say}}",
            "`params` should differ from about 4.2 k, but is 4,170",
        ),
        ("{outputs: {fc: [N, 11]}}", "`outputs` of `fc` should be N×11, but is N×10"),
        ("{outputs: {fc: [1, 10]}}", "`outputs` of `fc` should be 1×10, but is N×10"),
        ("[{params: 4170}, {params: 1}]", "`params` should be 1, but is 4,170"),
    ],
)
def test_what_does_not_hold(expect: str, message: str) -> None:
    (only,) = said(expect)
    assert (only.code, only.message) == ("unmet-expectation", message)


def test_a_failure_stands_at_its_line_and_names_the_heaviest_layers() -> None:
    (only,) = said('{macs: {at_most: 100 k, source: "A budget"}}')
    assert only.span is not None
    assert (only.span.line, only.span.column) == (6, 26)
    assert only.notes == (
        "source: A budget",
        "most of it: conv 194,400 (98.0%), fc 3,920 (2.0%)",
    )


def test_a_figure_of_an_unknown_blob() -> None:
    check(
        f"{START}expect: {{outputs: {{«cnv: [1]}}}}\n{NET}",
        ("unknown-name", "no output, layer or blob is called `cnv`", "did you mean `conv`?"),
    )


def test_shapes_of_scopes() -> None:
    text = read_location(locate("resnet50")).text
    old = "    conv1: [N, 64, 112, 112]\n"
    more = "    layer1.0: [N, 256, 56, 56]\n    layer4.2.bn1: [N, 512, 7, 7]\n"
    assert text.count(old) == 1
    source = SourceText("net.yaml", text.replace(old, old + more))
    assert check_text(source, Location(None, "net.yaml", "resnet50")).sorted() == []


def test_several_blobs() -> None:
    text = f"""{HEAD}inputs: {{data: [N, 4]}}
expect: {{outputs: {{cut: [N, 2]}}}}
layers:
  - {{name: cut, type: Slice, top: [a, b]}}
outputs: [a, b]
"""
    (only,) = found(text)
    assert only.message == "`cut` gives 2 blobs, not one"


# ---- memory, depth and receptive fields


def test_memory_is_that_of_the_network() -> None:
    network = loads(START + NET)
    adam, small = network.memory(batch=32), network.memory(batch=2, precision="float16")
    expect = (
        f"{{training_memory: {{exactly: {adam.peak_bytes} B, batch: 32}}, "
        f'inference_memory: {{exactly: "{small.inference_peak_bytes} bytes", batch: 2, '
        f"precision: float16}}, weight_bytes: {network.memory().weight_bytes} B, depth: 2}}"
    )
    assert said(expect) == []


def test_memory_over_its_budget_names_what_lies_there() -> None:
    (only,) = said("{training_memory: {at_most: 1 MiB, batch: 32, optimizer: SGD}}")
    assert only.message.startswith("`training_memory` should be at most 1 MiB, but is ")
    assert " MiB" in only.message
    (note,) = only.notes
    assert note.startswith("most of it: ")
    assert note.count("%") == 3


def test_memory_of_an_open_size() -> None:
    check(
        f"{HEAD}expect: {{«training_memory: <= 1 GiB}}\n{OPEN}",
        ("symbolic-size", "`training_memory` is no formula in H and W, but the most of several"),
    )


def test_memory_of_another_batch_than_the_spec_fixes() -> None:
    text = f"{START}expect: {{training_memory: {{at_most: 1 GiB, batch: 2}}}}\n{NET}"
    (only,) = found(text.replace("[N, 3", "[4, 3"))
    assert (only.code, "`batch` is 4 in the spec" in only.message) == ("bad-value", True)


@pytest.mark.parametrize(
    "field", ["{conv: 3, pool: [8, 8], data: 1}", "[{conv: 3}, {conv: {exactly: [3, 3]}}]"]
)
def test_receptive_fields(field: str) -> None:
    assert said(f"{{receptive_field: {field}}}") == []


def test_a_receptive_field_that_is_all() -> None:
    text = (
        HEAD
        + "inputs: {data: [N, T, 8]}\nlayers: [{name: a, type: MultiHeadAttention, heads: 2}]\n"
    )
    assert found(text + "expect: {receptive_field: {a: all}}\n") == []
    (only,) = found(text + "expect: {receptive_field: {a: 7}}\n")
    assert only.message == "`receptive_field` of `a` should be 7, but is all"


def test_what_can_be_expected_is_what_can_be_found() -> None:
    named = {name for name, figure in FIGURES.items() if figure.named}
    assert named == {"outputs", "receptive_field"}
    assert FIGURES.keys() - named == MEASURES.keys() | PEAKS.keys() | {"weight_bytes"}
    assert CONDITIONS["optimizer"] == tuple(OPTIMIZERS)
    assert CONDITIONS["precision"] == PRECISIONS


# ---- variants


def test_a_variant_says_its_own() -> None:
    text = START + "variants: {a: {width: 16, expect: {params: 8330}}, b: {}}\n"
    assert found(f"{text}expect: {{params: 4170, outputs: {{fc: [N, 10]}}}}\n{NET}") == []


def test_what_a_file_expects_holds_of_every_variant() -> None:
    text = START + "variants: {a: {width: 16}, b: {width: 4}, c: {width: 32}}\n"
    (only,) = found(f"{text}expect: {{params: <= 5 k}}\n{NET}")
    assert only.message == "`params` should be at most 5 k, but is 8,330"
    assert only.notes[1:] == ("in variant a", "in variant c: 16,650")


def test_one_variant_alone() -> None:
    text = START + "variants: {a: {width: 16}, b: {width: 4}}\nexpect: {params: <= 5 k}\n" + NET
    source = SourceText("net.yaml", text)
    assert len(check_text(source, Location(None, "net.yaml", "a")).sorted()) == 1
    assert check_text(source, Location(None, "net.yaml", "b")).sorted() == []


def test_only_check_judges() -> None:
    text = f"{START}expect: {{params: 1}}\n{NET}"
    assert loads(text).params == PARAMS
    assert "expect" not in loads(text).summary()


def test_overrides_make_another_network() -> None:
    source = SourceText("net.yaml", f"{START}expect: {{params: 4170}}\n{NET}")
    location = Location(None, "net.yaml")
    assert check_text(source, location, Overrides(variables={"width": 9})).sorted() == []
    assert check_text(source, location, Overrides(inputs={"data": [1, 3, 8, 8]})).sorted() == []


def test_the_ledger_of_a_stock_spec_is_held() -> None:
    """A figure that a paper prints, and one that the network is known not to have."""
    text = read_location(locate("resnet34")).text
    for old, new, message in (
        ("macs: about 3.664 G", "macs: about 3.665 G", "should be about 3.665 G, but is 3,663,761"),
        ("{about: 3.6 G,", "{about: 3.66 G,", "should differ from about 3.66 G, but is"),
    ):
        assert text.count(old) == 1
        source = SourceText("net.yaml", text.replace(old, new))
        (only,) = check_text(source, Location(None, "net.yaml", "resnet34")).sorted()
        assert message in only.message


# ---- symbolic sizes


def test_a_formula_is_judged_at_sizes() -> None:
    expect = (
        "{macs: {exactly: $(108 * 16 * 16), at: {H: 32, W: 31}}, params: 112, "
        "outputs: {conv: [N, 4, ceil(H/2), ceil( W/2 )]}}"
    )
    assert found(f"{HEAD}expect: {expect}\n{OPEN}") == []
    assert netspec.loads(HEAD + OPEN, inputs={"data": [1, 3, 32, 31]}).macs == 108 * 16 * 16


def test_a_formula_is_no_number() -> None:
    check(
        f"{HEAD}expect: {{«macs: 27648}}\n{OPEN}",
        (
            "symbolic-size",
            "`macs` is a formula in H and W: 108*ceil(H/2)*ceil(W/2)",
            "say at which sizes it is meant: `at: {H: 224, W: 224}`",
        ),
    )


def test_a_symbol_that_no_input_has() -> None:
    check(
        f"{HEAD}expect: {{«macs: {{exactly: 27648, at: {{H: 32, V: 32}}}}}}\n{OPEN}",
        ("unknown-name", "no size of an input is called `V`"),
    )


def test_not_at_any_number_of_sizes() -> None:
    listed = ", ".join(f"{{at_least: 1, at: {{H: {size}, W: 9}}}}" for size in range(1, 30))
    assert [each.code for each in found(f"{HEAD}expect: {{macs: [{listed}]}}\n{OPEN}")] == [
        "too-large"
    ]


def test_not_any_number_of_statements_in_any_number_of_variants() -> None:
    variants = ", ".join(f"v{number}: {{}}" for number in range(300))
    many = ", ".join(["0"] * 1000)
    text = f"{HEAD}inputs: {{data: [N, 3]}}\nvariants: {{{variants}}}\n"
    (only,) = found(f"{text}expect: {{params: [{many}]}}\nlayers: [{{type: ReLU}}]\n")
    assert only.message == "more is expected, of all variants together, than can be judged"


def test_not_any_number_of_statements() -> None:
    (only,) = said(f"{{params: [{', '.join(['4170'] * 10_001)}]}}")
    assert (only.code, only.message) == ("too-large", "a spec expects more than 10,000 things")


# ---- form


@pytest.mark.parametrize(
    ("expect", "mistake"),
    [
        ("«x", ("wrong-type", "`expect` should be a mapping or a list, not 'x'")),
        ("[«3]", ("wrong-type", "`expect` should be a mapping, not 3")),
        (
            "{«parms: 3}",
            ("unknown-field", "no figure of a network is called `parms`", "mean `params`?"),
        ),
        ("{«peak_bytes: 3 B}", ("unknown-field", "`peak_bytes`", "called `training_memory`")),
        ("{«weights: 3}", ("unknown-field", "is called `weights`", "figures are `params`, ")),
        ("{params: «true}", ("wrong-type", "`params` should be a number, `25.6 M`, ")),
        ("{params: «many}", ("bad-value", "`params`: 'many' is no amount", "write a number")),
        ("{params: «-3}", ("bad-value", "`params`: '-3' is no amount")),
        ("{params: «3 GiB}", ("bad-value", "ends in `GiB`, not in `k`, `K`, `M`, `G` or `T`")),
        ("{params: «}", ("wrong-type", "`params` has no value")),
        ("{params: {exactly: «<= 3}}", ("bad-value", "`exactly`: '<= 3' is no amount")),
        ("{params: {«exact: 3}}", ("unknown-field", "nothing is said of `params` by `exact`")),
        ("{params: {«source: x}}", ("missing-field", "one of `exactly`, `about`, `at_most` or")),
        ("{params: {exactly: 3, «about: 3}}", ("field-conflict", "exclude each other")),
        ("{params: {at_most: 3, «differs: x}}", ("field-conflict", "`differs` says that a figure")),
        ("{params: {exactly: 3, source: «4}}", ("wrong-type", "`source` should be text, not 4")),
        ("{params: {exactly: 3, at: «4}}", ("wrong-type", "`at` should map symbols to sizes")),
        ("{at: «{H: 0}}", ("wrong-type", "`at` should map symbols to sizes")),
        ("{outputs: «[N, 10]}", ("wrong-type", "`outputs` should map names to what is expected")),
        ("{outputs: {fc: «10}}", ("wrong-type", "`outputs` should be a list of 1 to 8 sizes")),
        ("{outputs: {fc: «[N, 1.5]}}", ("wrong-type", "a size is an integer or a formula")),
        ("{outputs: {fc: {«about: [N, 10]}}}", ("field-conflict", "`exactly`, not `about`")),
        ("{training_memory: «8}", ("bad-value", "'8' has no unit", "an amount such as `8 GiB`")),
        ("{training_memory: {at_most: «8 M}}", ("bad-value", "ends in `M`, not in `B`, ")),
        ("{training_memory: {at_most: 8 B, batch: «0}}", ("wrong-type", "a number of items")),
        (
            "{training_memory: {at_most: 8 B, optimizer: «adam}}",
            ("bad-value", "`optimizer` should be SGD, momentum, Adam or AdamW", "mean `Adam`?"),
        ),
        ("{params: {at_most: 8, «batch: 2}}", ("unknown-field", "nothing is said of `params`")),
        ("{receptive_field: {conv: «0}}", ("wrong-type", "a size such as `7`, a list of them")),
        ("{receptive_field: {conv: {«at_most: 3}}}", ("field-conflict", "one thing `exactly`")),
        ("{params: $«nobody}", ("unknown-name", "no var is called `nobody`")),
        ("{params: $(«1 // 0)}", ("expression-value", "division by zero")),
    ],
)  # fmt: skip
def test_mistakes_of_form(expect: str, mistake: Any) -> None:
    text = f"{START}expect: {expect}\n{NET}"
    errors = found(text.replace("«", ""))
    line = text.splitlines()[5]
    first = errors[0]
    assert first.span is not None
    assert (first.span.line, first.span.column) == (6, line.index("«") + 1)
    code, message, *help = mistake
    assert first.code == code
    assert message in first.message
    assert all(words in (first.help or "") for words in help)


def test_no_var_is_called_so() -> None:
    text = HEAD + "inputs: {data: [N, 3]}\nvars: {expect: 3}\nlayers: [{type: ReLU}]\n"
    assert "name-conflict" in [each.code for each in found(text)]


def test_what_an_expectation_reads_counts_as_read() -> None:
    text = HEAD + "inputs: {data: [N, 3]}\nvars: {budget: 0}\n"
    assert found(text + "expect: {params: <= $budget}\nlayers: [{type: ReLU}]\n") == []


def test_a_copy_of_ones_own_expects_nothing() -> None:
    for name in ("lenet", "resnet18", "vgg16"):
        text = own_text(name)
        assert "expect" not in text
        assert load(name).params == loads(text).params
