"""Names that are changed wherever they stand."""

import pytest

from netspec.editor.occurrences import Occurrences
from netspec.editor.rename import CannotRename, applied, rename
from netspec.editor.snapshot import take
from tests.editor.spec import SPEC, at, read


@pytest.mark.parametrize(
    ("place", "new", "lines"),
    [
        ("{name: st|em", "trunk", [16, 18, 22]),
        ("features.b|}", "out", [22, 27]),
        ("feat|ures.b", "f", [19, 27]),
        ("body.0.co|nv", "c1", [12, 14, 22]),
        ("$wid|th, kernel", "w", [4, 6, 16, 17]),
        ("$pla|nes", "channels", [10, 12, 17, 18]),
        ("type: un|it, planes", "cell", [4, 8, 18]),
        ("[fc, po|ol]", "average", [23, 28]),
        ("inputs: {da|ta", "image", [3]),
    ],
)
def test_a_name_is_changed_wherever_it_stands(place: str, new: str, lines: list[int]) -> None:
    edits = rename(read(), at(place), new)
    assert [SPEC[: each.start].count("\n") + 1 for each in edits] == lines
    assert {each.text for each in edits} == {new}
    after = take(applied(SPEC, edits), "net.yaml")
    assert after.diagnostics == ()


@pytest.mark.parametrize(
    ("place", "new", "reason"),
    [
        ("{name: st|em", "pool", "`pool` is the name of something else here, in line 16"),
        ("{name: st|em", "forward", "`forward` is an attribute of every PyTorch module"),
        ("{name: st|em", "a b", "a name is letters, digits and `_`, with `-` inside, or a plain "),
        ("$wid|th, kernel", "min", "`min` has a meaning of its own in expressions"),
        ("type: un|it, planes", "a-b", "a name is letters, digits and `_`"),
        ("ty|pe: unit", "x", "there is no name here that the spec defines"),
        ("{name: body, ty|pe", "x", "there is no name here that the spec defines"),
    ],
)
def test_a_name_that_cannot_be_is_refused(place: str, new: str, reason: str) -> None:
    with pytest.raises(CannotRename) as refused:
        rename(read(), at(place), new)
    assert str(refused.value).startswith(reason)


def test_a_name_that_would_mean_another_layer_is_refused() -> None:
    text = SPEC.replace("bottom: [conv, scale]", "bottom: [conv, input]").replace(
        '      - {name: scale, type: Power, scale: "$(1.0 / input.channels)"}\n', ""
    )
    names = Occurrences(take(text, "net.yaml"))
    with pytest.raises(CannotRename):
        rename(names, at("{name: a|, type", text), "stem")


def test_a_name_by_an_expression_is_refused() -> None:
    text = SPEC.replace("{name: body,", '{name: "body$i",').replace("body.0.conv", "body0.conv")
    with pytest.raises(CannotRename, match="holds an expression"):
        rename(read(text), at("bod|y0.conv", text), "x")


def test_quotes_stay() -> None:
    text = SPEC.replace("{name: stem", "{name: 'stem'").replace("[a, stem", '[a, "stem"')
    edits = rename(read(text), at("{name: 'st|em'", text), "trunk")
    assert "{name: 'trunk'" in applied(text, edits)
    assert '[a, "trunk"' in applied(text, edits)
