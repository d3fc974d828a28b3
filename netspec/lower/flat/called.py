"""What the expressions of a flat spec call the blobs whose sizes they ask for."""

from collections.abc import Collection, Iterator

from netspec.expressions import ExpressionError
from netspec.expressions.parser import parse
from netspec.expressions.syntax import Attribute, Name
from netspec.graph import Node, SymbolicSize
from netspec.layers import Layer
from netspec.layers.told import sizes_in
from netspec.source.writer import Flow


def absent(name: str, bottom: str) -> Flow:
    """An entry that isn't there, whose name so stands for what it would read."""
    return Flow(name=name, type="ReLU", bottom=bottom, when=False)


class Called:
    """The names of blobs for expressions: their own, or where an expression can't read it, that of
    an entry which isn't there and so stands for the blob; none of these is in `taken`.
    """

    def __init__(self, taken: Collection[str]) -> None:
        self._taken = taken
        self._names: dict[str, str] = {}

    def introduced(self, node: Node) -> Iterator[Flow]:
        """The entries that it takes for a layer's expressions to name its bottoms."""
        for blob in node.bottoms if _asks_for_sizes(node) else ():
            if blob.name not in self._names and not _is_readable(blob.name):
                self._names[blob.name] = self._free()
                yield absent(self._names[blob.name], blob.name)

    def name(self, blob: str) -> str:
        """What an expression calls the blob."""
        return self._names.get(blob, blob)

    def _free(self) -> str:
        used = {*self._taken, *self._names.values()}
        return next(n for n in (f"sized{k}" for k in range(len(used) + 1)) if n not in used)


def _asks_for_sizes(node: Node) -> bool:
    """Whether a field of the layer holds a symbolic size."""
    layer = node.layer
    assert isinstance(layer, Layer)
    values = (getattr(layer, name) for name in layer.symbolic_fields)
    return any(isinstance(size, SymbolicSize) for value in values for size in sizes_in(value))


def _is_readable(path: str) -> bool:
    """Whether an expression takes the name for a path: no number first, no dash, no word of its."""
    try:
        part = parse(path)
    except ExpressionError:
        return False
    while isinstance(part, Attribute):
        part = part.value
    return isinstance(part, Name)
