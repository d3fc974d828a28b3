"""Sizes that are known when the network runs: read off the tensors."""

from collections.abc import Sequence

from netspec.graph import Node, Size
from netspec.graph.readings import place, reading, written
from netspec.lower.torch.code import Expr, Literal, Name
from netspec.lower.torch.python.layout import flat


def sized(size: Size, node: Node, operands: Sequence[Expr], axis: int | None = None) -> Expr:
    """A number, or `x.shape[2] * 2`: read off the axis, if it may be, where a person looks first.

    The operands must then be variables.
    """
    if isinstance(size, int):
        return Literal(size)
    found = reading(size, [blob.shape for blob in node.bottoms], axis)
    assert found is not None  # the shape rule has seen to it

    def name(symbol: str) -> str:
        number, at = place(symbol)
        return f"{flat(operands[number])}.shape[{at}]"

    return Name(written(found, name))


def is_known(sizes: Sequence[Size]) -> bool:
    """Whether no size is symbolic."""
    return all(isinstance(size, int) for size in sizes)


def known(sizes: Sequence[Size] | None) -> tuple[int, ...]:
    """The sizes, none of which is symbolic."""
    return tuple(size for size in sizes or () if isinstance(size, int))
