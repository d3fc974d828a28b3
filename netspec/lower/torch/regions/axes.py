"""What the axes of a region's blobs are: of three, N×C×L or N×T×C, its layers show which."""

from collections.abc import Iterator

from netspec.expressions.syntax import Attribute, Expression, Index, Literal, Name, children
from netspec.graph import Scope, Shape
from netspec.graph.axes import SPATIAL, axis_names
from netspec.graph.tree import leaves
from netspec.lower.torch.regions.region import Region

SIGNAL = 3
"""How many axes N×C×L has, and a sequence."""


def channel_axis(shape: Shape, region: Region) -> int:
    """The axis of the size that layers hand on: the channels, or else the last."""
    return 1 if _has_places(shape.rank, region) else shape.rank - 1


def size_name(axis: int, rank: int, region: Region) -> str:
    """What the size of an axis is called."""
    if _has_features(axis, region):
        return "features"
    if _has_places(rank, region):
        return axis_names(rank)[axis - 1]
    return "features" if axis == rank - 1 else "length"


def inputs_by_name(scope: Scope) -> dict[str, str]:
    """What a block's expressions call its inputs: the names of blobs by these."""
    blobs = [blob.name for blob in scope.inputs]
    only = {"input": blobs[0]} if len(blobs) == 1 else {}
    return only | dict(zip(scope.input_names, blobs, strict=False))


def asked_axes(scope: Scope) -> Iterator[tuple[str, int]]:
    """The inputs and axes whose sizes the defaults of a block's args ask for: `input.shape[3]`."""
    names = inputs_by_name(scope)
    for said in scope.defaults.values():
        if said is not None:
            yield from ((names[name], axis) for name, axis in _sizes(said) if name in names)


def _sizes(expression: Expression) -> Iterator[tuple[str, int]]:
    match expression:
        case Index(
            value=Attribute(value=Name(name=name), name="shape"), index=Literal(value=int(axis))
        ):
            yield name, axis
    for part in children(expression):
        yield from _sizes(part)


def _has_features(axis: int, region: Region) -> bool:
    """Whether a layer that reads an input has weights for each element along its last axis."""
    inputs = region.scope.inputs
    read = [node for node in leaves(region.scope) if node.bottoms and node.bottoms[0] in inputs]
    return any(node.layer.features(node.bottoms[0].shape) == axis for node in read)


def _has_places(rank: int, region: Region) -> bool:
    """Whether the axes behind the channels are spatial ones."""
    if rank != SIGNAL:
        return rank in SPATIAL
    if region.reads_signals is None:
        nodes = (node for node in leaves(region.scope) if node.layer.spatial and node.bottoms)
        region.reads_signals = any(node.bottoms[0].shape.rank == SIGNAL for node in nodes)
    return region.reads_signals
