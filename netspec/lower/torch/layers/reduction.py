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

    def values(operands: Sequence[Expr]) -> Expr:
        if layer.top_k == 1:
            return method(operands[0], "amax", axis, keepdim=keepdim)
        return Attribute(method(operands[0], "topk", count, dim=axis), "values")

    if layer.out_max_val:
        return Lowered(function=values)
    return Lowered(
        function=lambda operands: _best(layer, operands[0], axis, keepdim=keepdim),
        helper=_helper(layer),
    )


def _helper(layer: ArgMax) -> str:
    """What finds the indices, where PyTorch's own `argmax` doesn't."""
    return "top_indices" if layer.top_k > 1 else "last_argmax" if layer.select_last_index else ""


def _best(layer: ArgMax, x: Expr, axis: Literal, **keepdim: Literal) -> Expr:
    """The indices of the greatest along an axis, which stays where there are several."""
    if layer.top_k > 1:
        return call("top_indices", x, Literal(layer.top_k), axis, **_last(layer))
    if layer.select_last_index:
        return call("last_argmax", x, axis, **keepdim)
    return method(x, "argmax", axis, **keepdim)


def _last(layer: ArgMax) -> dict[str, Literal]:
    return {"last": Literal(layer.select_last_index, "last", False)}


def _within_items(layer: ArgMax, node: Node) -> Lowered:
    """All axes but the first as one row; indices, and perhaps values behind them."""
    sizes = [Literal(size) for size in node.tops[0].shape[1:] if isinstance(size, int)]
    is_row = node.bottoms[0].shape.rank == 2
    one, count = Literal(1), Literal(layer.top_k)

    def indices(operands: Sequence[Expr]) -> Expr:
        rows = operands[0] if is_row else method(operands[0], "flatten", one)
        return method(_best(layer, rows, one), "reshape", Literal(-1), *sizes)

    def both(operands: Sequence[Expr]) -> Expr:
        best = call("top_elements", operands[0], count, **_last(layer))
        return best if len(sizes) == 2 else method(best, "reshape", Literal(-1), *sizes)

    if layer.out_max_val:
        return Lowered(function=both, helper="top_elements")
    return Lowered(function=indices, helper=_helper(layer))
