"""Layers that summarise windows of an image.

PyTorch's pooling pads by at most half a window. Beyond that, and for what it doesn't pad at all,
the margins are made first, so long that all windows are whole ones.
"""

from collections.abc import Callable, Sequence

from netspec.graph import Node
from netspec.layers.pooling import Pooling
from netspec.lower.torch.code import Call, Expr, Literal, Name, Value, call, scalar
from netspec.lower.torch.registry import Lowered, lowers

NOTHING = Name('float("-inf")')
"""What the margins of a maximum hold."""


@lowers(Pooling)
def pooling(layer: Pooling, node: Node) -> Lowered:
    return _METHODS[layer.pool](layer, node)


def _maximum(layer: Pooling, node: Node) -> Lowered:
    mask = {"return_indices": Literal(len(node.tops) > 1, "return_indices", False)}
    if layer.kernel_size is None:
        return _adaptive("Max", "max", layer, mask)
    if _is_narrow(layer):
        return _plain("Max", "max", layer, mask)
    before_and_behind = margins(layer, node)
    if len(node.tops) > 1:
        settings = [_pair(layer.kernel_size), _pair(layer.stride), Literal(before_and_behind)]
        helper = "max_pool2d_in_margins"
        return Lowered(function=lambda x: call(helper, x[0], *settings), helper=helper)
    return _windows("nn.MaxPool2d", "F.max_pool2d", (), layer, before_and_behind, NOTHING)


def _average(layer: Pooling, node: Node) -> Lowered:
    if layer.kernel_size is None:
        return _adaptive("Avg", "avg", layer, {})
    if _is_narrow(layer):
        include = Literal(layer.count_include_pad, "count_include_pad", True)
        return _plain("Avg", "avg", layer, {"count_include_pad": include})
    whole = margins(layer, node)
    counted = (0, 0, 0, 0)
    if layer.count_include_pad:
        above, left = layer.pad
        counted = (left, min(left, whole[1]), above, min(above, whole[3]))
    if counted == whole:
        return _windows("nn.AvgPool2d", "F.avg_pool2d", (), layer, whole)
    helper = "avg_pool2d_in_margins"
    settings = [_pair(layer.kernel_size), _pair(layer.stride), Literal(whole), Literal(counted)]
    return Lowered(function=lambda x: call(helper, x[0], *settings), helper=helper)


def _norm(layer: Pooling, node: Node) -> Lowered:
    if layer.kernel_size is not None:
        order = (Literal(2, "norm_type"),)
        return _windows("nn.LPPool2d", "F.lp_pool2d", order, layer, margins(layer, node))

    def norm(operands: Sequence[Expr]) -> Expr:
        keepdim = Name("True")
        return call("torch.linalg.vector_norm", operands[0], dim=Literal((2, 3)), keepdim=keepdim)

    return Lowered(function=norm)


def _by_chance(layer: Pooling, node: Node) -> Lowered:
    helper = "StochasticPool2d"
    if layer.kernel_size is None:
        return Lowered(call(helper), helper=helper)
    module = call(
        helper,
        Literal(layer.kernel_size, "kernel_size"),
        stride=Literal(layer.stride, "stride", (1, 1)),
        margins=Literal(margins(layer, node), "margins", (0, 0, 0, 0)),
    )
    return Lowered(module, helper=helper)


_METHODS: dict[str, Callable[[Pooling, Node], Lowered]] = {
    "MAX": _maximum,
    "AVE": _average,
    "L2": _norm,
    "STOCHASTIC": _by_chance,
}


def margins(layer: Pooling, node: Node) -> tuple[int, int, int, int]:
    """The margins of whole windows in PyTorch's order: left, right, above, below."""
    above, left = layer.pad
    below, right = layer.behind(node.bottoms[0].shape, node.tops[0].shape)
    return left, right, above, below


def _is_narrow(layer: Pooling) -> bool:
    """Whether PyTorch itself pads so much."""
    assert layer.kernel_size is not None
    return all(2 * pad <= size for pad, size in zip(layer.pad, layer.kernel_size, strict=True))


def _plain(name: str, function: str, layer: Pooling, more: dict[str, Literal]) -> Lowered:
    """PyTorch's own pooling: its rule which last windows to keep is Caffe's; see `windows`."""
    assert layer.kernel_size is not None
    kernel = scalar(layer.kernel_size)
    settings = {
        "stride": Literal(scalar(layer.stride), "stride", kernel),
        "padding": Literal(scalar(layer.pad), "padding", 0),
        "ceil_mode": Literal(layer.round_mode == "CEIL", "ceil_mode", False),
        **more,
    }
    size = Literal(kernel, "kernel_size")
    return _both(f"nn.{name}Pool2d", f"F.{function}_pool2d", (size,), settings)


def _adaptive(name: str, function: str, layer: Pooling, more: dict[str, Literal]) -> Lowered:
    """So many windows, however large the image is."""
    windows = (1, 1) if layer.output_size is None else layer.output_size
    size = Literal(scalar(windows), "output_size")
    module, plain = f"nn.Adaptive{name}Pool2d", f"F.adaptive_{function}_pool2d"
    return _both(module, plain, (size,), more)


def _both(
    module: str, function: str, arguments: tuple[Literal, ...], settings: dict[str, Literal]
) -> Lowered:
    """The module, and the function of the same arguments."""

    def pooled(operands: Sequence[Expr]) -> Expr:
        return call(function, operands[0], *arguments, **settings)

    return Lowered(call(module, *arguments, **settings), pooled)


def _windows(
    module: str,
    function: str,
    first: tuple[Literal, ...],
    layer: Pooling,
    margins: tuple[int, int, int, int],
    value: Name | None = None,
) -> Lowered:
    """Whole windows of an image with margins that are made for them."""
    assert layer.kernel_size is not None
    kernel = scalar(layer.kernel_size)
    arguments = (*first, Literal(kernel, "kernel_size"))
    settings = {"stride": Literal(scalar(layer.stride), "stride", kernel)}
    if not any(margins):
        return _both(module, function, arguments, settings)

    def padded(operand: Expr) -> Call:
        held: dict[str, Expr] = {} if value is None else {"value": value}
        return call("F.pad", operand, Literal(margins), **held)

    def pooled(operands: Sequence[Expr]) -> Expr:
        return call(function, padded(operands[0]), *arguments, **settings)

    return Lowered(call(module, *arguments, **settings), pooled, prepare=padded)


def _pair(sizes: tuple[int, int]) -> Literal:
    value: Value = sizes
    return Literal(value)
