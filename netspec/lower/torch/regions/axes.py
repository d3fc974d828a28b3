"""What the axes of a region's blobs are: of three, N×C×L or N×T×C, its layers show which."""

from netspec.graph import Shape
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
