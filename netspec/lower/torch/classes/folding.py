"""What a module's form for inference can leave out: each BatchNorm behind a convolution, Dropout.

The emitted function knows modules, by PyTorch's classes, and their order only; the graph knows what
they're given.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from netspec.graph import Graph, Node, Scope
from netspec.lower.folding import foldable
from netspec.lower.torch.classes.layout import channels_last
from netspec.lower.torch.classes.plan import InferencePlan
from netspec.lower.torch.code import Name, call
from netspec.lower.torch.layers.normalization import FIXED
from netspec.lower.torch.python.layout import flat
from netspec.lower.torch.structure.forms import Forms
from netspec.lower.torch.structure.wiring import Member

DROPOUT = "nn.Dropout"
CONVOLUTIONS = {"nn.Conv1d": 1, "nn.Conv2d": 2, "nn.Conv3d": 3}
NORMALIZATIONS = ("nn.BatchNorm1d", "nn.BatchNorm2d", "nn.BatchNorm3d", FIXED)
"""The modules that the emitted function looks for; a convolution's axes are its BatchNorm's."""


def inference_plan(graph: Graph, forms: Forms) -> InferencePlan:
    """What to fold and to drop. Where a loop over neighbouring modules would fold one that it
    shouldn't, those to fold are named.
    """
    pairs = list(_neighbours(graph.root, forms))
    known = _Folds(graph)
    right = [(conv.path, norm.path) for conv, norm in pairs if known.holds(conv, norm)]
    named = tuple(right) if len(right) < len(pairs) else ()
    drops = any(_kind(node, forms) == DROPOUT for node in graph.nodes if forms.is_held(node.path))
    fixed = any(_kind(norm, forms) == FIXED for _, norm in pairs)
    axes = sorted({CONVOLUTIONS[str(_kind(conv, forms))] for conv, _ in pairs})
    model = Name("model")
    evaluated = model if right or drops else call("model.eval")
    layout = tuple(channels_last(graph, forms, evaluated, model))
    return InferencePlan(bool(right), bool(right) and fixed, named, drops, tuple(axes), layout)


class _Folds:
    """Which modules can be folded into one, for all the times that they're applied."""

    def __init__(self, graph: Graph) -> None:
        self._uses: dict[str, list[str]] = defaultdict(list)
        for node in graph.nodes:
            self._uses[node.module].append(node.path)
        self._pairs = {(linear.path, norm.path) for linear, norm in foldable(graph)}

    def holds(self, conv: Node, norm: Node) -> bool:
        """Whether the normalization reads the convolution, and alone, wherever the two are
        applied.
        """
        convs, norms = self._uses[conv.path], self._uses[norm.path]
        pairs = {(one, other) for one in convs for other in norms} & self._pairs
        return conv.phase is norm.phase and len(pairs) == len(convs) == len(norms)


def _neighbours(scope: Scope, forms: Forms) -> Iterator[tuple[Node, Node]]:
    """The convolutions of a scope with a BatchNorm as the next module."""
    children = [each for each in scope.members if _is_child(each, scope, forms)]
    for one, other in pairwise(children):
        if not (isinstance(one, Node) and isinstance(other, Node)):
            continue
        if _kind(one, forms) in CONVOLUTIONS and _kind(other, forms) in NORMALIZATIONS:
            yield one, other
    for child in children:
        if isinstance(child, Scope):
            yield from _neighbours(child, forms)


def _kind(node: Node, forms: Forms) -> str | None:
    """The class of a layer's module, if it has one."""
    module = forms.lowered(node).module
    return None if module is None else flat(module.callee)


def _is_child(member: Member, scope: Scope, forms: Forms) -> bool:
    """Whether a member is a module of its scope's, as `named_children` gives them."""
    return forms.holds(member, scope) and not forms.is_parameter(member)
