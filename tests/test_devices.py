"""Devices that are known, and files of a user's own: what they say, and what is wrong with them."""

from pathlib import Path

import pytest

from netspec import SpecError
from netspec.analysis.columns.wrong import Wrong
from netspec.analysis.traffic import BYTES
from netspec.devices import device, known_devices

MINE = """
devices:
  board:
    title: A board
    peak: {float32: 1e9, float16: 4000000000}
    bandwidth: 1e8
    memory: 1e6
"""


def test_those_that_come_along() -> None:
    known = known_devices()
    assert {"v100", "a100", "h100", "h200", "t4", "l4", "rtx4090"} <= known.keys()
    for name, each in known.items():
        assert each.name == name
        assert each.title
        assert each.source
        assert each.peak.keys() <= BYTES.keys()
        # Slips of the pen: a rate or a size in other units.
        assert all(1e12 < rate < 1e16 for rate in each.peak.values())
        assert 1e11 < each.bandwidth < 1e13
        assert 1e10 < each.memory < 1e13


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(MINE, encoding="utf-8")
    board = device(f"{path}:board")
    assert (board.title, board.peak) == ("A board", {"float32": 1e9, "float16": 4e9})
    assert (board.bandwidth, board.memory) == (1e8, 1_000_000)
    assert device(str(path)) == board


def test_a_file_with_colons_in_its_name(tmp_path: Path) -> None:
    path = tmp_path / "mine:2.yaml"
    path.write_text(MINE, encoding="utf-8")
    assert device(str(path)) == device(f"{path}:board")


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("h10", "no device is called `h10`: did you mean `h100`?"),
        ("a100-40", "no device is called `a100-40`: did you mean `a100-40gb`?"),
        ("cray", "no device is called `cray`: there are v100, a100-40gb, "),
        ("{0}:bord", "no device in {0} is called `bord`: did you mean `board`?"),
        ("{1}", "{1} has 2 devices: say which, `{1}:NAME`"),
    ],
)
def test_names_that_there_are_not(tmp_path: Path, wanted: str, message: str) -> None:
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    one.write_text(MINE, encoding="utf-8")
    other = MINE.replace("devices:", "").replace("board:", "other:")
    two.write_text(MINE + other, encoding="utf-8")
    with pytest.raises(Wrong) as caught:
        device(wanted.format(one, two))
    assert str(caught.value).startswith(message.format(one, two))
    assert caught.value.option == "device"


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("[1, 2]", "the file should be a mapping, not a list", (1, 1)),
        ("devices: 3", "`devices` should be a mapping, not 3", (1, 10)),
        ("device: {}", "nothing here is called `device`", (1, 1)),
        ("devices: {a: 7}", "`a` should be a mapping, not 7", (1, 14)),
        ("devices: {a: {peak: {}, bandwidth: 1}}", "`memory` is missing", (1, 14)),
        (
            "devices: {a: {peak: {fp16: 1}, bandwidth: 1, memory: 1}}",
            "nothing here is called `fp16`",
            (1, 22),
        ),
        (
            "devices:\n  a: {peak: {float16: fast}, bandwidth: 1, memory: 1}",
            "`float16` should be a number, not 'fast'",
            (2, 23),
        ),
        (
            "devices: {a: {peak: {}, bandwidth: -1, memory: 1}}",
            "`bandwidth` should be more than 0.0, not -1",
            (1, 36),
        ),
        (
            "devices: {a: {peak: {}, bandwidth: .inf, memory: 1}}",
            "`bandwidth` should be a finite number",
            (1, 36),
        ),
    ],
)
def test_mistakes_have_a_place(
    tmp_path: Path, text: str, message: str, place: tuple[int, int]
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        device(str(path))
    (found,) = caught.value.diagnostics
    assert found.message == message
    assert found.span is not None
    assert (found.span.line, found.span.column) == place


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("devices: {a: {peak: 1, bandwidth: 0}, b: {memory: x}}", encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        device(f"{path}:a")
    assert len(caught.value.diagnostics) == 5


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(SpecError, match=r"can't read no\.yaml: no such file"):
        device("no.yaml:fast")
