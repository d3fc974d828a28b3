"""Reshape."""

from collections.abc import Sequence

from netspec.graph import Node
from netspec.graph.sizes import Size
from netspec.layers.reshape import Reshape
from netspec.lower.torch.code import Brackets, Expr, Literal, Name, method
from netspec.lower.torch.layers.sizes import sized
from netspec.lower.torch.python.layout import flat
from netspec.lower.torch.registry import Lowered, lowers


@lowers(Reshape)
def reshape(layer: Reshape, node: Node) -> Lowered:
    """`x.unflatten(1, (4, -1))` where one axis is split, else `x.reshape(x.shape[0], 4, -1)` with
    the spec's -1, or `x.reshape(-1, 4, 9)` with `x.shape[2]` for symbolic sizes but one.
    """
    bottom, top = node.bottoms[0].shape, node.tops[0].shape
    parts = _split(layer, bottom.rank)
    if parts is not None:
        axis, sizes = parts
        shape = Brackets("()", tuple(map(Literal, sizes)))
        return Lowered(function=lambda given: method(given[0], "unflatten", Literal(axis), shape))
    # One size may be what makes the number of elements come out: that which the spec leaves open,
    # so that the code is right for other images, too; else one that is told by nothing else.
    left = layer.left_open(bottom.rank)
    symbolic = [axis for axis, size in enumerate(top) if not isinstance(size, int) and axis != left]
    named = len(symbolic) > (1 if left is None else 0)
    copied = layer.copied(bottom.rank) if named else {}
    told = layer.told(bottom.rank) if named else set()

    def reshaped(operands: Sequence[Expr]) -> Expr:
        x = operands[0]
        sizes: list[Expr] = []
        for axis, size in enumerate(top):
            if axis == left:
                sizes.append(Literal(-1))
            elif isinstance(size, int):
                sizes.append(Literal(size))
            elif axis in copied:
                sizes.append(Name(f"{flat(x)}.shape[{copied[axis]}]"))
            elif axis in told:
                sizes.append(sized(size, node, operands, axis))
            else:
                sizes.append(Literal(-1))
        return method(x, "reshape", *sizes)

    return Lowered(function=reshaped, repeats=bool(copied or told))


def _split(layer: Reshape, rank: int) -> tuple[int, tuple[int, ...]] | None:
    """The one axis that is split, and into what; None where more than one changes, or none."""
    axes = layer.replaced(rank)
    kept = next((n for n, size in enumerate(layer.shape) if size != 0), 0)
    sizes: Sequence[Size] = layer.shape[kept:]
    numbers = tuple(size for size in sizes if isinstance(size, int) and size != 0)
    if len(axes) - kept != 1 or len(numbers) < max(2, len(sizes)):
        return None
    return axes.start + kept, numbers
