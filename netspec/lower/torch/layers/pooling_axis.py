"""Pooling along one axis: over channels, as in maxout."""

from collections.abc import Callable, Sequence

from netspec.graph import Node
from netspec.layers.fields import spread
from netspec.layers.pooling import Pooling
from netspec.lower.torch.code import Expr, Literal, call, method
from netspec.lower.torch.registry import Lowered


def pooling_along(layer: Pooling, axis: int, node: Node) -> Lowered:
    """`x.unfold(1, 4, 4).amax(-1)`; of the whole axis `x.amax(1, keepdim=True)`."""
    summary = _SUMMARIES[layer.pool]
    if layer.kernel_size is None:
        return Lowered(function=lambda x: summary(x[0], Literal(axis), keepdim=Literal(True)))
    kernel, stride = spread(layer.kernel_size, 1), spread(layer.stride, 1)
    settings = [Literal(axis), Literal(kernel[0]), Literal(stride[0])]

    def pooled(operands: Sequence[Expr]) -> Expr:
        return summary(method(operands[0], "unfold", *settings), Literal(-1))

    return Lowered(function=pooled)


def _norm(x: Expr, dim: Expr, **more: Expr) -> Expr:
    return call("torch.linalg.vector_norm", x, dim=dim, **more)


def _maximum(x: Expr, dim: Expr, **more: Expr) -> Expr:
    return method(x, "amax", dim, **more)


def _mean(x: Expr, dim: Expr, **more: Expr) -> Expr:
    return method(x, "mean", dim, **more)


_SUMMARIES: dict[str, Callable[..., Expr]] = {"MAX": _maximum, "AVE": _mean, "L2": _norm}
