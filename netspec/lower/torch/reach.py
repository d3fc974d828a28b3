"""How far other values of vars reach into a network, and whether code can follow them there.

It can if whatever is computed from them further is a sum of multiples, and nothing is decided by
it. So a var must not reach, by way of an arg, another var or a blob's size, an expression that
does more: divides, compares, takes a maximum. In the sizes of blobs it may change channels alone,
for a height or width is rounded where windows slide.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import TypeAlias

from netspec.expressions.syntax import (
    Attribute,
    Binary,
    Expression,
    Index,
    Literal,
    Name,
    Unary,
    children,
    names,
)
from netspec.graph import Blob, Formula, Graph, Node, Scope, Shape, TensorType
from netspec.graph.sizes import symbol
from netspec.layers import Layer, LayerError

Formulas: TypeAlias = Mapping[str, Sequence[Formula]]
CHANNELS = 1
"""The axis that may follow a var."""


def follows(graphs: Sequence[Graph], formulas: Formulas, variables: Set[str]) -> bool:
    """Whether code can follow the vars in which these graphs of one spec differ.

    `formulas` are the spec's expressions by the block in which they stand.
    """
    changes = [_Changes(graphs[0], other) for other in graphs[1:]]
    if not all(each.in_channels for each in changes):
        return False
    args: dict[str, set[str]] = {}
    affected: set[str] = set()
    for each in changes:
        affected |= each.blocks
        for block, names_ in each.args.items():
            args.setdefault(block, set()).update(names_)
    others = {name for each in changes for name in each.variables} - variables
    known = args_of(graphs)
    for block, group in formulas.items():
        reached = args.get(block, set()) | (others - known.get(block, set()))
        for formula in group:
            if block in affected and reads_blobs(formula.expression):
                return False
            if not _is_linear(formula.expression, reached):
                return False
    return True


def reads_blobs(expression: Expression) -> bool:
    """Whether an expression asks a blob for something."""
    return isinstance(expression, Attribute) or any(map(reads_blobs, children(expression)))


def values_read(expression: Expression) -> set[str]:
    """The names of vars, args and indices that an expression reads; not those of blobs."""
    match expression:
        case Name(name=name):
            return {name}
        case Attribute():
            return set()
    return set().union(*map(values_read, children(expression)))


def scopes(scope: Scope, block: str = "") -> Iterator[tuple[str, Scope]]:
    """A scope and those in it, each with the block in which its entry stands."""
    yield block, scope
    inner = scope.block or block
    for member in scope.members:
        if isinstance(member, Scope):
            yield from scopes(member, inner)


def args_of(graphs: Sequence[Graph]) -> dict[str, set[str]]:
    """The args of each block that has instances."""
    found: dict[str, set[str]] = {}
    for graph in graphs:
        for _, scope in scopes(graph.root):
            if scope.block is not None:
                found.setdefault(scope.block, set()).update(scope.args)
    return found


def _is_linear(expression: Expression, reached: Set[str]) -> bool:
    """Whether it's a sum of multiples of these names, or doesn't read them."""
    if not names(expression) & reached:
        return True
    match expression:
        case Name() | Index(value=Name(), index=Literal()):
            return True
        case Unary(operator="-" | "+", operand=operand):
            return _is_linear(operand, reached)
        case Binary(operator="+" | "-", left=left, right=right):
            return _is_linear(left, reached) and _is_linear(right, reached)
        case Binary(operator="*", left=left, right=right):
            product = bool(names(left) & reached) and bool(names(right) & reached)
            return not product and _is_linear(left, reached) and _is_linear(right, reached)
    return False


class _Changes:
    """What differs between two graphs of one spec, where both have it."""

    def __init__(self, graph: Graph, other: Graph) -> None:
        given = other.variables
        self.variables = {name for name, each in graph.variables.items() if given[name] != each}
        # The blocks in whose instances sizes differ, and the args that do.
        self.blocks: set[str] = set()
        self.args: dict[str, set[str]] = {}
        self.in_channels = True
        self._inside: set[str] = set()
        self._compare_blobs(graph, other)
        self._compare_scopes(graph, other)

    def _compare_blobs(self, graph: Graph, other: Graph) -> None:
        self._compare(graph.inputs, other.inputs)
        nodes = {node.path: node for node in other.nodes}
        for node in graph.nodes:
            if node.path in nodes:
                counterpart = nodes[node.path]
                self._compare(node.tops, counterpart.tops)
                if node.layer != counterpart.layer and not _slide_alike(node, counterpart):
                    self.in_channels = False

    def _compare(self, blobs: Sequence[Blob], others: Sequence[Blob]) -> None:
        for blob, other in zip(blobs, others, strict=False):
            if blob.type != other.type:
                self.in_channels &= _rest(blob.shape) == _rest(other.shape)
                parts = blob.name.split(".")
                self._inside |= {".".join(parts[:count]) for count in range(len(parts))}

    def _compare_scopes(self, graph: Graph, other: Graph) -> None:
        others = {scope.path: scope for _, scope in scopes(other.root)}
        for _, scope in scopes(graph.root):
            counterpart = others.get(scope.path)
            if counterpart is None or not (scope.block or not scope.path):
                continue
            block = scope.block or ""
            inputs = zip(scope.inputs, counterpart.inputs, strict=False)
            if scope.path in self._inside or any(one.type != two.type for one, two in inputs):
                self.blocks.add(block)
            differ = {n for n, each in scope.args.items() if counterpart.args.get(n) != each}
            if differ:
                self.args.setdefault(block, set()).update(differ)


def _rest(shape: Shape) -> tuple[object, ...]:
    """The sizes of a shape but for the channels."""
    return (*shape[:CHANNELS], *shape[CHANNELS + 1 :])


def _slide_alike(node: Node, other: Node) -> bool:
    """Whether two layers make the same of any height and width."""
    found = []
    for each in (node, other):
        assert isinstance(each.layer, Layer)
        try:
            tops = each.layer.outputs_for([_open(b.type) for b in each.bottoms], len(each.tops))
        except LayerError:
            # It takes known sizes alone: no window slides.
            return True
        found.append([_rest(top.shape) for top in tops])
    return found[0] == found[1]


def _open(type: TensorType) -> TensorType:
    """The type with heights and widths that could be anything."""
    sizes = type.shape[: CHANNELS + 1]
    beyond = (symbol(f"S{axis}") for axis in range(len(sizes), len(type.shape)))
    return TensorType(Shape((*sizes, *beyond)), type.dtype)
