"""Places as editors count them."""

import pytest

from netspec.diagnostics import SourceText, Span
from netspec.editor.lines import Lines, offsets
from netspec.editor.moves import moved

TEXT = "a\n𝄞é: x\r\n\u2028b\rlast"


@pytest.mark.parametrize(
    ("encoding", "character"),
    # What Python's own codecs make of `𝄞é`: 6 bytes, 3 units of two bytes, 2 code points.
    [
        ("utf-8", len("𝄞é".encode())),
        ("utf-16", len("𝄞é".encode("utf-16-le")) // 2),
        ("utf-32", len("𝄞é")),
    ],
)
def test_a_place_counts_units(encoding: str, character: int) -> None:
    lines = Lines(TEXT, encoding)
    assert lines.place(TEXT.index(":")) == (1, character)
    assert lines.offset(1, character) == TEXT.index(":")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_every_offset_is_found_again(encoding: str) -> None:
    lines = Lines(TEXT, encoding)
    for offset in range(len(TEXT) + 1):
        if TEXT[offset - 1 : offset + 1] != "\r\n":
            assert lines.offset(*lines.place(offset)) == offset


def test_a_place_beyond_the_text_is_the_nearest() -> None:
    lines = Lines("ab\ncd")
    assert [lines.offset(0, 9), lines.offset(7, 0), lines.offset(-1, 3)] == [2, 5, 0]
    assert Lines("").offset(0, 0) == 0


def test_a_span_is_counted_in_the_breaks_of_yaml() -> None:
    source = SourceText("x", TEXT)  # whose fourth line, to YAML, begins with `b`
    assert source.lines[3] == "b"
    start, end = offsets(Span(source, 4, 1, 4, 2))
    assert TEXT[start:end] == "b"
    assert Lines(TEXT).place(start) == (2, 1)  # editors don't break lines at U+2028


@pytest.mark.parametrize(
    ("old", "new"),
    [("abcd", "abXcd"), ("abcd", "ad"), ("aaaa", "aaa"), ("", "x"), ("same", "same")],
)
def test_what_is_around_a_change_moves_with_it(old: str, new: str) -> None:
    move = moved(old, new)
    for offset in range(len(old) + 1):
        there = move.forward(offset)
        if there is None:
            assert move.head < offset < move.tail
        else:
            assert old[offset : offset + 1] == new[there : there + 1] or offset == move.head
            assert there in (move.head, len(new)) or move.back(there) == offset
