"""Diagnostics as text, JSON and annotations."""

from netspec.diagnostics import Diagnostic, Severity, SourceText, Span, SpecError
from netspec.diagnostics.render import count_text, render_github, render_text, to_json

TEXT = SourceText("nets/a.yaml", "one: 1\ntwo: [a, b]\r\nthree: \x1b[31m\twörld 漢字 end\n")


def make(line: int, column: int, end: int, **options: object) -> Diagnostic:
    span = Span(TEXT, line, column, line, end)
    return Diagnostic("bad-value", "this is wrong", span, **options)  # type: ignore[arg-type]


def test_text() -> None:
    found = make(
        2, 6, 12, help="write it right", notes=("in block b, used as x at nets/a.yaml:1:1",)
    )
    assert (
        render_text(found)
        == """\
error[bad-value]: this is wrong
 --> nets/a.yaml:2:6
  |
2 | two: [a, b]
  |      ^^^^^^
  = in block b, used as x at nets/a.yaml:1:1
  = help: write it right
"""
    )


def test_text_without_a_place() -> None:
    found = Diagnostic("cannot-read", "no such file", help="look again", severity=Severity.WARNING)
    assert render_text(found) == "warning[cannot-read]: no such file\n  = help: look again\n"


def test_control_characters_and_wide_ones() -> None:
    lines = render_text(make(3, 20, 22)).splitlines()
    assert lines[3] == "3 | three:  [31m wörld 漢字 end"
    assert lines[4] == "  | " + " " * 19 + "^^^^"
    found = Diagnostic("bad-value", "\x1b[31mred\nnext", help="a\tb")
    assert render_text(found) == ("error[bad-value]: \\x1b[31mred\\nnext\n  = help: a\\tb\n")
    assert "\x1b" not in render_github(found)


def test_long_lines_are_cut_to_a_window() -> None:
    text = SourceText("a", "x" * 5000 + "HERE" + "y" * 5000)
    lines = render_text(Diagnostic("bad-value", "m", Span(text, 1, 5001, 1, 5005))).splitlines()
    assert len(lines[3]) < 200
    start = lines[3].index("HERE")
    assert lines[4] == "  | " + " " * (start - 4) + "^^^^"


def test_places_at_and_beyond_the_end() -> None:
    text = SourceText("a", "abc\n")
    assert render_text(Diagnostic("bad-value", "m", Span(text, 1, 4, 1, 5))).endswith("|    ^\n")
    assert render_text(Diagnostic("bad-value", "m", Span(text, 9, 1, 9, 2))).endswith("a:9:1\n")
    several = render_text(Diagnostic("bad-value", "m", Span(text, 1, 2, 2, 1)))
    assert several.endswith("|  ^^\n")


def test_json() -> None:
    notes = ("in block b, used as x at nets/a.yaml:1:1", "in variant \ud800")
    assert to_json(make(2, 6, 12, path="x.y", help="h", notes=notes)) == {
        "code": "bad-value",
        "severity": "error",
        "message": "this is wrong",
        "file": "nets/a.yaml",
        "line": 2,
        "column": 6,
        "end_line": 2,
        "end_column": 12,
        "path": "x.y",
        "notes": ["in block b, used as x at nets/a.yaml:1:1", "in variant \\ud800"],
        "help": "h",
    }
    assert to_json(Diagnostic("cannot-read", "m"))["line"] is None


def test_github() -> None:
    found = Diagnostic("bad-value", "100% wrong", Span(SourceText("a,b:c", "x"), 1, 1, 1, 2))
    assert render_github(found) == (
        "::error file=a%2Cb%3Ac,line=1,endLine=1,col=1,endColumn=2,"
        "title=netspec[bad-value]::100%25 wrong"
    )
    found = Diagnostic("bad-value", "wrong", help="write\nit", notes=("source: 50%", "a\n::b"))
    assert render_github(found) == (
        "::error title=netspec[bad-value]::wrong%0Asource: 50%25%0Aa\\n::b%0Ahelp: write\\nit"
    )


def test_counts() -> None:
    warning = Diagnostic("unused-var", "m", severity=Severity.WARNING)
    error = Diagnostic("bad-value", "m")
    assert count_text([]) == ""
    assert count_text([warning, error, error]) == "2 errors, 1 warning"


def test_the_text_of_an_error() -> None:
    assert str(SpecError([Diagnostic("cannot-read", "no")])) == "error[cannot-read]: no\n"
