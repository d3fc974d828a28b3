"""Normalization of an element by those around it."""

from netspec.eager.matrices import conv
from netspec.eager.pointwise import clamp, maximum, power, sqrt, square
from netspec.eager.reductions import mean
from netspec.eager.registry import Use, runs
from netspec.eager.tensor import Tensor
from netspec.eager.views import reshape, squeeze, unsqueeze
from netspec.eager.windows import avg_pool, pad
from netspec.graph.sizes import product
from netspec.layers.lrn import LCN, LRN


@runs(LRN)
def local_response(layer: LRN, use: Use) -> Tensor:
    x = use.x
    if layer.norm_region == "WITHIN_CHANNEL":
        margin = 2 * (layer.local_size // 2)
        energy = pad(square(x), (*x.shape[:2], *(size + margin for size in x.shape[2:])))
        return x / power(avg_pool(energy, x.shape[2:]) * layer.alpha + 1.0)
    n, channels, *places = x.shape
    wide = channels + layer.local_size - 1
    # One variable for all, as in PyTorch's function: what it held is let go of.
    energy = unsqueeze(x * x, 1)
    if x.rank == 3:
        energy = pad(energy, (n, 1, wide, *places))
        energy = squeeze(avg_pool(energy, (channels, *places)), 1)
    else:
        flat = (channels, places[0], product(places[1:]))
        energy = reshape(energy, (n, 1, *flat))
        energy = pad(energy, (n, 1, wide, *flat[1:]))
        energy = reshape(squeeze(avg_pool(energy, flat), 1), x.shape)
    energy = power(energy * layer.alpha + layer.k)
    return x / energy


@runs(LCN)
def local_contrast(layer: LCN, use: Use) -> Tensor:
    x = use.x
    window = use.tape.new((1, 1, layer.local_size, layer.local_size), x.dtype)
    one = (1, *x.shape[2:])
    x = x + conv(mean(x, [1], keepdim=True), window, None, one)
    energy = conv(mean(square(x), [1], keepdim=True), window, None, one)
    spread = sqrt(clamp(energy))
    return x / maximum(spread, mean(spread, (2, 3), keepdim=True))
