"""LRN and BatchNorm."""

import numpy as np

from netspec.layers.normalization import LRN, BatchNorm
from netspec.lower.onnx.emitter import Emitter


def lrn(layer: LRN, to: Emitter) -> None:
    to.top(
        "LRN",
        to.bottoms,
        size=layer.local_size,
        alpha=layer.alpha,
        beta=layer.beta,
        bias=layer.k,
    )


def batch_norm(layer: BatchNorm, to: Emitter) -> None:
    if layer.affine:
        affine = [to.weight("weight"), to.weight("bias")]
    else:
        channels = to.node.bottoms[0].shape[1]
        assert isinstance(channels, int)  # BatchNorm's shape rule has seen to it
        scale = to.float_constant("scale", np.ones(channels))
        affine = [scale, to.float_constant("shift", np.zeros(channels))]
    to.top(
        "BatchNormalization",
        [*to.bottoms, *affine, to.weight("running_mean"), to.weight("running_var")],
        epsilon=layer.eps,
        momentum=layer.moving_average_fraction,
    )
