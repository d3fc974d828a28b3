"""Layers that summarise windows along one, two or three axes.

PyTorch's pooling pads by at most half a window. Beyond that, and for what it doesn't pad at all,
the margins are made first, so long that all windows are whole ones.
"""

from collections.abc import Callable, Sequence

from netspec.graph import Node
from netspec.layers.fields import aligned
from netspec.layers.pooling import Pooling
from netspec.lower.torch.code import Call, Expr, Literal, Name, call, scalar
from netspec.lower.torch.layers.pooling_axis import pooling_along
from netspec.lower.torch.registry import Lowered, lowers

NOTHING = Name('float("-inf")')
"""What the margins of a maximum hold."""


@lowers(Pooling)
def pooling(layer: Pooling, node: Node) -> Lowered:
    axis = layer.along_axis(node.bottoms[0].shape)
    return _METHODS[layer.pool](layer, node) if axis is None else pooling_along(layer, axis, node)


def _maximum(layer: Pooling, node: Node) -> Lowered:
    mask = {"return_indices": Literal(len(node.tops) > 1, "return_indices", False)}
    if layer.kernel_size is None:
        return _adaptive("Max", layer, node, mask)
    if _is_narrow(layer):
        return _plain("Max", layer, node, mask)
    whole = margins(layer, node)
    if len(node.tops) > 1:
        settings = [*_windows_of(layer, node), Literal(whole)]
        helper = f"max_pool{_axes(node)}d_in_margins"
        return Lowered(function=lambda x: call(helper, x[0], *settings), helper=helper)
    return _windows("MaxPool", "max_pool", (), layer, node, whole, NOTHING)


def _average(layer: Pooling, node: Node) -> Lowered:
    if layer.kernel_size is None:
        return _adaptive("Avg", layer, node, {})
    if _is_narrow(layer) and _averages_margins(layer, node):
        include = Literal(layer.count_include_pad, "count_include_pad", True)
        return _plain("Avg", layer, node, {"count_include_pad": include})
    whole = margins(layer, node)
    counted = (0,) * len(whole)
    if layer.count_include_pad:
        before = whole[::2]
        behind = map(min, before, whole[1::2])
        counted = tuple(size for pair in zip(before, behind, strict=True) for size in pair)
    if counted == whole:
        return _windows("AvgPool", "avg_pool", (), layer, node, whole)
    helper = f"avg_pool{_axes(node)}d_in_margins"
    settings = [*_windows_of(layer, node), Literal(whole), Literal(counted)]
    return Lowered(function=lambda x: call(helper, x[0], *settings), helper=helper)


def _norm(layer: Pooling, node: Node) -> Lowered:
    if layer.kernel_size is not None:
        order = (Literal(2, "norm_type"),)
        return _windows("LPPool", "lp_pool", order, layer, node, margins(layer, node))

    def norm(operands: Sequence[Expr]) -> Expr:
        dim = Literal(tuple(range(2, 2 + _axes(node))))
        return call("torch.linalg.vector_norm", operands[0], dim=dim, keepdim=Name("True"))

    return Lowered(function=norm)


def _by_chance(layer: Pooling, node: Node) -> Lowered:
    helper = "StochasticPool2d"
    if layer.kernel_size is None:
        return Lowered(call(helper), helper=helper)
    kernel, stride, _ = layer.along(_axes(node))
    module = call(
        helper,
        Literal(kernel, "kernel_size"),
        stride=Literal(stride, "stride", (1, 1)),
        margins=Literal(margins(layer, node), "margins", (0, 0, 0, 0)),
    )
    return Lowered(module, helper=helper)


_METHODS: dict[str, Callable[[Pooling, Node], Lowered]] = {
    "MAX": _maximum,
    "AVE": _average,
    "L2": _norm,
    "STOCHASTIC": _by_chance,
}


def _axes(node: Node) -> int:
    return node.bottoms[0].shape.rank - 2


def margins(layer: Pooling, node: Node) -> tuple[int, ...]:
    """The margins of whole windows in PyTorch's order: before and behind the last axis first."""
    *_, before = layer.along(_axes(node))
    behind = layer.behind(node.bottoms[0].shape, node.tops[0].shape)
    pairs = list(zip(before, behind, strict=True))
    return tuple(size for pair in reversed(pairs) for size in pair)


def _windows_of(layer: Pooling, node: Node) -> list[Literal]:
    kernel, stride, _ = layer.along(_axes(node))
    return [Literal(kernel), Literal(stride)]


def _is_narrow(layer: Pooling) -> bool:
    """Whether PyTorch itself pads so much."""
    assert layer.kernel_size is not None
    return all(2 * pad <= size for pad, size in aligned(layer.pad, layer.kernel_size))


def _averages_margins(layer: Pooling, node: Node) -> bool:
    """Whether PyTorch pads before it asks if a window fits: of volumes it doesn't."""
    sizes, (kernel, _, pad) = node.bottoms[0].shape[2:], layer.along(_axes(node))
    fits = (isinstance(n, int) and n >= k for n, k in zip(sizes, kernel, strict=True))
    return len(sizes) < 3 or not any(pad) or all(fits)


def _plain(name: str, layer: Pooling, node: Node, more: dict[str, Literal]) -> Lowered:
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
    return _both(f"{name}Pool", f"{name.lower()}_pool", node, (size,), settings)


def _adaptive(name: str, layer: Pooling, node: Node, more: dict[str, Literal]) -> Lowered:
    """So many windows, however large the image is."""
    size = Literal(scalar(layer.counts(_axes(node))), "output_size")
    return _both(f"Adaptive{name}Pool", f"adaptive_{name.lower()}_pool", node, (size,), more)


def _both(
    module: str,
    function: str,
    node: Node,
    arguments: tuple[Literal, ...],
    settings: dict[str, Literal],
    prepare: Callable[[Expr], Expr] | None = None,
) -> Lowered:
    """The module, and the function of the same arguments."""
    suffix = f"{_axes(node)}d"

    def pooled(operands: Sequence[Expr]) -> Expr:
        operand = operands[0] if prepare is None else prepare(operands[0])
        return call(f"F.{function}{suffix}", operand, *arguments, **settings)

    made = call(f"nn.{module}{suffix}", *arguments, **settings)
    return Lowered(made, pooled, prepare=prepare)


def _windows(
    module: str,
    function: str,
    first: tuple[Literal, ...],
    layer: Pooling,
    node: Node,
    margins: tuple[int, ...],
    value: Name | None = None,
) -> Lowered:
    """Whole windows of an image with margins that are made for them."""
    assert layer.kernel_size is not None
    kernel = scalar(layer.kernel_size)
    arguments = (*first, Literal(kernel, "kernel_size"))
    settings = {"stride": Literal(scalar(layer.stride), "stride", kernel)}

    def padded(operand: Expr) -> Call:
        held: dict[str, Expr] = {} if value is None else {"value": value}
        return call("F.pad", operand, Literal(margins), **held)

    prepare = padded if any(margins) else None
    return _both(module, function, node, arguments, settings, prepare)
