"""Values as YAML text: what it looks like, and that the reader has the same values of it."""

from typing import Any

import pytest
import yaml

from netspec.source.writer import Flow, write


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([1, -2, 3.5], "[1, -2, 3.5]"),
        ([[0, 1], [2.0, -1e-9]], "[[0, 1], [2.0, -1.0e-09]]"),
        ([1e300, 0.1, 1e16], "[1.0e+300, 0.1, 1.0e+16]"),
        ([1, "x", True], "[1, x, true]"),
        ([1, [2, "a b"]], "[1, [2, a b]]"),
        ([], "[]"),
        ([[], [1]], "[[], [1]]"),
        ("[1, 2]", "'[1, 2]'"),
    ],
)
def test_lists(value: Any, text: str) -> None:
    """Lists of numbers are written by a way of their own, for there may be a million."""
    written = write({"a": Flow(b=value)})
    assert written == f"a: {{b: {text}}}\n"
    assert yaml.safe_load(written) == {"a": {"b": value}}


def test_a_table_of_many_numbers_is_one_scalar_to_the_emitter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    events: list[yaml.Event] = []
    emit = yaml.SafeDumper.emit

    def noted(self: yaml.SafeDumper, event: yaml.Event) -> None:
        events.append(event)
        emit(self, event)

    monkeypatch.setattr(yaml.SafeDumper, "emit", noted)
    write({"a": Flow(b=[[*range(100)]] * 100)})
    assert len(events) < 20
