"""Hovers, hints, outlines and changes that a help line proposes."""

from pathlib import Path

import pytest

from netspec.editor.actions import actions
from netspec.editor.hints import hints
from netspec.editor.hover import hover
from netspec.editor.occurrences import Occurrences
from netspec.editor.outline import Symbol, outline
from netspec.editor.snapshot import is_library, is_ours, take
from netspec.layers import CATALOGUE
from netspec.layers.page import page
from tests.editor.spec import SPEC, at, read


def hovered(place: str) -> str:
    found = hover(read(), at(place))
    assert found is not None
    return found.text


def test_a_layer_shows_what_it_gives_and_its_page() -> None:
    text = hovered("type: Conv|olution, num_output: $width")
    # 3×3 windows of 3 channels and a bias for each of 8 filters, at 32×32 places.
    assert text.startswith("```text\nstem: N×8×32×32\n  224 parameters, 221,184 MACs\n```\n\n")
    assert text.endswith(page(CATALOGUE["Convolution"]).rstrip() + "\n```")


def test_each_instance_of_a_block_is_shown() -> None:
    text = hovered("type: Pow|er")
    assert [line.partition(":")[0] for line in text.splitlines()[1:6:2]] == [
        "body.0.scale",
        "body.1.scale",
        "last.scale",
    ]


def test_a_bottom_shows_what_it_names() -> None:
    assert hovered("[a, st|em").startswith("```text\nstem: N×8×32×32\n")


def test_a_field_shows_its_line() -> None:
    assert hovered("global_po|oling") == (
        "```text\nglobal_pooling: true or false; false unless given\n```\n\n"
        "one window, the whole image"
    )
    assert hovered("bott|om: features.b").endswith("what it reads; what stands before unless said")
    assert hovered("plan|es: $width").startswith("```yaml\nplanes: required\n")


def test_a_value_shows_what_it_is() -> None:
    assert hovered("$wid|th, kernel") == "```yaml\nwidth = 8\n```"
    assert hovered("$pla|nes") == (
        "```yaml\nplanes: required\n  body.0: 8\n  body.1: 8\n  last: 8\n```"
    )


def test_a_hover_cannot_break_out_of_its_code() -> None:
    text = SPEC.replace("doc: A unit.", "doc: 'x ``` <b>[a](http://b)'")
    found = hover(read(text), at("type: un|it, planes", text))
    assert found is not None
    assert "\n````text\n" in found.text or found.text.startswith("````text\n")


def test_there_is_nothing_to_say_of_the_rest() -> None:
    assert hover(read(), at("na|me: Net")) is None
    assert hover(read(), 0) is None


def test_hints_stand_behind_their_entries() -> None:
    found = hints(read().snapshot, at("|layers:\n  - {name: stem"), len(SPEC))
    told = {SPEC[: each.offset].rpartition("\n")[2].strip(): each.text for each in found}
    assert told["type: Pooling"] == "N×8×1×1"
    assert told["- {name: fc, type: InnerProduct, num_output: 10, bottom: features.b}"] == "N×10"
    assert len(found) == 8


def test_instances_of_several_shapes_show_the_first_and_the_last() -> None:
    names = Occurrences(take(SPEC.replace("planes: $width}", "planes: '$(2 ** i * 8)'}"), "x"))
    found = hints(names.snapshot, 0, len(SPEC))
    assert "N×8×32×32 … N×16×32×32" in [each.text for each in found]


def test_the_outline() -> None:
    def shown(symbols: tuple[Symbol, ...]) -> list[object]:
        return [(each.name, each.kind, shown(each.parts)) for each in symbols]

    document = read().document
    assert [each.name for each in outline(document)] == [
        "inputs",
        "vars",
        "variants",
        "blocks",
        "layers",
    ]
    assert shown(outline(document)[3].parts) == [
        (
            "unit",
            "block",
            [("conv", "layer", []), ("scale", "layer", []), ("sum", "layer", [])],
        )
    ]
    assert shown(outline(document)[4].parts)[3] == (
        "features",
        "group",
        [("a", "layer", []), ("b", "layer", [])],
    )


@pytest.mark.parametrize(
    ("old", "new", "written"),
    [
        ("type: Pooling", "type: Poolin", "Pooling"),
        ("global_pooling", "global_poling", "global_pooling"),
        ("pool: AVE", "pool: AVG", "AVE"),
        ("bottom: features.b", "bottom: featurs.b", "features.b"),
        ("$width, kernel", "$widht, kernel", "width"),
        ("name: pool", "name: 1.5", '"1.5"'),
        ("inputs:", "input:", "inputs"),
        ("outputs: [fc, pool]", "allow: [unused-layr]", "unused-layer"),
        ("pool: AVE", "pool: 3", None),
        ("num_output: 10", "out_features: 10", "num_output"),
    ],
)
def test_a_help_line_that_says_what_to_write_is_a_change(
    old: str, new: str, written: str | None
) -> None:
    text = SPEC.replace(old, new, 1)
    snapshot = take(text, "net.yaml")
    found = [each.text for each in actions(snapshot, 0, len(text))]
    assert found[:1] == ([] if written is None else [written])


def test_what_is_ours() -> None:
    assert is_ours(SPEC)
    assert is_ours('# a net\n"netspec" : 1\n')
    assert not is_ours("recipe: 1\nnet: a.yaml\n")
    assert not is_ours("services:\n  netspec: 1\n")


def test_a_file_of_blocks_is_checked_as_one(tmp_path: Path) -> None:
    text = "netspec: 1\nblocks:\n  a:\n    layers:\n      - {type: ReLu, negative_slop: 0.1}\n"
    assert is_library(text)
    found = take(text, "blocks.yaml", tmp_path)
    assert [(each.code, each.help) for each in found.diagnostics] == [
        ("unknown-type", "did you mean `ReLU`?")
    ]


def test_what_is_no_yaml_has_no_document() -> None:
    found = take(SPEC + "  - {a: [", "net.yaml")
    assert found.document is None
    assert [each.code for each in found.diagnostics] == ["yaml-syntax"]
