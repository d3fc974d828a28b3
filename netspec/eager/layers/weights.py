"""Layers with matrices of weights."""

from netspec.eager.matrices import conv, linear, matmul
from netspec.eager.pointwise import dropout
from netspec.eager.registry import Use, runs
from netspec.eager.tensor import Tensor
from netspec.eager.views import flatten, permute, unflatten
from netspec.eager.windows import indexed, unfolded
from netspec.layers.convolution import Convolution
from netspec.layers.deconvolution import Deconvolution
from netspec.layers.embed import Embed
from netspec.layers.inner_product import DropConnect, InnerProduct
from netspec.layers.locally_connected import LocallyConnected
from netspec.layers.matmul import MatMul
from netspec.layers.parameter import Parameter


@runs(Convolution, Deconvolution)
def convolution(layer: Convolution | Deconvolution, use: Use) -> Tensor:
    return conv(use.x, use.held("weight"), use.weight("bias"), use.shape[1:].sizes)


@runs(InnerProduct)
def inner_product(layer: InnerProduct, use: Use) -> Tensor:
    x, weight, bias = _rows(layer, use), use.held("weight"), use.weight("bias")
    if not layer.transpose:
        return linear(x, weight, bias)
    x = matmul(x, weight)
    return x if bias is None else x + bias


@runs(DropConnect)
def drop_connect(layer: DropConnect, use: Use) -> Tensor:
    x, bias = _rows(layer, use), use.weight("bias")
    weight = dropout(use.held("weight"), layer.drop_ratio)
    if not layer.transpose:
        return linear(x, weight, bias)
    x = matmul(x, weight)
    return x if bias is None else x + bias


def _rows(layer: InnerProduct, use: Use) -> Tensor:
    axis = layer.axis % use.x.rank
    return use.x if axis == use.x.rank - 1 else flatten(use.x, axis)


@runs(LocallyConnected)
def locally_connected(layer: LocallyConnected, use: Use) -> Tensor:
    x, weight, bias = use.x, use.held("weight"), use.weight("bias")
    _, window, places = weight.shape
    windows = unfolded(x, (x.shape[0], window, places))
    found = matmul(permute(windows, (2, 0, 1)), permute(weight, (2, 1, 0)))
    found = permute(found, (1, 2, 0))
    found = found if bias is None else found + bias
    return unflatten(found, 2, use.shape[2:].sizes)


@runs(Embed)
def embed(layer: Embed, use: Use) -> Tensor:
    found = embedded(use)
    bias = use.weight("bias")
    return found if bias is None else found + bias


def embedded(use: Use) -> Tensor:
    """An embedding is of the weight: what it reads are its indices."""
    weight = use.held("weight")
    return indexed(weight, use.x, (*use.x.shape, weight.shape[1]))


@runs(MatMul)
def product(layer: MatMul, use: Use) -> Tensor:
    one, other = use.bottoms
    if layer.transpose:
        order = [*range(other.rank)]
        order[-2:] = order[:-3:-1]
        other = permute(other, order)
    found = matmul(one, other)
    return found if layer.scale == 1 else found * layer.scale


@runs(Parameter)
def parameter(layer: Parameter, use: Use) -> Tensor:
    return use.held("")
