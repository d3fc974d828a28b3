"""Layers that act by chance, softmax, and reductions."""

from netspec.eager.pointwise import absolute, dropout, square
from netspec.eager.reductions import along, cat, extreme, ordered, sum_of
from netspec.eager.registry import Use, runs
from netspec.eager.tensor import Tensor
from netspec.eager.views import narrow, reshape
from netspec.graph.sizes import product
from netspec.layers.constant import Constant
from netspec.layers.reduction import ArgMax, Reduction
from netspec.layers.regularization import Dropout, DropPath
from netspec.layers.softmax import LogSoftmax, Softmax


@runs(Dropout)
def dropped(layer: Dropout, use: Use) -> Tensor:
    return dropout(use.x, layer.dropout_ratio)


@runs(DropPath)
def drop_path(layer: DropPath, use: Use) -> Tensor:
    if not use.tape.training:
        return use.x
    kept = use.tape.new((use.x.shape[0], *[1] * (use.x.rank - 1)), use.x.dtype)
    return use.x * kept / 1.0


@runs(Softmax, LogSoftmax)
def distribution(layer: Softmax, use: Use) -> Tensor:
    return along(use.x)


@runs(Reduction)
def reduction(layer: Reduction, use: Use) -> Tensor:
    per_element = {"ASUM": absolute, "SUMSQ": square}.get(layer.operation)
    x = use.x if per_element is None else per_element(use.x)
    first = layer.axis % x.rank
    x = sum_of(x, range(first, x.rank))
    return x if layer.coeff == 1 else x * layer.coeff


@runs(ArgMax)
def argmax(layer: ArgMax, use: Use) -> Tensor:
    if not layer.out_max_val:
        return use.tape.new(use.shape, use.gives[0].dtype)
    if layer.axis is None:
        x = reshape(use.x, (use.x.shape[0], product(list(use.x.shape[1:]))))
        values, _ = ordered(x)
        indices = use.tape.new(x.shape, x.dtype)
        n, width = x.shape
        found = cat([reshape(each, (n, 1, width)) for each in (indices, values)], 1)
        return reshape(narrow(found, 2, layer.top_k), use.shape)
    if layer.top_k == 1:
        return extreme(use.x, [layer.axis], keepdim=True)
    return ordered(use.x, layer.top_k, layer.axis)[0]


@runs(Constant)
def constant(layer: Constant, use: Use) -> Tensor:
    held = use.weight("")
    return held if held is not None else use.tape.given(use.shape, use.gives[0].dtype)
