"""Layers that summarise windows of an image."""

from collections.abc import Sequence

from netspec.graph import Node
from netspec.layers.pooling import Pooling
from netspec.lower.torch.code import Expr, Literal, Value, call, scalar
from netspec.lower.torch.registry import Lowered, lowers


@lowers(Pooling)
def pooling(layer: Pooling, node: Node) -> Lowered:
    if layer.kernel_size is None:
        return adaptive(layer, (1, 1) if layer.output_size is None else layer.output_size)
    # Caffe's and PyTorch's rules of which last windows to keep are the same; see `windows`.
    kernel = scalar(layer.kernel_size)
    settings: dict[str, Literal] = {
        "stride": Literal(scalar(layer.stride), "stride", kernel),
        "padding": Literal(scalar(layer.pad), "padding", 0),
        "ceil_mode": Literal(layer.round_mode == "CEIL", "ceil_mode", False),
    }
    if layer.pool == "AVE":
        settings["count_include_pad"] = Literal(layer.count_include_pad, "count_include_pad", True)
    module, function = {
        "MAX": ("nn.MaxPool2d", "F.max_pool2d"),
        "AVE": ("nn.AvgPool2d", "F.avg_pool2d"),
    }[layer.pool]
    return both(module, function, Literal(kernel, "kernel_size"), settings)


def adaptive(layer: Pooling, windows: tuple[int, int]) -> Lowered:
    """So many windows, however large the image is."""
    module, function = {
        "MAX": ("nn.AdaptiveMaxPool2d", "F.adaptive_max_pool2d"),
        "AVE": ("nn.AdaptiveAvgPool2d", "F.adaptive_avg_pool2d"),
    }[layer.pool]
    size: Value = scalar(windows)
    return both(module, function, Literal(size, "output_size"), {})


def both(module: str, function: str, size: Literal, settings: dict[str, Literal]) -> Lowered:
    """The module, and the function of the same arguments."""

    def pooled(operands: Sequence[Expr]) -> Expr:
        return call(function, operands[0], size, **settings)

    return Lowered(call(module, size, **settings), pooled)
