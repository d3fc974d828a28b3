"""Amounts of memory as people write them."""

import re

import pytest

from netspec.quantities import bytes_in


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("24GiB", 24 * 1024**3),
        ("8 GiB", 8 * 1024**3),
        (" 500MB ", 500_000_000),
        ("1.5 KiB", 1536),
        ("1kB", 1000),
        ("80e2 MB", 8_000_000_000),
        ("1,024 MiB", 1024**3),
        ("0.3 B", 0),
        ("12 bytes", 12),
        ("2TiB", 2 * 1024**4),
    ],
)
def test_bytes(text: str, size: int) -> None:
    assert bytes_in(text) == size


USUAL = "give it in KiB, MiB, GiB or TiB (1024 times one another), or kB, MB, GB or TB (1000 times)"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("24", f"'24' has no unit: {USUAL}"),
        ("24 gib", "'24 gib' ends in `gib`: is it GiB?"),
        ("24Gb", "'24Gb' ends in `Gb`: is it GB?"),
        ("24G", "'24G' ends in `G`: is it GiB or GB?"),
        ("24 apples", "'24 apples' ends in `apples`, not in `B`, `byte`,"),
        ("GiB", "'GiB' is no amount"),
        ("-1GiB", "'-1GiB' is no amount"),
        ("", "'' is no amount"),
        ("1e400MB", "'1e400MB' is no amount"),
    ],
)
def test_no_bytes(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        bytes_in(text)
