"""A network computed layer by layer, from the graph alone: no classes, no `forward`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import torch
import torch.nn.functional as F
from torch import Tensor

from netspec.graph import Graph, Node, Phase

Weights: TypeAlias = Mapping[str, Tensor]
Compute: TypeAlias = Callable[[Node, Weights, Sequence[Tensor], bool], Tensor | Sequence[Tensor]]


def computed(
    graph: Graph,
    weights: Weights,
    inputs: Mapping[str, Tensor],
    phase: Phase,
    compute: Mapping[str, Compute] | None = None,
) -> dict[str, Tensor]:
    """Every blob of a phase by name; `weights` are by the keys of the module's state_dict.

    `compute` says what layers do, by type, where that isn't as here.
    """
    known = COMPUTE if compute is None else compute
    blobs = dict(inputs)
    for node in graph.phase(phase).nodes:
        own = {p.name.removeprefix(f"{node.module}."): weights[p.owner] for p in node.parameters}
        read = [blobs[blob.name] for blob in node.bottoms]
        given = known[node.type](node, own, read, phase is Phase.TRAIN)
        tops = [given] if isinstance(given, Tensor) else given
        blobs |= {blob.name: top for blob, top in zip(node.tops, tops, strict=True)}
    return blobs


def _convolution(node: Node, own: Weights, read: Sequence[Tensor], training: bool) -> Tensor:
    pad = own["weight"].shape[-1] // 2
    return F.conv2d(read[0], own["weight"], own.get("bias"), padding=pad)


def _batch_norm(node: Node, own: Weights, read: Sequence[Tensor], training: bool) -> Tensor:
    layer: Any = node.layer
    if training and not layer.use_global_stats:
        return F.batch_norm(read[0], None, None, own["weight"], own["bias"], training=True)
    mean, var = own["running_mean"], own["running_var"]
    return F.batch_norm(read[0], mean, var, own["weight"], own["bias"])


def _scale(node: Node, own: Weights, read: Sequence[Tensor], training: bool) -> Tensor:
    if len(read) == 2:
        x, factors = read
        return (
            x * factors.reshape(*factors.shape[:2], 1, 1) if factors.dim() > 1 else x * _1(factors)
        )
    return read[0] * _1(own["weight"]) + _1(own["bias"])


def _1(channels: Tensor) -> Tensor:
    return channels.view(-1, 1, 1)


def _pooling(node: Node, own: Weights, read: Sequence[Tensor], training: bool) -> Tensor:
    layer: Any = node.layer
    if layer.global_pooling:
        return read[0].mean((2, 3), keepdim=True)
    return F.max_pool2d(read[0], 3, 1, 1)


COMPUTE: dict[str, Compute] = {
    "ReLU": lambda node, own, read, training: read[0].relu(),
    "Sigmoid": lambda node, own, read, training: read[0].sigmoid(),
    "PReLU": lambda node, own, read, training: F.prelu(read[0], own["weight"]),
    "BatchNorm": _batch_norm,
    "InstanceNorm": lambda node, own, read, training: F.instance_norm(read[0]),
    "Scale": _scale,
    "Pooling": _pooling,
    "Convolution": _convolution,
    "InnerProduct": lambda node, own, read, training: F.linear(read[0].flatten(1), *own.values()),
    "Parameter": lambda node, own, read, training: next(iter(own.values())),
    "Slice": lambda node, own, read, training: read[0].chunk(2, 1),
    "Concat": lambda node, own, read, training: torch.cat([*read], 1),
    "Eltwise": lambda node, own, read, training: sum(read[1:], read[0]),
    "EuclideanLoss": lambda node, own, read, training: (
        (read[0] - read[1]).square().sum() / (2 * len(read[0]))
    ),
}
