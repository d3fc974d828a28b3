"""That lists of sizes fit the axes that they are for."""

from netspec.counted import counted
from netspec.graph.axes import SPATIAL
from netspec.graph.types import Shape
from netspec.layers.answers import LayerError
from netspec.layers.base import Layer
from netspec.layers.fields import SymbolicExtents


def require_extents(
    layer: Layer, shape: Shape, **fields: SymbolicExtents | float | tuple[float, ...] | None
) -> None:
    """That lists of sizes, given by the names of their fields, fit the shape's spatial axes."""
    axes = SPATIAL[shape.rank]
    for name, sizes in fields.items():
        if isinstance(sizes, tuple) and len(sizes) != len(axes):
            raise LayerError(
                "bad-value",
                f"`{name}` is a list of {len(sizes)}, but the bottom {shape} has "
                f"{counted(len(axes), 'spatial axis')}",
                field=name,
                help=f"give one number, which serves all axes, or [{', '.join(axes)}]",
            )
