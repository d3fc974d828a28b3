"""A network computed layer by layer, from the graph alone: no classes, no `forward`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import torch
import torch.nn.functional as F
from torch import Tensor

from netspec.graph import Graph, Node, Phase

Weights: TypeAlias = Mapping[str, Tensor]
Compute: TypeAlias = Callable[[Node, Weights, Sequence[Tensor], bool], Tensor]


def computed(graph: Graph, weights: Weights, data: Tensor, phase: Phase) -> dict[str, Tensor]:
    """Every blob of a phase by name; `weights` are by the keys of the module's state_dict."""
    view = graph.phase(phase)
    blobs = {view.inputs[0].name: data}
    for node in view.nodes:
        own = {p.name.removeprefix(f"{node.module}."): weights[p.owner] for p in node.parameters}
        read = [blobs[blob.name] for blob in node.bottoms]
        blobs[node.tops[0].name] = COMPUTE[node.type](node, own, read, phase is Phase.TRAIN)
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
    weight, bias = (own[name].view(-1, 1, 1) for name in ("weight", "bias"))
    return read[0] * weight + bias


COMPUTE: dict[str, Compute] = {
    "ReLU": lambda node, own, read, training: read[0].relu(),
    "Sigmoid": lambda node, own, read, training: read[0].sigmoid(),
    "PReLU": lambda node, own, read, training: F.prelu(read[0], own["weight"]),
    "BatchNorm": _batch_norm,
    "InstanceNorm": lambda node, own, read, training: F.instance_norm(read[0]),
    "Scale": _scale,
    "Pooling": lambda node, own, read, training: F.max_pool2d(read[0], 3, 1, 1),
    "Convolution": _convolution,
    "Eltwise": lambda node, own, read, training: sum(read[1:], read[0]),
}
