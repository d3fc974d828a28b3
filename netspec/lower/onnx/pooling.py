"""Pooling with windows of a given size, or one window; with a given number: `adaptive`."""

from netspec.graph import Size
from netspec.layers.pooling import Pooling
from netspec.layers.windows import overhang
from netspec.lower.onnx.adaptive import adaptive_pooling
from netspec.lower.onnx.emitter import Emitter


def pooling(layer: Pooling, to: Emitter) -> None:
    if layer.global_pooling:
        to.top("GlobalMaxPool" if layer.pool == "MAX" else "GlobalAveragePool", to.bottoms)
    elif layer.output_size is not None:
        adaptive_pooling(layer, layer.output_size, to)
    elif layer.pool == "MAX":
        _max_pool(layer, to)
    else:
        _average_pool(layer, to)


def _max_pool(layer: Pooling, to: Emitter) -> None:
    behind = [pad + more for pad, more in zip(layer.pad, _overhangs(layer, to), strict=True)]
    to.top("MaxPool", to.bottoms, **_window(layer), pads=[*layer.pad, *behind])


def _average_pool(layer: Pooling, to: Emitter) -> None:
    """ONNX either counts all padding or none, but a window that overhangs (CEIL) counts the
    padding on its way and not what lies beyond: there the padding is made real zeros first.
    """
    bottoms, pad = to.bottoms, layer.pad
    beyond = _overhangs(layer, to)
    count_all = layer.count_include_pad and any(pad) and not any(beyond)
    if layer.count_include_pad and any(pad) and any(beyond):
        bottoms, pad = [_zeros_around(layer, to)], (0, 0)
    behind = [margin + more for margin, more in zip(pad, beyond, strict=True)]
    to.top(
        "AveragePool",
        bottoms,
        **_window(layer),
        pads=[*pad, *behind],
        count_include_pad=int(count_all),
    )


def _window(layer: Pooling) -> dict[str, tuple[int, int]]:
    assert layer.kernel_size is not None
    return {"kernel_shape": layer.kernel_size, "strides": layer.stride}


def _overhangs(layer: Pooling, to: Emitter) -> tuple[int, int]:
    """How far beyond the padded image the margin must reach for whole windows to be as many as
    `round_mode` asks for, in height and width.

    ONNX's own `ceil_mode` isn't used: before opset 19 its rule for a last window that starts in
    the padding is open, and its averages' divisors are the runtime's choice.
    """
    if layer.round_mode == "FLOOR":
        return (0, 0)
    bottom, top = to.node.bottoms[0].shape, to.node.tops[0].shape
    height, width = (_overhang(layer, axis, bottom[2 + axis], top[2 + axis]) for axis in (0, 1))
    return (height, width)


def _overhang(layer: Pooling, axis: int, size: Size, windows: Size) -> int:
    assert layer.kernel_size is not None
    kernel, stride, pad = layer.kernel_size[axis], layer.stride[axis], layer.pad[axis]
    if isinstance(size, int) and isinstance(windows, int):
        return overhang(size, kernel, stride, pad, windows)
    # The most there can be, whatever the size: one more and there would be a window too many.
    # With it, the whole windows are floor((size + pad + min(pad + stride, kernel) - 1) / stride),
    # which is `ceil_windows`.
    return min(stride - 1, kernel - 1 - pad)


def _zeros_around(layer: Pooling, to: Emitter) -> str:
    bottom = to.node.bottoms[0]
    (above, left), shape = layer.pad, bottom.shape
    padded = bottom.type.with_shape(*shape[:2], shape[2] + 2 * above, shape[3] + 2 * left)
    margins = to.constant("margins", [0, 0, above, left, 0, 0, above, left])
    return to.step("padded", "Pad", [*to.bottoms, margins], padded)
