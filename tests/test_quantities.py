"""Amounts of memory and counts as people write them."""

import re

import pytest

from netspec.quantities import bytes_in, count_in


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("24GiB", 24 * 1024**3),
        ("8 GiB", 8 * 1024**3),
        (" 500MB ", 500_000_000),
        ("1.5 KiB", 1536),
        ("1kB", 1000),
        ("1KB", 1000),
        ("80e2 MB", 8_000_000_000),
        ("0.3 B", 0),
        ("1 byte", 1),
        ("12 bytes", 12),
        ("2TiB", 2 * 1024**4),
        ("1PB", 10**15),
    ],
)
def test_bytes(text: str, size: int) -> None:
    assert bytes_in(text) == size


USUAL = "give it in KiB, MiB, GiB or TiB (1024 times one another), or kB, MB, GB or TB (1000 times)"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("24", f"'24' has no unit: {USUAL}"),
        ("24 gib", "'24 gib' has a unit, `gib`, that is none of memory: is it GiB?"),
        ("24Gb", "'24Gb' has a unit, `Gb`, that is none of memory: is it GB?"),
        ("24G", "'24G' has a unit, `G`, that is none of memory: is it GiB or GB?"),
        ("24 apples", f"'24 apples' has a unit, `apples`, that is none of memory: {USUAL}"),
        ("GiB", "'GiB' is no amount: a number, and a unit such as GiB behind it"),
        ("-1GiB", "'-1GiB' is no amount: a number, and a unit such as GiB behind it"),
        ("", "'' is no amount: a number, and a unit such as GiB behind it"),
        ("1e400MB", "'1e400MB' has a unit, `e400MB`, that is none of memory"),
    ],
)
def test_no_bytes(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        bytes_in(text)


def test_counts() -> None:
    assert count_in("4.2e9") == 4_200_000_000
    assert count_in("25557032") == 25_557_032
    for text, message in (
        ("1.5", "'1.5' is no whole number"),
        ("4M", "'4M' is no plain number: it ends in `M`"),
        ("nan", "'nan' is no amount: a number, and a unit such as GiB behind it"),
    ):
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            count_in(text)
