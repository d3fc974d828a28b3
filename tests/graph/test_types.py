"""Shapes as they are written."""

import pytest

from netspec.graph.nodes import item
from netspec.graph.sizes import Size, symbol
from netspec.graph.types import Shape, TensorType

H, N = symbol("H"), symbol("N")


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


def test_an_item_is_that_of_the_batch_asked_for() -> None:
    """Whatever batch was asked for before; what has no batch is its own item."""
    type, other = TensorType(Shape((N, 4, H))), TensorType(Shape((8, 4, 8)))
    for _ in range(2):
        assert item(type, N) == item(type, symbol("N")) == TensorType(Shape((1, 4, H)))
        assert item(type, H) == TensorType(Shape((N, 4, 1)))
        assert item(type, 4) is type
        assert item(other, 8) == TensorType(Shape((1, 4, 8)))
        assert item(other, N) is other
    assert type == TensorType(Shape((N, 4, H)))
