"""Whether a loop over neighbouring modules folds each BatchNorm where it belongs."""

from collections.abc import Iterator
from itertools import pairwise

from netspec.graph import Graph, Node, Scope
from netspec.layers.convolution import Convolution
from netspec.layers.normalization import BatchNorm
from netspec.lower.torch.forms import Forms
from netspec.lower.torch.wiring import Wiring


def folds(graph: Graph, forms: Forms, wiring: Wiring) -> bool:
    """Whether every BatchNorm that stands right behind a convolution reads that, and alone.

    The emitted loop knows modules and their order only; the graph knows what they're given.
    """
    reused = {node.module for node in graph.nodes if node.reused}
    for conv, norm in _neighbours(graph.root, forms):
        assert isinstance(norm.layer, BatchNorm)
        blob = conv.tops[0].name
        alone = norm.bottoms[0].name == blob and wiring.readers(blob) == 1
        if not alone or {conv.path, norm.path} & reused or conv.phase is not norm.phase:
            return False
        if norm.layer.use_global_stats is False:
            return False
    return True


def _neighbours(scope: Scope, forms: Forms) -> Iterator[tuple[Node, Node]]:
    """The convolutions of a scope with a BatchNorm as the next module."""
    held = [
        member
        for member in scope.members
        if not member.reused and (isinstance(member, Scope) or forms.is_held(member.path))
    ]
    for one, other in pairwise(held):
        if isinstance(one, Node) and isinstance(other, Node):
            kinds = isinstance(one.layer, Convolution), isinstance(other.layer, BatchNorm)
            if all(kinds) and other.bottoms[0].shape.rank == 4:
                yield one, other
    for member in held:
        if isinstance(member, Scope):
            yield from _neighbours(member, forms)
