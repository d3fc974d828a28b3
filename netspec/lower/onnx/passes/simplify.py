"""A network for inference alone: what no result needs and what does nothing left out, BatchNorm
folded into the layer before it.

Each pass takes a graph of one phase and gives one with the same results; the node that remains of a
pair bears the name of its weights.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from netspec.diagnostics import Diagnostic, SpecError
from netspec.graph import Blob, Graph, Node, Parameter
from netspec.graph.fillers import ZEROS
from netspec.graph.needed import needed_by_results
from netspec.lower.folding import axis, foldable, scale
from netspec.lower.values import Array, lost

Makers = dict[str, Callable[[], Array]]

_ROWS = 1 << 20
"""Elements of a weight that are scaled at a time."""


def simplified(graph: Graph, weights: Mapping[str, Array]) -> tuple[Graph, Makers]:
    """The graph as small as it gets, and how to make the weights that have changed."""
    return fold_batchnorm(without_identities(graph), weights)


def without_identities(graph: Graph) -> Graph:
    """The graph without layers that do nothing, but for those that give a result."""
    results = {blob.name for blob in graph.results}
    instead: dict[str, Blob] = {}
    nodes: list[Node] = []
    for node in graph.nodes:
        bottoms = tuple(instead.get(blob.name, blob) for blob in node.bottoms)
        if node.layer.is_identity_in_test and node.tops[0].name not in results:
            instead[node.tops[0].name] = bottoms[0]
        else:
            nodes.append(replace(node, bottoms=bottoms))
    return graph.with_nodes(nodes, instead=instead)


def without_unread(graph: Graph) -> Graph:
    """The graph without layers on which no result depends."""
    return graph.with_nodes(needed_by_results(graph))


def fold_batchnorm(graph: Graph, weights: Mapping[str, Array]) -> tuple[Graph, Makers]:
    """The graph with each BatchNorm, where that can be, part of the layer that alone feeds it; and
    how to make the weights that take it in.
    """
    holders = Counter(parameter.owner for node in graph.nodes for parameter in node.parameters)
    folded: dict[str, Node] = {}
    instead: dict[str, Blob] = {}
    gone: set[str] = set()
    makers: Makers = {}
    for linear, norm in foldable(graph):
        shared = any(each.shared or holders[each.owner] > 1 for each in linear.parameters)
        if shared or linear.path in gone:  # a layer may both take in a scale and be one
            continue
        fold = _Fold(linear, norm, weights)
        folded[linear.path] = fold.node()
        gone.add(norm.path)
        instead[norm.bottoms[0].name] = norm.tops[0]
        makers |= {fold.weight.name: fold.folded_weight, fold.bias.name: fold.folded_bias}
    nodes = (folded.get(node.path, node) for node in graph.nodes if node.path not in gone)
    return graph.with_nodes(nodes, instead=instead), makers


class _Fold:
    """A layer that takes in the BatchNorm behind it."""

    def __init__(self, linear: Node, norm: Node, weights: Mapping[str, Array]) -> None:
        self._named = scale(norm)
        self._axis = axis(linear)
        self._linear = linear
        self._norm = norm
        self._weights = weights
        own = {parameter.name.rpartition(".")[2]: parameter for parameter in linear.parameters}
        self.weight = own["weight"]
        channels = norm.bottoms[0].shape[1]
        assert isinstance(channels, int)  # the shape of a weight
        name = f"{linear.module}.bias"
        dtype = self.weight.dtype
        self.bias = own.get("bias") or Parameter(name, (channels,), ZEROS, name, dtype=dtype)
        self._has_bias = "bias" in own

    def node(self) -> Node:
        """The layer with a bias, which gives what the BatchNorm gave."""
        return replace(
            self._linear,
            layer=self._linear.layer.biased(),
            tops=self._norm.tops,
            phase=self._norm.phase,
            parameters=(self.weight, self.bias),
        )

    def folded_weight(self) -> Array:
        # A few rows at a time in double. The copy is there because arrays may be the user's.
        weight = self._weights[self.weight.name].copy()
        scale = self._scale()
        if self._axis == 1:
            rows, factors = weight, scale[np.newaxis]
        else:
            rows, factors = weight.reshape(len(weight), -1), scale[:, np.newaxis]
        step = max(1, _ROWS // max(1, rows.shape[1]))
        for start in range(0, len(rows), step):
            factor = factors if len(factors) == 1 else factors[start : start + step]
            before = rows[start : start + step]
            with np.errstate(all="ignore"):
                made = (before * factor).astype(weight.dtype)
            self._refuse_lost(self.weight, before, made, factor)
            rows[start : start + step] = made
        return weight

    def folded_bias(self) -> Array:
        bias = np.zeros(self.bias.shape)
        if self._has_bias:
            bias = self._weights[self.bias.name].astype(np.float64)
        mean, scale = self._value(self._named.mean, 0), self._scale()
        shift = self._value(self._named.shift, 0)
        with np.errstate(all="ignore"):
            folded: Array = ((bias - mean) * scale + shift).astype(np.float32)
        self._refuse_lost(self.bias, bias, folded, mean, scale, shift)
        return folded

    def _scale(self) -> Array:
        variance = self._value(self._named.variance, 1)
        factor = self._value(self._named.factor, 1)
        with np.errstate(all="ignore"):
            scale: Array = factor / np.sqrt(variance + self._named.eps)
        self._refuse_lost(self.weight, variance, scale, factor)
        return scale

    def _refuse_lost(
        self, parameter: Parameter, values: Array, made: Array, *others: Array
    ) -> None:
        """SpecError where what has been made of finite numbers isn't finite."""
        where = lost(values, made)
        for each in others:
            where &= np.isfinite(each)
        if where.any():
            message = (
                f"folding `{self._norm.path}` into `{parameter.name}` makes finite values infinite "
                "or no numbers"
            )
            help = "leave the BatchNorm where it is: without `--fold-batchnorm`"
            raise SpecError([Diagnostic("weights-format", message, help=help)])

    def _value(self, suffix: str | None, default: float) -> Array:
        """A tensor of the BatchNorm's; what changes nothing where it has none."""
        if suffix is None:
            return np.full(self.bias.shape, float(default))
        names = (parameter.name for parameter in self._norm.parameters)
        name = next(name for name in names if name.endswith(f".{suffix}"))
        return self._weights[name].astype(np.float64)
