"""What fillers ask of the tensors that they fill."""

from collections.abc import Iterator, Sequence

from netspec.counted import counted
from netspec.graph.fillers import Filler
from netspec.layers.answers import LayerError


def check_bilinear(field: str, filler: Filler, shape: Sequence[int | None]) -> Iterator[LayerError]:
    """The mistake of a bilinear filler on anything but square kernels.

    `shape` is the tensor's, None for sizes that are not yet known.
    """
    if filler.type != "bilinear":
        return
    help = "bilinear is the kernel of upsampling; leave the filler out, or choose another"
    if len(shape) != 4:
        has = counted(len(shape), "axis")
        message = f"a bilinear filler fills square kernels, but this tensor has {has}, not four"
        yield LayerError("bad-value", message, field=field, help=help)
    elif shape[2] != shape[3]:
        message = f"a bilinear filler fills square kernels, not {shape[2]}×{shape[3]}"
        yield LayerError("bad-value", message, field=field, help=help)
