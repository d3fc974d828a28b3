"""What a module's form for inference can leave out: each BatchNorm behind a convolution, Dropout.

The emitted function knows modules and their order only; the graph knows what they're given.
"""

from collections.abc import Iterator
from itertools import pairwise

from netspec.graph import Graph, Node, Scope
from netspec.layers.convolution import Convolution
from netspec.layers.normalization import BatchNorm
from netspec.layers.regularization import Dropout
from netspec.lower.torch.bodies import Bodies
from netspec.lower.torch.forms import Forms
from netspec.lower.torch.plan import InferencePlan
from netspec.lower.torch.wiring import Member, Wiring


def inference_plan(graph: Graph, forms: Forms, wiring: Wiring, bodies: Bodies) -> InferencePlan:
    """What to fold and to drop. Where a loop over neighbouring modules would fold one that it
    shouldn't, those to fold are named.
    """
    pairs = list(_neighbours(graph.root, forms, bodies))
    right = [(conv.path, norm.path) for conv, norm in pairs if _folds(graph, wiring, conv, norm)]
    named = tuple(right) if len(right) < len(pairs) else ()
    drops = any(isinstance(n.layer, Dropout) and forms.is_held(n.path) for n in graph.nodes)
    fixed = any(
        norm.layer.use_global_stats for _, norm in pairs if isinstance(norm.layer, BatchNorm)
    )
    return InferencePlan(bool(right), bool(right) and fixed, named, drops)


def _folds(graph: Graph, wiring: Wiring, conv: Node, norm: Node) -> bool:
    """Whether the normalization reads the convolution, and alone, wherever the two are applied."""
    assert isinstance(norm.layer, BatchNorm)
    if norm.layer.use_global_stats is False or conv.phase is not norm.phase:
        return False
    given = {node.tops[0].name for node in graph.nodes if node.module == conv.path}
    read = [node.bottoms[0].name for node in graph.nodes if node.module == norm.path]
    return given == set(read) and all(wiring.readers(blob) == 1 for blob in given)


def _neighbours(scope: Scope, forms: Forms, bodies: Bodies) -> Iterator[tuple[Node, Node]]:
    """The convolutions of a scope with a BatchNorm as the next module."""
    held = {each.name for each in bodies.members(scope)}
    children = [each for each in scope.members if _is_child(each, held, forms)]
    for one, other in pairwise(children):
        if isinstance(one, Node) and isinstance(other, Node):
            kinds = isinstance(one.layer, Convolution), isinstance(other.layer, BatchNorm)
            if all(kinds) and other.bottoms[0].shape.rank == 4:
                yield one, other
    for child in children:
        if isinstance(child, Scope):
            yield from _neighbours(child, forms, bodies)


def _is_child(member: Member, held: set[str], forms: Forms) -> bool:
    """Whether a member is a module of its scope's, as `named_children` gives them."""
    return not member.reused and member.name in held and not forms.is_parameter(member)
