"""Reduction and ArgMax."""

from collections.abc import Sequence

from netspec.graph import Node
from netspec.layers.reduction import ArgMax, Reduction
from netspec.lower.torch.code import Attribute, Expr, Literal, Operation, call, method
from netspec.lower.torch.registry import Lowered, lowers

PER_ELEMENT = {"ASUM": "abs", "SUMSQ": "square"}


@lowers(Reduction)
def reduction(layer: Reduction, node: Node) -> Lowered:
    """`2.0 * x.abs().sum((2, 3))`."""
    rank = node.bottoms[0].shape.rank
    first = layer.axis % rank
    axes = [Literal(tuple(range(first, rank)) if first < rank - 1 else first)] if first else []

    def reduced(operands: Sequence[Expr]) -> Expr:
        x = operands[0]
        if layer.operation in PER_ELEMENT:
            x = method(x, PER_ELEMENT[layer.operation])
        x = method(x, "mean" if layer.operation == "MEAN" else "sum", *axes)
        return x if layer.coeff == 1 else Operation((Literal(layer.coeff, "coeff"), x), ("*",))

    return Lowered(function=reduced)


@lowers(ArgMax)
def argmax(layer: ArgMax, node: Node) -> Lowered:
    if layer.axis is None:
        return _within_items(layer, node)
    axis = Literal(layer.axis % node.bottoms[0].shape.rank, "dim")
    count, keepdim = Literal(layer.top_k), Literal(True)

    def found(operands: Sequence[Expr]) -> Expr:
        if layer.top_k == 1:
            name = "amax" if layer.out_max_val else "argmax"
            return method(operands[0], name, axis, keepdim=keepdim)
        if layer.out_max_val:
            return Attribute(method(operands[0], "topk", count, dim=axis), "values")
        return call("top_indices", operands[0], count, axis)

    indices = layer.top_k > 1 and not layer.out_max_val
    return Lowered(function=found, helper="top_indices" if indices else "")


def _within_items(layer: ArgMax, node: Node) -> Lowered:
    """All axes but the first as one row; indices, and perhaps values behind them."""
    sizes = [Literal(size) for size in node.tops[0].shape[1:] if isinstance(size, int)]
    is_row = node.bottoms[0].shape.rank == 2
    one, count = Literal(1), Literal(layer.top_k)

    def indices(operands: Sequence[Expr]) -> Expr:
        rows = operands[0] if is_row else method(operands[0], "flatten", one)
        several = layer.top_k > 1
        best = call("top_indices", rows, count, one) if several else method(rows, "argmax", one)
        return method(best, "reshape", Literal(-1), *sizes)

    def both(operands: Sequence[Expr]) -> Expr:
        best = call("top_elements", operands[0], count)
        return best if len(sizes) == 2 else method(best, "reshape", Literal(-1), *sizes)

    if layer.out_max_val:
        return Lowered(function=both, helper="top_elements")
    return Lowered(function=indices, helper="top_indices" if layer.top_k > 1 else "")
