"""What is offered at the cursor, in texts that are as broken as what is being written."""

from pathlib import Path

import pytest

from netspec.editor.cursor import cursor_at
from netspec.editor.session import Session
from netspec.language.keys import ENTRY_KEYS
from netspec.language.models import SpecModel
from netspec.layers import CATALOGUE
from tests.editor.spec import SPEC

FLOW = "  - {name: new, type: "
BLOCK = "  - name: new\n    "


def offered(text: str) -> dict[str, str]:
    """What is offered at the `|` of a text that was SPEC before, each with a word on it."""
    session = Session("net.yaml", None, SPEC)
    session.keep(session.check())
    offset = text.index("|")
    session.text = text.replace("|", "", 1)
    found = session.complete(offset)
    assert found is not None
    return {each.label: each.detail for each in found[1]}


def within(line: str) -> str:
    """SPEC with another entry before the last."""
    return SPEC.replace("  - {name: fc", f"{line}\n  - {{name: fc")


@pytest.mark.parametrize(
    "text",
    [
        within(FLOW + "|}"),
        within(FLOW + "|"),
        within(FLOW + "Poo|l, kernel"),
        within(BLOCK + "type: |"),
        SPEC.replace("outputs: [fc, pool]\n", FLOW + "|"),
        within("  - {name: a, weight_filler: {type: msra, type: [\n" + FLOW + "Inn|"),
    ],
)
def test_types(text: str) -> None:
    assert list(offered(text)) == ["unit", *CATALOGUE]


@pytest.mark.parametrize(
    "text",
    [
        within(FLOW + "InnerProduct, |}"),
        within(FLOW + "InnerProduct, num|"),
        within("  - {|, type: InnerProduct}"),
        within(BLOCK + "type: InnerProduct\n    |"),
        within(BLOCK + "num|\n    type: InnerProduct"),
    ],
)
def test_fields_of_a_type_that_are_not_given(text: str) -> None:
    found = offered(text)
    assert found["num_output"] == "integer ≥ 1; required"
    assert found["bias_term"] == "true or false; true unless given"
    assert set(found) - set(CATALOGUE["InnerProduct"].model_fields) == set(ENTRY_KEYS) - (
        {"type", "name"} if "name: new" in text else {"type"}
    )


def test_args_are_the_fields_of_a_block() -> None:
    found = offered(within(FLOW + "unit, |}"))
    assert [*found.items()][:2] == [("planes", "arg; required"), ("step", "arg; 1 unless given")]
    assert "planes" in offered(within(FLOW + "$block, |}"))


@pytest.mark.parametrize(
    "text",
    [
        within(FLOW + "ReLU, bottom: |}"),
        within(FLOW + "ReLU, bottom: fea|"),
        within(FLOW + "Eltwise, bottom: [stem, |"),
        within(FLOW + "Eltwise, bottom: [stem, |]}"),
        within(BLOCK + "type: ReLU\n    bottom: |"),
        within(BLOCK + "bottom:\n      - |\n    type: ReLU"),
    ],
)
def test_bottoms_are_what_stands_before(text: str) -> None:
    found = offered(text)
    assert list(found) == [
        *("pool", "features", "last", "body", "stem", "data", "input", "previous")
    ]
    assert found["pool"] == "Pooling, N×8×1×1"
    assert found["features"] == "group, N×8×32×32"


def test_bottoms_of_a_group_and_a_block() -> None:
    group = SPEC.replace("bottom: [a, stem, body.0.conv]", "bottom: [|")
    assert list(offered(group)) == ["a", "last", "body", "stem", "data", "input", "previous"]
    block = SPEC.replace("bottom: [conv, scale]", "bottom: [conv, |]")
    assert list(offered(block)) == ["scale", "conv", "input", "previous"]


def test_a_path_goes_on_inside() -> None:
    assert list(offered(within(FLOW + "ReLU, bottom: body.|"))) == ["body.*", "body.0", "body.1"]
    inner = offered(within(FLOW + "ReLU, bottom: body.0.|"))
    assert list(inner) == ["body.0.conv", "body.0.scale", "body.0.sum"]
    assert list(offered(within(FLOW + "ReLU, bottom: features.|"))) == ["features.a", "features.b"]
    assert offered(within(FLOW + "ReLU, bottom: nothing.|")) == {}


def test_values_of_expressions() -> None:
    found = offered(within(FLOW + "InnerProduct, num_output: $|"))
    assert [*found.items()][:2] == [("width", "8"), ("block", "unit")]
    assert {"stem", "input", "min"} <= set(found)
    found = offered(SPEC.replace("num_output: $planes", 'num_output: "$(2 * pl|'))
    assert [*found.items()][:2] == [("planes", "required"), ("step", "1")]
    assert "width" in offered(within(FLOW + 'unit, step: "$(1 + 1)", planes: $|}'))
    assert "width" not in offered(within(FLOW + 'unit, step: "$(1 + 1)", planes: |}'))
    found = offered(SPEC.replace("planes: $width}", "planes: $(4 * |}"))
    assert next(iter(found.items())) == ("i", "number of the instance")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SPEC.replace("pool: AVE", "pool: |"), ["MAX", "AVE", "L2", "STOCHASTIC"]),
        (SPEC.replace("global_pooling: true", "global_pooling: |"), ["true", "false"]),
        (within(FLOW + "ReLU, phase: |}"), ["TRAIN", "TEST"]),
        (
            within(FLOW + "InnerProduct, weight_filler: {type: |}}"),
            ["constant", "gaussian", "uniform", "xavier", "msra", "positive_unitball", "bilinear"],
        ),
        (
            SPEC.replace("[N, 3, 32, 32]", "{shape: [N, 3, 32, 32], dtype: |}"),
            ["float32", "float16", "float64", "int32", "int64", "bool"],
        ),
        (SPEC.replace("step: 1", "step: |"), ["required", "true", "false"]),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert list(offered(text)) == words


def test_keys_of_the_rest() -> None:
    top = offered(SPEC + "re|")
    assert set(top) == set(SpecModel.model_fields)
    variant = offered(SPEC.replace("wide: {width: 16}", "wide: {|}"))
    assert list(variant) == ["doc", "source", "task", "year", "width", "block"]
    block = offered(SPEC.replace("    doc: A unit.\n", "    |\n"))
    assert "state_order" in block
    assert "layers" not in block
    codes = offered(SPEC + "allow: [|]")
    assert "unused-arg" in codes
    filler = offered(within(FLOW + "InnerProduct, bias_filler: {|}}"))
    assert "variance_norm" in filler
    first = offered(SPEC.replace("repeat: 2,", "repeat: 2, first: {|},"))
    assert list(first) == ["planes", "step"]
    param = offered(within(FLOW + "InnerProduct, param: [{|}]}"))
    assert list(param) == ["name", "lr_mult", "decay_mult"]


@pytest.mark.parametrize("text", [SPEC + "# layers: |", within(FLOW + "ReLU} # |")])
def test_nothing_is_offered_in_a_comment(text: str) -> None:
    assert cursor_at(text.replace("|", ""), text.index("|")) is None


def test_a_text_that_was_broken_from_the_start() -> None:
    text = within(FLOW + "Eltwise, bottom: [stem, |")
    session = Session("net.yaml", None, text.replace("|", ""))
    session.keep(session.check())
    assert session.good is None
    found = session.complete(text.index("|"))
    assert found is not None
    # What stands in an entry that YAML can't read isn't known; the rest is.
    assert {"stem", "body", "features"} <= {each.label for each in found[1]}


def test_nothing_is_offered_in_other_files() -> None:
    session = Session("compose.yaml", None, "services:\n  type: \n")
    session.keep(session.check())
    assert session.complete(17) is None
    assert session.latest is not None
    assert session.latest.diagnostics == ()


def test_every_place_of_every_prefix_has_an_answer() -> None:
    """Nothing that is half written makes it fail."""
    session = Session("net.yaml", None, SPEC)
    session.keep(session.check())
    for end in range(0, len(SPEC), 3):
        session.text = SPEC[:end]
        session.complete(end)
        session.text = SPEC[:end] + SPEC[end + 7 :]
        session.complete(end)


def test_a_used_file_brings_its_blocks(tmp_path: Path) -> None:
    blocks = "netspec: 1\nblocks:\n  twice:\n    args: {by: 2}\n    layers:\n      - {type: ReLU}\n"
    (tmp_path / "blocks.yaml").write_text(blocks)
    text = SPEC.replace("name: Net\n", "name: Net\nuse: blocks.yaml\n")
    session = Session("net.yaml", tmp_path, text)
    session.keep(session.check())
    session.text = text.replace("  - {name: fc", FLOW + "\n  - {name: fc")
    found = session.complete(session.text.index(FLOW) + len(FLOW))
    assert found is not None
    assert [each.label for each in found[1]][:2] == ["twice", "unit"]
