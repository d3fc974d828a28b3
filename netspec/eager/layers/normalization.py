"""Normalizations."""

from netspec.eager.norms import batch_norm, group_norm, instance_norm, layer_norm, rms_norm
from netspec.eager.pointwise import clamp, sqrt, square
from netspec.eager.reductions import deviation, mean, norm, sum_of
from netspec.eager.registry import Use, runs
from netspec.eager.tensor import Tensor
from netspec.eager.views import expand_as, movedim, reshape
from netspec.layers.group_norm import AxesNorm, GroupNorm, InstanceNorm, LayerNorm
from netspec.layers.normalization import MVN, BatchNorm, Normalize
from netspec.layers.rms_norm import RMSNorm
from netspec.layers.unit_norm import UnitNorm


@runs(BatchNorm)
def batch_normalized(layer: BatchNorm, use: Use) -> Tensor:
    buffers = [use.weights[name] for name in ("running_mean", "running_var") if name in use.weights]
    by_batch = not layer.use_global_stats and (use.tape.training or not buffers)
    return batch_norm(use.x, use.weight("weight"), use.weight("bias"), buffers, by_batch)


@runs(GroupNorm)
def group_normalized(layer: GroupNorm, use: Use) -> Tensor:
    return group_norm(use.x, layer.group, use.weight("weight"), use.weight("bias"))


@runs(InstanceNorm)
def instance_normalized(layer: InstanceNorm, use: Use) -> Tensor:
    return instance_norm(use.x, use.weight("weight"), use.weight("bias"))


@runs(LayerNorm)
def layer_normalized(layer: LayerNorm, use: Use) -> Tensor:
    axes, last = _axes(layer, use)
    x = movedim(use.x, axes, last) if axes != last else use.x
    x = layer_norm(x, len(axes), use.weight("weight"), use.weight("bias"))
    return movedim(x, last, axes) if axes != last else x


@runs(RMSNorm)
def rms_normalized(layer: RMSNorm, use: Use) -> Tensor:
    axes, last = _axes(layer, use)
    x = movedim(use.x, axes, last) if axes != last else use.x
    x = rms_norm(x, len(axes), use.weight("weight"))
    return movedim(x, last, axes) if axes != last else x


def _axes(layer: AxesNorm, use: Use) -> tuple[list[int], list[int]]:
    axes = [*layer.axes(use.reads[0].shape)]
    rank = use.x.rank
    return axes, [*range(rank - len(axes), rank)]


@runs(MVN)
def mean_variance(layer: MVN, use: Use) -> Tensor:
    axes = range(layer.first_axis, use.x.rank)
    x = use.x + mean(use.x, axes, keepdim=True)
    if not layer.normalize_variance:
        return x
    return x / (deviation(x, axes, keepdim=True) + layer.eps)


@runs(Normalize)
def normalized(layer: Normalize, use: Use) -> Tensor:
    x = use.x
    axes = range(1, x.rank if layer.across_spatial else 2)
    length = sqrt(sum_of(square(x), axes, keepdim=True) + layer.eps)
    weight = use.held("weight")
    return x / length * reshape(weight, (*weight.shape, *[1] * (x.rank - 2)))


@runs(UnitNorm)
def of_length_one(layer: UnitNorm, use: Use) -> Tensor:
    length = clamp(norm(use.x, [layer.axis], keepdim=True))
    return use.x / expand_as(length, use.x)
