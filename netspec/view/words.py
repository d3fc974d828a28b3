"""What stands in the boxes and on the wires of a drawing."""

from collections.abc import Iterable, Sequence
from itertools import takewhile

from netspec.analysis.columns.column import Unit
from netspec.analysis.units import short
from netspec.graph import Blob, Node, Scope, Size

LONGEST = 40
"""Letters of a formula that a caption has room for."""
SHAPES = 2
"""Shapes that a wire tells, where it has several."""


def brief(node: Node) -> str:
    """What a layer is called."""
    return node.layer.brief([blob.type for blob in node.bottoms])


def fused(nodes: Sequence[Node]) -> str:
    """What the layers behind the first are called: `BN · ReLU`."""
    return " · ".join(map(brief, nodes[1:]))


def color(node: Node) -> str:
    """What a layer is coloured by: its family, of those with weights the filters by themselves."""
    layer = node.layer
    return "filters" if layer.family == "weights" and layer.spatial else layer.family


def name(path: str) -> str:
    """The end of a path that says something: `layer1.0`, where `0` alone wouldn't."""
    parts = path.split(".")
    numbers = list(takewhile(str.isdigit, reversed(parts)))
    return ".".join(parts[-len(numbers) - 1 :])


def block(scope: Scope, last: Scope) -> tuple[str, str]:
    """A block's title, and what stands below: the block's name and the path, or the path alone."""
    called = name(scope.path)
    if last is not scope:
        called += f" … {last.name}"
    return (called, "") if scope.block is None else (scope.block, called)


def shape(blob: Blob, batch: Size) -> str:
    """The shape of one item: `64×56×56`, `(T + 1)×512`, `scalar`."""
    whole = blob.shape
    return str(whole[1:] if len(whole) > 1 and whole[0] == batch else whole)


def shapes(each: Iterable[str]) -> str:
    """Several of them; those that are equal once."""
    found = list(dict.fromkeys(each))
    return ", ".join(found[:SHAPES]) + (", …" if len(found) > SHAPES else "")


def figures(params: int, macs: Size) -> str:
    """The two that every paper tells; a long formula is left out."""
    told = f"{short(params, Unit.COUNT) or 'no'} parameters"
    work = short(macs, Unit.COUNT) or "no"
    return f"{told} · {work} MACs" if len(work) <= LONGEST else told
