"""The way back from a maximum pooling."""

from typing import ClassVar

from netspec.graph.axes import SPATIAL
from netspec.graph.reach import Along, Reach
from netspec.graph.types import TensorType
from netspec.graph.work import NOTHING, Work
from netspec.layers.answers import LayerError
from netspec.layers.base import Layer, Types
from netspec.layers.bottoms import require_known, require_spatial
from netspec.layers.elements import ANYTHING, Elements
from netspec.layers.fitting import alike, difference
from netspec.layers.sliding import covering


class Unpooling(Layer):
    """Put each element back where a maximum pooling took it from; zeros elsewhere.

    The bottoms are a blob and the mask that a Pooling gave as its second top, of equal shape. The
    top has the spatial sizes of what that Pooling read, one to three, which must be known. Where
    windows overlapped, several elements may go to one place: there the last of them stays (on a
    GPU PyTorch leaves open which).
    """

    family: ClassVar[str] = "pooling"
    spatial: ClassVar[bool] = True
    source: ClassVar[str] = (
        "Zeiler et al. 2011; SegNet's Upsample (Badrinarayanan et al. 2015); PyTorch's MaxUnpool2d"
    )
    shape_rule: ClassVar[str] = "N×C×H×W, H and W (and so for each axis) of what that Pooling read"
    flops_rule: ClassVar[str] = "none: it only moves elements"
    nonfinite: ClassVar[str | None] = "the masks of poolings differ where a window holds NaN"
    example: ClassVar[str] = """
        inputs: {data: [N, 64, 45, 60]}
        layers:
          - {name: pool, top: [pooled, mask], type: Pooling, kernel_size: 2, stride: 2}
          - {name: conv, type: Convolution, num_output: 64, kernel_size: 3, pad: 1, bottom: pooled}
          - {name: unpool, type: Unpooling, bottom: [conv, mask]}
    """
    bottom_count: ClassVar[tuple[int, int | None]] = (2, 2)
    elements: ClassVar[tuple[Elements, ...]] = (ANYTHING,)
    synonyms: ClassVar[tuple[str, ...]] = (
        "MaxUnpool2d",
        "MaxUnpool1d",
        "MaxUnpool3d",
        "MaxUnpool",
        "max_unpool1d",
        "max_unpool2d",
        "max_unpool3d",
    )

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        blob, mask = bottoms
        shape = require_spatial(self, bottoms)
        if mask.plane is None:
            raise LayerError(
                "shape-mismatch",
                "Unpooling's second bottom must be the mask of a Pooling, but `{1}` is none",
                bottom=1,
                help="name two tops of the Pooling, `top: [pooled, mask]`, and read the second",
            )
        if not alike(shape, mask.shape):
            raise LayerError(
                "shape-mismatch",
                f"Unpooling needs a mask of its blob's shape, but reads {shape} and {mask.shape}"
                f"{difference(shape, mask.shape)}",
                bottom=1,
            )
        sizes = [
            require_known(self, f"the {name} that the mask's Pooling read", size, 1)
            for name, size in zip(SPATIAL[shape.rank], mask.plane, strict=True)
        ]
        return (blob.with_shape(*shape[:2], *sizes),)

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        windows = bottoms[1].windows
        assert windows is not None
        # An element goes to a place of the window that it was the maximum of.
        return (Along(0), Along(1), *map(covering, windows()))

    def work(self, bottoms: Types, tops: Types) -> Work:
        return NOTHING
