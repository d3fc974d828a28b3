"""Pooling, whose windows Caffe counts in its own way."""

from typing import Any

from netspec.graph import Node
from netspec.layers.fields import spread
from netspec.layers.pooling import Pooling
from netspec.layers.spp import SPP
from netspec.lower.prototxt.pieces import Inexpressible, Piece
from netspec.lower.prototxt.registry import writes

_PLANE = 4


@writes(Pooling)
def pooling(layer: Pooling, node: Node) -> Piece:
    shape = node.bottom[0]
    if layer.pool == "L2":
        raise Inexpressible("Caffe's Pooling has no L2")
    if layer.axis is not None or shape.rank != _PLANE:
        raise Inexpressible("Caffe's Pooling is for images alone, N×C×H×W")
    fields: dict[str, Any] = {"pool": layer.pool}
    single = layer.output_size is not None and all(size == 1 for size in node.top[0][2:])
    if layer.global_pooling or single:
        return Piece("Pooling", {"pooling_param": fields | {"global_pooling": True}})
    kernels, strides, pads = _windows(layer, node)
    fields |= _sizes("kernel_size", "kernel", kernels)
    fields |= _sizes("stride", "stride", strides) | _sizes("pad", "pad", pads)
    rounding = _rounding(layer, node, kernels, strides, pads)
    return Piece("Pooling", {"pooling_param": fields | rounding})


def _windows(layer: Pooling, node: Node) -> tuple[tuple[int, ...], ...]:
    """Sizes, steps and margins of windows, for the height and the width."""
    if layer.kernel_size is not None:
        return spread(layer.kernel_size, 2), spread(layer.stride, 2), spread(layer.pad, 2)
    sizes = list(zip(node.bottom[0][2:], node.top[0][2:], strict=True))
    pairs = [(a, b) for a, b in sizes if isinstance(a, int) and isinstance(b, int)]
    if len(pairs) != len(sizes) or any(size % count for size, count in pairs):
        raise Inexpressible("Caffe's windows are of one size, and these of `output_size` aren't")
    kernels = tuple(size // count for size, count in pairs)
    return kernels, kernels, (0, 0)


def _sizes(name: str, prefix: str, sizes: tuple[int, ...]) -> dict[str, int]:
    height, width = sizes
    if height == width:
        return {name: height}
    return {f"{prefix}_h": height, f"{prefix}_w": width}


def _rounding(
    layer: Pooling,
    node: Node,
    kernels: tuple[int, ...],
    strides: tuple[int, ...],
    pads: tuple[int, ...],
) -> dict[str, str]:
    """How windows are counted; Inexpressible where Caffe's are others, or average otherwise."""
    if any(pad >= kernel for pad, kernel in zip(pads, kernels, strict=True)):
        raise Inexpressible("Caffe refuses a `pad` of `kernel_size` or more")
    if any(pads):
        if layer.pool == "AVE" and not layer.count_include_pad:
            raise Inexpressible("Caffe's averages count padding: it has no `count_include_pad`")
        if layer.pool == "STOCHASTIC":
            raise Inexpressible("Caffe's STOCHASTIC has no padding")
    elif layer.round_mode == "CEIL":
        sizes = zip(node.bottom[0][2:], node.top[0][2:], kernels, strides, strict=True)
        for size, count, kernel, stride in sizes:
            # A window beyond the image needs steps that are longer than windows.
            here = -(-(size - kernel) // stride) + 1 if isinstance(size, int) else None
            if kernel < stride and here != count:
                raise Inexpressible("Caffe makes a window more, wholly beyond the image")
    exact = all(stride == 1 for stride in strides) or layer.kernel_size is None
    return {} if exact else {"round_mode": layer.round_mode}


@writes(SPP)
def spp(layer: SPP, node: Node) -> Piece:
    fields = {"pyramid_height": layer.pyramid_height, "pool": layer.pool}
    return Piece("SPP", {"spp_param": fields})
