"""Numbers as text."""

import pytest

from netspec.analysis.columns.column import Unit, Value
from netspec.analysis.units import short, texts
from netspec.graph.sizes import symbol


def test_points_and_units_stand_below_each_other() -> None:
    values = [520, 25_050, 400_500, 1_600_000, 4_089_184_256, 0, symbol("H") * 7]
    assert texts(values, Unit.COUNT) == [
        "520     ",
        "25.05 k",
        "400.50 k",
        "1.60 M",
        "4.09 G",
        "",
        "7*H",
    ]
    assert texts(values, Unit.COUNT, exact=True) == [
        "520",
        "25,050",
        "400,500",
        "1,600,000",
        "4,089,184,256",
        "",
        "7*H",
    ]


def test_short_numbers_are_written_out() -> None:
    assert texts([999_999, 1, 0], Unit.COUNT) == ["999,999", "1", ""]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1_000_000, Unit.COUNT, "1.00 M"),
        (999_994_999, Unit.COUNT, "999.99 M"),
        (999_995_001, Unit.COUNT, "1.00 G"),
        (10**20, Unit.COUNT, "100.00 E"),
        (10**24, Unit.COUNT, "1,000,000,000,000,000,000,000,000"),
        (1_023, Unit.BYTES, "1,023 B"),
        (1_024, Unit.BYTES, "1.00 KiB"),
        (102_228_128, Unit.BYTES, "97.49 MiB"),
        (2**30 - 1, Unit.BYTES, "1.00 GiB"),
        (1.5e-6, Unit.SECONDS, "1.50 µs"),
        (0.000_999_999, Unit.SECONDS, "1.00 ms"),
        (2.5, Unit.SECONDS, "2.50 s"),
        (1e-12, Unit.SECONDS, "0.00 ns"),
        (12.345, Unit.RATIO, "12.35"),
        (0.12559, Unit.SHARE, "12.6%"),
        (None, Unit.COUNT, ""),
        ("conv", Unit.TEXT, "conv"),
        (("a", "b"), Unit.TEXT, "a, b"),
    ],
)
def test_a_number_by_itself(value: Value, unit: Unit, text: str) -> None:
    assert short(value, unit) == text
