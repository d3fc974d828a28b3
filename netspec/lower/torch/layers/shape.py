"""Layers that move elements about."""

from collections.abc import Collection, Sequence
from itertools import groupby

from netspec.graph import Node, Size
from netspec.layers.shape import Concat, Flatten, Identity, Pad, Permute, Tile
from netspec.layers.slice import Slice
from netspec.lower.torch.code import Brackets, Expr, Literal, Operation, call, method, scalar
from netspec.lower.torch.layers.sizes import is_known, known, sized
from netspec.lower.torch.registry import Lowered, lowers


def flatten(operand: Expr, first: int, last: int) -> Expr:
    """`x.flatten(1)`, with what PyTorch takes for granted left out."""
    if last != -1:
        return method(operand, "flatten", Literal(first), Literal(last))
    return method(operand, "flatten", *([Literal(first)] if first else []))


@lowers(Identity)
def identity(layer: Identity, node: Node) -> Lowered:
    return Lowered(call("nn.Identity"), lambda operands: operands[0])


@lowers(Flatten)
def flatten_layer(layer: Flatten, node: Node) -> Lowered:
    rank = node.bottoms[0].shape.rank
    first, last = layer.axis % rank, layer.end_axis % rank
    if last == rank - 1:
        last = -1
    module = call(
        "nn.Flatten", Literal(first, "start_dim", 1), end_dim=Literal(last, "end_dim", -1)
    )
    return Lowered(module, lambda operands: flatten(operands[0], first, last), inline=True)


@lowers(Pad)
def pad(layer: Pad, node: Node) -> Lowered:
    margins = layer.margins(node.bottoms[0].shape.rank)
    first = next((axis for axis, pair in enumerate(margins) if pair != (0, 0)), len(margins))
    padding = _from_the_last(margins[first:])
    value = Literal(layer.value, "value", 0.0)
    if not is_known(padding):
        rank = node.bottoms[0].shape.rank

        def padded_as_told(operands: Sequence[Expr]) -> Expr:
            sizes = [
                sized(each, node, operands, rank - 1 - n // 2) for n, each in enumerate(padding)
            ]
            return call("F.pad", operands[0], Brackets("()", tuple(sizes)), value=value)

        return Lowered(function=padded_as_told, repeats=True)

    def padded(operands: Sequence[Expr]) -> Expr:
        return call("F.pad", operands[0], Literal(known(padding), "padding"), value=value)

    if layer.pad is None:
        return Lowered(function=padded)
    spatial = margins[2:]
    sides = Literal(scalar(known(_from_the_last(spatial))), "padding")
    if layer.value:
        module = call(f"nn.ConstantPad{len(spatial)}d", sides, Literal(layer.value, "value"))
        return Lowered(module, padded)
    return Lowered(call(f"nn.ZeroPad{len(spatial)}d", sides), padded)


def _from_the_last(margins: Sequence[tuple[Size, Size]]) -> tuple[Size, ...]:
    """Margins as PyTorch lists them: those of the last axis first."""
    return tuple(size for pair in reversed(margins) for size in pair)


def together(operands: Sequence[Expr], lists: Collection[int]) -> Expr:
    """The list of operands of which some are lists themselves: `[x] + skips`."""
    parts: list[Expr] = []
    for is_list, group in groupby(range(len(operands)), key=lists.__contains__):
        found = [operands[at] for at in group]
        parts += found if is_list else [Brackets("[]", tuple(found))]
    return Operation(tuple(parts), ("+",) * (len(parts) - 1)) if len(parts) > 1 else parts[0]


@lowers(Concat)
def concat(layer: Concat, node: Node) -> Lowered:
    def joined(operands: Sequence[Expr], lists: Collection[int] = ()) -> Expr:
        return call("torch.cat", together(operands, lists), Literal(layer.axis, "dim", 0))

    return Lowered(function=joined, gathered=joined)


@lowers(Permute)
def permute(layer: Permute, node: Node) -> Lowered:
    order = [Literal(axis) for axis in layer.order]
    return Lowered(function=lambda operands: method(operands[0], "permute", *order))


@lowers(Tile)
def tile(layer: Tile, node: Node) -> Lowered:
    rank = node.bottoms[0].shape.rank
    counts = [1] * rank
    counts[layer.axis] = layer.tiles
    literals = [Literal(count) for count in counts]
    return Lowered(function=lambda operands: method(operands[0], "repeat", *literals))


@lowers(Slice)
def cut(layer: Slice, node: Node) -> Lowered:
    axis = Literal(layer.axis, "dim", 0)

    def parts(operands: Sequence[Expr]) -> Expr:
        if len(node.tops) == 1:
            return operands[0]
        if layer.slice_point:
            points = Literal(tuple(layer.slice_point))
            return method(operands[0], "tensor_split", points, axis)
        return method(operands[0], "chunk", Literal(len(node.tops)), axis)

    return Lowered(function=parts)
