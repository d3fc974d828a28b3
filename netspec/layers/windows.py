"""The arithmetic of sliding windows, one axis at a time; pure functions on sizes.

Sources: Caffe's `base_conv_layer.cpp` and `pooling_layer.cpp`; a symbolic input size gives a
symbolic output size.
"""

from netspec.graph.sizes import Size, ceil_div


def floor_windows(size: Size, kernel: int, stride: int, pad: int, dilation: int = 1) -> Size:
    """How many whole windows fit: floor((size + 2·pad − dilation·(kernel − 1) − 1) / stride) + 1.

    >>> floor_windows(227, kernel=11, stride=4, pad=0)
    55
    >>> floor_windows(224, kernel=7, stride=2, pad=3)
    112
    """
    return (size + 2 * pad - dilation * (kernel - 1) - 1) // stride + 1


def ceil_windows(size: Size, kernel: int, stride: int, pad: int) -> Size:
    """How many windows cover the input, the last of which may overhang but not start beyond it.

    Caffe's ceil((size + 2·pad − kernel) / stride) + 1, less the last window if that starts at
    size + pad or later, in closed form. (Caffe clips only where there is padding; without any, a
    window beyond the input occurs only with stride > kernel, is empty, and Caffe gives -FLT_MAX
    or 0/0 for it. Here, as in PyTorch, it isn't made.)

    >>> ceil_windows(224, kernel=3, stride=2, pad=0)
    112
    >>> ceil_windows(7, kernel=2, stride=2, pad=1)
    4
    """
    return ceil_div(size + pad + min(pad + stride - kernel, 0), stride)


def deconvolved(
    size: Size, kernel: int, stride: int, pad: int, dilation: int = 1, extra: int = 0
) -> Size:
    """What floor_windows makes `size` of: the inverse, with `extra` elements more at the end.

    >>> deconvolved(8, kernel=4, stride=2, pad=1)
    16
    """
    return (size - 1) * stride + dilation * (kernel - 1) + 1 - 2 * pad + extra


def margin_behind(
    size: Size, kernel: int, stride: int, pad: int, windows: Size, *, ceil: bool
) -> int:
    """The margin behind an axis with which just `windows` whole windows fit, `pad` being before.

    It is `pad` itself where that will do. Rounding up makes it longer for a last window that
    overhangs, and shorter than a pad as wide as a whole window: none starts there. For a symbolic
    size it is the most that may be needed, which is never a window too much: the whole windows
    are then floor((size + pad + min(pad + stride, kernel) - 1) / stride), which is `ceil_windows`.

    >>> margin_behind(6, kernel=3, stride=2, pad=0, windows=3, ceil=True)
    1
    """
    if isinstance(size, int) and isinstance(windows, int):
        needed = (windows - 1) * stride + kernel - size - pad
        return pad if needed <= pad < needed + stride else max(0, needed)
    return min(pad + stride - 1, kernel - 1) if ceil else pad


def fractional_starts(size: int, kernel: int, count: int) -> list[int]:
    """Where windows of fractional steps start: floor((i + 1/2)·α) − floor(α / 2) with
    α = (size − kernel) / (count − 1), in whole numbers; the last at size − kernel.

    >>> fractional_starts(8, kernel=2, count=5)
    [0, 2, 3, 5, 6]
    """
    room, steps = size - kernel, 2 * (count - 1)
    if steps == 0:
        return [room]
    return [(2 * i + 1) * room // steps - room // steps for i in range(count)]
