"""Channels-last: the order in which convolutions' weights lie in memory, for images and volumes."""

from collections.abc import Iterator

from netspec.graph import Graph
from netspec.lower.torch.code import Do, Expr, Name, Statement, call
from netspec.lower.torch.python.layout import flat
from netspec.lower.torch.structure.forms import Forms

_IMAGES = ("nn.utils.convert_conv2d_weight_memory_format", "torch.channels_last")
_VOLUMES = ("nn.utils.convert_conv3d_weight_memory_format", "torch.channels_last_3d")
_CONVERSIONS = {
    "nn.Conv2d": _IMAGES,
    "nn.ConvTranspose2d": _IMAGES,
    "nn.Conv3d": _VOLUMES,
    "nn.ConvTranspose3d": _VOLUMES,
}
"""The function and the order, by the module's class; weights of one axis have no other order."""


def channels_last(
    graph: Graph, forms: Forms, module: Expr, then: Expr | None = None
) -> Iterator[Statement]:
    """The calls that put a module's weights in that order; it is `then` behind the first call."""
    modules = (forms.lowered(node).module for node in graph.nodes)
    kinds = {flat(each.callee) for each in modules if each is not None}
    found = {conversion for kind, conversion in _CONVERSIONS.items() if kind in kinds}
    for function, order in sorted(found) or [_IMAGES]:
        yield Do(call(function, module, Name(order)))
        module = then or module
