"""YAML to values with places: positions, anchors, limits and mistakes."""

import pytest

from netspec.diagnostics import Diagnostics, SourceText, SpecError
from netspec.source import Mapping, Scalar, Sequence, decode, read
from netspec.source.reader import MAX_DEPTH


def value(text: str) -> object:
    diagnostics = Diagnostics()
    found = read(SourceText("x.yaml", text), diagnostics).plain()
    assert not diagnostics.has_errors
    return found


def error(text: str) -> str:
    with pytest.raises(SpecError) as caught:
        read(SourceText("x.yaml", text), Diagnostics())
    (diagnostic,) = caught.value.diagnostics
    return f"{diagnostic.span}: {diagnostic.code}: {diagnostic.message}"


def test_values() -> None:
    assert value("{a: 1, b: [x, 2.5, {c: 'no'}], d: |\n  text\n}".replace("|\n  text\n", "t")) == {
        "a": 1,
        "b": ["x", 2.5, {"c": "no"}],
        "d": "t",
    }


def test_places() -> None:
    text = "a: 1\nb:\n  - xyz\n  - {c: 'd'}\n"
    top = read(SourceText("x.yaml", text), Diagnostics())
    assert isinstance(top, Mapping)
    items = top["b"]
    assert isinstance(items, Sequence)
    word, inner = items.items
    assert isinstance(inner, Mapping)
    assert isinstance(word, Scalar)
    assert str(word.span) == "x.yaml:3:5"
    assert (word.span.end_line, word.span.end_column) == (3, 8)
    assert str(inner.keys["c"].span) == "x.yaml:4:6"
    quoted = inner["c"]
    assert isinstance(quoted, Scalar)
    assert quoted.quoted
    assert quoted.part(0, 1).column == 10


def test_columns_count_characters_and_lines_count_as_yaml_does() -> None:
    top = read(SourceText("x.yaml", "é: 'ü'\r\nb: [α, β]\n"), Diagnostics())
    assert isinstance(top, Mapping)
    items = top["b"]
    assert isinstance(items, Sequence)
    assert str(items.items[1].span) == "x.yaml:2:8"


def test_anchors_aliases_and_merges() -> None:
    assert value("a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}\nc: *x\n") == {
        "a": {"p": 1, "q": 2},
        "b": {"q": 3, "p": 1},
        "c": {"p": 1, "q": 2},
    }
    assert value("a: &x {p: 1}\nb: &y {p: 2, q: 2}\nc: {<<: [*x, *y]}\n") == {
        "a": {"p": 1},
        "b": {"p": 2, "q": 2},
        "c": {"p": 1, "q": 2},
    }
    assert value("a: &x k\nb: {*x : 1}\n") == {"a": "k", "b": {"k": 1}}


def test_a_quoted_merge_key_is_a_key() -> None:
    assert value("'<<': {a: 1}") == {"<<": {"a": 1}}


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("a: 1\nb: 2\na: 3\n", ["x.yaml:3:1: `a` is given twice, first in line 1"]),
        ("x: {1: a, 1: b}", ["x.yaml:1:11: `1` is given twice, first in line 1"]),
        ("a: &a {}\nb: {<<: *a, <<: *a}", ["x.yaml:2:13: `<<` is given twice"]),
    ],
)
def test_a_key_given_twice(text: str, places: list[str]) -> None:
    diagnostics = Diagnostics()
    read(SourceText("x.yaml", text), diagnostics)
    assert [f"{each.span}: {each.message}" for each in diagnostics.sorted()] == places


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "None: empty-spec: x.yaml is empty"),
        ("# only a comment\n", "None: empty-spec: x.yaml is empty"),
        ("---\n---\n", "x.yaml:2:1: yaml-unsupported: a spec is one YAML document"),
        ("a: !!str 5", "x.yaml:1:4: yaml-unsupported: specs have no YAML tags: `!!str`"),
        ("a: !own 5", "x.yaml:1:4: yaml-unsupported: specs have no YAML tags: `!own`"),
        ("? [a, b]\n: 1", "x.yaml:1:3: yaml-unsupported: a key is a name"),
        ("{a: [1, 2}", "x.yaml:1:10: yaml-syntax: "),
        ("a: b: c", "x.yaml:1:5: yaml-syntax: mapping values are not allowed"),
        ("a:\n\t- b", "x.yaml:2:1: yaml-syntax: "),
        ("a: *b", "x.yaml:1:4: yaml-syntax: no anchor &b stands before this"),
        ("a: &a [*a]", "x.yaml:1:8: alias-expansion: *a contains itself"),
        ("a: {<<: 5}", "x.yaml:1:9: wrong-type: `<<` merges a mapping"),
        ("a: " + "9" * 30, "x.yaml:1:4: too-large: an integer of over 64 bits"),
        ("a: " + "x" * 70_000, "x.yaml:1:4: too-large: a string of 70,000 characters"),
        ("a: \x07", "x.yaml:1:4: not-text: a character that YAML doesn't allow"),
        ("b: 1\na: \ud800", "x.yaml:2:4: not-text: half of a character"),
        ("[" * 101, "x.yaml:1:101: too-deep: nested more than 100 levels deep"),
        ("[" * 100_000, "x.yaml:1:101: too-deep: nested more than 100 levels deep"),
        ("{a: " * 100_000, "x.yaml:1:401: too-deep: nested more than 100 levels deep"),
        ("- " * 100_000, "x.yaml:1:201: too-deep: nested more than 100 levels deep"),
        ("[" * 50 + "é, " + "[" * 5000, "x.yaml:1:104: too-deep: nested more than 100 levels deep"),
    ],
)
def test_what_cannot_be_read(text: str, expected: str) -> None:
    assert error(text).startswith(expected)


def test_a_bomb_of_aliases() -> None:
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert "alias-expansion: aliases expand to more than 200,000 values" in error("\n".join(lines))


def test_aliases_do_not_nest_deeper_than_text() -> None:
    lines = ["a0: &a0 [1]"] + [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 200)]
    assert error("\n".join(lines)).startswith(f"x.yaml:{MAX_DEPTH}:")


def test_bytes() -> None:
    assert decode(b"\xef\xbb\xbfa: 1", "x").text == "a: 1"
    with pytest.raises(SpecError, match="x is not UTF-8 text \\(byte 4, line 2\\)"):
        decode(b"a: \n\xff\xfe", "x")
    with pytest.raises(SpecError, match="x is larger than 16 MiB"):
        decode(b" " * (2**24 + 1), "x")
