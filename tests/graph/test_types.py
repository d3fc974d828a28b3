"""Shapes as they are written."""

import pytest

from netspec.graph.sizes import Size, symbol
from netspec.graph.types import Shape

H = symbol("H")


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (7, "7"),
        (32 * H, "32*H"),
        (H - 2, "(H - 2)"),
        ((H + 1) // 2 * H, "H*ceil(H/2)"),
        (H * H + H // 2, "(H*H + floor(H/2))"),
        (3 * ((H + 2) // 4) + H // 2, "(3*floor((H + 2)/4) + floor(H/2))"),
    ],
)
def test_a_sum_stands_in_parentheses(size: Size, text: str) -> None:
    assert str(Shape((2, size, 5))) == f"2×{text}×5"
