"""What moves between memory and arithmetic: the bytes that a layer reads and writes.

Each blob is taken to be read and written once, as if it stood in memory between layers and nothing
were kept from one to the next: what layers that run one after another move at the least. The sizes
may be formulas.
"""

from collections.abc import Iterator
from math import prod

from netspec.graph import Blob, Node, Parameter, Size
from netspec.graph.nodes import item
from netspec.graph.reach import UNREAD
from netspec.graph.sizes import total
from netspec.graph.types import element_bytes as bytes_of
from netspec.quick import frozen

BYTES = {"float32": 4, "tf32": 4, "bfloat16": 2, "float16": 2}
"""The bytes of an element, by what a network computes in; `tf32` rounds float32 on its way."""


@frozen
class Traffic:
    """The bytes that a layer moves: those that are `read` and those that are `written`."""

    read: Size = 0
    written: Size = 0

    @property
    def bytes(self) -> Size:
        """Both together."""
        return self.read + self.written


def traffic(node: Node, batch: int = 1, precision: str = "float32") -> Traffic:
    """What a layer, `node`, moves in the TEST phase, for a `batch` of so many items, whose real
    numbers are of the `precision`.

    It reads its bottoms, each once, and its weights and running statistics, once for all items; of
    a table that it looks up, as many elements as it gives. It writes its tops. One that does
    nothing, or gives a view of a bottom, moves nothing, nor does one whose values are there. Of a
    bottom of which only the size matters nothing is read.
    """
    if node.layer.is_view or not node.bottoms:
        return Traffic()
    written = activation_bytes(node, batch, precision)
    return Traffic(_sum([*_read(node, batch, precision)]), written)


def activation_bytes(node: Node, batch: int = 1, precision: str = "float32") -> Size:
    """The bytes of the tops, for so many items."""
    return _sum([blob_bytes(blob, node.batch, batch, precision) for blob in node.tops])


def intensity(flops: Size, moved: Size) -> float | str | None:
    """Arithmetic operations a byte moved; a formula as text, None where nothing is moved."""
    if isinstance(flops, int) and isinstance(moved, int):
        return flops / moved if moved else None
    return f"({flops})/({moved})"


def blob_bytes(blob: Blob, of: Size, batch: int, precision: str) -> Size:
    """The bytes of a blob for so many items; `of` is the size of the batch in its type."""
    sizes, width = blob.type.shape.sizes, element_bytes(blob.type.dtype, precision)
    if sizes and sizes[0] is of:  # most often the very same object, which spares the rest
        return batch * width * prod(sizes[1:])
    one = item(blob.type, of)
    return one.shape.elements * (width if one is blob.type else batch * width)


def element_bytes(dtype: str, precision: str) -> int:
    """The bytes of an element of that type where the network computes in that precision.

    >>> element_bytes("float32", "bfloat16"), element_bytes("int64", "bfloat16")
    (2, 8)
    """
    if dtype == "float32":
        return BYTES[precision]
    return bytes_of(dtype)


def _sum(sizes: list[Size]) -> Size:
    """The sum, which is soon there where all are numbers."""
    return sum(sizes) if all(type(size) is int for size in sizes) else total(sizes)


def _read(node: Node, batch: int, precision: str) -> Iterator[Size]:
    table: Parameter | Blob | None = None
    if node.layer.looks_up:
        table = node.parameters[0] if node.parameters else node.bottoms[0]
        yield activation_bytes(node, batch, precision)
    for parameter in node.parameters:
        if parameter is not table and not parameter.counts_batches:
            yield parameter.elements * element_bytes(parameter.dtype, precision)
    seen: set[str] = set()
    for number, blob in enumerate(node.bottoms):
        if blob is not table and blob.name not in seen and _reads(node, number):
            seen.add(blob.name)
            yield blob_bytes(blob, node.batch, batch, precision)


def _reads(node: Node, bottom: int) -> bool:
    """Whether a layer reads the values of a bottom, not its size alone."""
    if len(node.bottoms) == 1:
        return True
    types = [blob.type for blob in node.bottoms], [blob.type for blob in node.tops]
    return any(node.layer.reach(bottom, n, *types) is not UNREAD for n in range(len(node.tops)))
