"""Reshape."""

from collections.abc import Sequence

from netspec.graph import Node
from netspec.layers.reshape import Reshape
from netspec.lower.torch.code import Brackets, Expr, Literal, Name, method
from netspec.lower.torch.layers.sizes import sized
from netspec.lower.torch.python.layout import flat
from netspec.lower.torch.registry import Lowered, lowers


@lowers(Reshape)
def reshape(layer: Reshape, node: Node) -> Lowered:
    """`x.unflatten(1, (4, 9))` where one axis is split, or else `x.reshape(-1, 4, 9)`, with
    `x.shape[2]` for symbolic sizes but one.
    """
    bottom, top = node.bottoms[0].shape, node.tops[0].shape
    axes = layer.replaced(bottom.rank)
    if len(axes) == 1 and all(isinstance(size, int) and size != 0 for size in layer.shape):
        sizes = tuple(map(Literal, layer.shape))
        return Lowered(function=lambda operands: _unflattened(operands[0], axes.start, sizes))
    symbolic = [axis for axis, size in enumerate(top) if not isinstance(size, int)]
    # One that is told by nothing else is what makes the number of elements come out.
    copied = {} if len(symbolic) < 2 else layer.copied(bottom.rank)
    told = set() if len(symbolic) < 2 else layer.told(bottom.rank)

    def reshaped(operands: Sequence[Expr]) -> Expr:
        x = operands[0]
        sizes: list[Expr] = []
        for axis, size in enumerate(top):
            if isinstance(size, int):
                sizes.append(Literal(size))
            elif axis in copied:
                sizes.append(Name(f"{flat(x)}.shape[{copied[axis]}]"))
            elif axis in told:
                sizes.append(sized(size, node, operands, axis))
            else:
                sizes.append(Literal(-1))
        return method(x, "reshape", *sizes)

    return Lowered(function=reshaped, repeats=bool(copied or told))


def _unflattened(operand: Expr, axis: int, sizes: tuple[Literal, ...]) -> Expr:
    return method(operand, "unflatten", Literal(axis), Brackets("()", sizes))
