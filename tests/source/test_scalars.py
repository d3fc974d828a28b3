"""YAML 1.2's core schema."""

import math

import pytest

from netspec.source.scalars import resolve


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("off", "off"),
        ("y", "y"),
        ("1e-4", 1e-4),
        ("1e3", 1000.0),
        ("010", 10),
        ("0o10", 8),
        ("0x1F", 31),
        ("-5", -5),
        ("+5", 5),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("2020-01-01", "2020-01-01"),
        (".5", 0.5),
        ("5.", 5.0),
        ("-.inf", -math.inf),
        (".", "."),
        ("-", "-"),
        ("", None),
        ("~", None),
        ("null", None),
        ("nULL", "nULL"),
        ("true", True),
        ("FALSE", False),
        ("tRUE", "tRUE"),
        ("1e999", math.inf),
        ("٣", "٣"),
    ],
)
def test_resolve(text: str, value: object) -> None:
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)


def test_not_a_number() -> None:
    number = resolve(".nan")
    assert isinstance(number, float)
    assert math.isnan(number)


@pytest.mark.parametrize(
    "text", ["9223372036854775808", "-" + "9" * 30, "9" * 50_000, "0x" + "f" * 20]
)
def test_integers_of_over_64_bits(text: str) -> None:
    with pytest.raises(OverflowError):
        resolve(text)
