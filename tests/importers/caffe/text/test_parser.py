"""The text format to a tree: every form, where it stands, and what is wrong with one."""

import pytest

from netspec.diagnostics import Diagnostics, SourceText, SpecError
from netspec.importers.caffe.text import Field, Kind, Message, Token, parse, parser
from netspec.source.reader import MAX_DEPTH, MAX_SCALAR


def tree(text: str) -> Message:
    diagnostics = Diagnostics()
    found = parse(SourceText("x", text), diagnostics)
    diagnostics.raise_errors()
    return found


def plain(message: Message) -> list[object]:
    """Names and values alone; a string in quotes, all else as it's written."""
    return [(each.name, written(each)) for each in message.fields]


def written(field: Field) -> object:
    value = field.value
    if isinstance(value, Message):
        return plain(value)
    return f"'{value.text}'" if value.kind is Kind.STRING else value.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("# nothing\n", []),
        ("a: 1", [("a", "1")]),
        ("a:1 b : x,c: 'y' ; d { }", [("a", "1"), ("b", "x"), ("c", "'y'"), ("d", [])]),
        ("a { b: 1 } a: { b: 2 } a < b: 3 >", [("a", [("b", n)]) for n in "123"]),
        ("a: < b { c < > } >", [("a", [("b", [("c", [])])])]),
        ("a # one\n: # two\n 1 # three\n , # four\n b: 2", [("a", "1"), ("b", "2")]),
        (
            "a: 'x' # one\n 'y' b { # two\n } # three\n ; c: 1",
            [("a", "'xy'"), ("b", []), ("c", "1")],
        ),
        ("a: [1, -2.5e3, inf] b: []", [("a", "1"), ("a", "-2.5e3"), ("a", "inf")]),
        ("a: ['x' \"y\", 'z'],", [("a", "'xy'"), ("a", "'z'")]),
        ("a [{b: 1}, <c: 2;>] a: [{}];", [("a", [("b", "1")]), ("a", [("c", "2")]), ("a", [])]),
        (
            "a: -inf b: .5f c: 0x1F d: 017 e: +3",
            [("a", "-inf"), ("b", ".5f"), ("c", "0x1F"), ("d", "017"), ("e", "+3")],
        ),
        (r"""a: "q\"'\n\x41\101\303\251" 'é"\''""", [("a", "'q\"'\nAAéé\"''")]),
        (r"a: '\303' '\251'", [("a", "'é'")]),
        ("a: '#' b: 1", [("a", "'#'"), ("b", "1")]),
        ("a\n:\r\n1\tb:\f2", [("a", "1"), ("b", "2")]),
    ],
)
def test_forms(text: str, expected: list[object]) -> None:
    assert plain(tree(text)) == expected


def test_places() -> None:
    message = tree("name: 'né' # x\nlayer {\r\n  dim: [1,\n  22]\n}\n")
    name, layer = message.fields
    assert [str(each.place.span) for each in (name, layer)] == ["x:1:1", "x:2:1"]
    assert name.place.end_column == 5
    assert isinstance(name.value, Token)
    assert (name.value.place.column, name.value.place.end_column) == (7, 11)
    assert isinstance(layer.value, Message)
    place = layer.value.place
    assert (place.line, place.column, place.end_line, place.end_column) == (2, 7, 5, 2)
    first, second = layer.value.fields
    assert first.place == second.place
    assert first.listed
    assert (second.value.place.line, second.value.place.column) == (4, 3)
    assert message.place.end_line == 6


def test_a_string_over_several_lines() -> None:
    (field,) = tree("a: 'x'\n  'y'").fields
    place = field.value.place
    assert (place.line, place.column, place.end_line, place.end_column) == (1, 4, 2, 6)


def test_an_empty_list() -> None:
    message = tree("a: [] b { c [ ] }")
    assert [(each.name, each.colon, each.place.column) for each in message.empty] == [
        ("a", True, 1)
    ]
    (b,) = message.fields
    assert isinstance(b.value, Message)
    assert [(each.name, each.colon) for each in b.value.empty] == [("c", False)]


NO_TEXT = "an escape in this string is incomplete, or what it makes isn't UTF-8"


def error(text: str) -> str:
    with pytest.raises(SpecError) as caught:
        tree(text)
    (found,) = caught.value.diagnostics
    return f"{found.span}: {found.message}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a", "x:1:2: expected `:` or `{` after `a`"),
        ("a 1", "x:1:3: expected `:` or `{` after `a`"),
        ("a {\n b: 1\n", "x:3:1: the message that begins in line 1 has no closing `}`"),
        ("a {\n>", "x:2:1: `>` closes the message that begins in line 1, where a `}` must"),
        ("a: 1\n}", "x:2:1: `}` closes nothing"),
        ("a: 1,, b: 2", "x:1:6: expected a field, not `,`"),
        (", a: 1", "x:1:1: expected a field, not `,`"),
        ("a: 'x\nb: 2", "x:1:4: this string has no closing quote in its line"),
        ("a: 'x\\'", "x:1:4: this string has no closing quote in its line"),
        ("'a': 1", "x:1:1: expected a field, not `'a'`"),
        ("a: }", "x:1:4: expected the value of `a`, not `}`"),
        ("a:", "x:1:3: expected the value of `a`, but the text ends"),
        ("a: [1", "x:1:6: expected `,` or `]` in a list, but the text ends"),
        ("a: [1,]", "x:1:7: expected the value of `a`, not `]`"),
        ("a: [1 2]", "x:1:7: expected `,` or `]` in a list, not `2`"),
        ("a: [[1]]", "x:1:5: expected the value of `a`, not `[`"),
        ("a: [{} {}]", "x:1:8: expected `,` or `]` in a list, not `{`"),
        ("a [1]", "x:1:4: expected `:` before a list of `a`"),
        ("12: 3", "x:1:1: expected the name of a field, not the number `12`"),
        ("[a.b]: 3", "x:1:1: Caffe's messages have no extensions, and `Any` is none of them"),
        ("a: 1x", "x:1:4: `1x` is no number"),
        ("a: - b: 1", "x:1:4: `-` is no number"),
        ("a: 08", "x:1:4: `08` is no number"),
        ("a: 0x", "x:1:4: `0x` is no number"),
        ("a: @", "x:1:4: expected the value of `a`, not `@`"),
        ("a: 1 ü: 2", "x:1:6: expected a field, not `ü`"),
        (r"a: '\377'", f"x:1:4: {NO_TEXT}"),
        (r"a: 'x' '\x'", f"x:1:4: {NO_TEXT}"),
        ("a " * 60, "x:1:3: expected `:` or `{` after `a`"),
        ("1: " + "x" * 60, "x:1:1: expected the name of a field, not the number `1`"),
        ("a: [" + "x" * 60 + " y", "x:1:66: expected `,` or `]` in a list, not `y`"),
        ("'" + "x" * 60 + "'", f"x:1:1: expected a field, not `'{'x' * 39}…`"),
    ],
)  # fmt: skip
def test_mistakes(text: str, message: str) -> None:
    assert error(text) == message


def test_mistakes_that_can_be_read_over_are_told_together() -> None:
    diagnostics = Diagnostics()
    parse(SourceText("x", "a: 1x b: '\\xz' c: --1"), diagnostics)
    assert [str(each.span) for each in diagnostics.sorted()] == ["x:1:4", "x:1:10", "x:1:19"]


@pytest.mark.parametrize("opening", ["a {", "a: <", "a [{"])
def test_depth_is_bounded(opening: str) -> None:
    closing = {"{": "}", "<": ">"}[opening[-1]] + ("]" if "[" in opening else "")
    tree(opening * MAX_DEPTH + closing * MAX_DEPTH)
    message = f"x:1:{len(opening) * MAX_DEPTH + 1}: nested more than 100 levels deep"
    assert error(opening * 100_000) == message


def test_size_is_bounded() -> None:
    tree(f"a: '{'x' * MAX_SCALAR}'")
    assert error(f"a: '{'x' * (MAX_SCALAR + 1)}'") == "x:1:4: a string of 65,537 characters"
    assert error(f"a: '{'x' * 40_000}' '{'x' * 40_000}'") == "x:1:4: a string of 80,000 characters"
    assert error(f"a: {'1.' * 100_000}") == f"x:1:4: `{'1.' * 20}…` is no number"


def test_the_number_of_fields_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parser, "MAX_FIELDS", 1_000)
    tree("a: 1 " * 1_000)
    assert error("a: 1 " * 999 + "b {\n c: [1, 2] }") == "x:2:2: more than 1,000 fields"
