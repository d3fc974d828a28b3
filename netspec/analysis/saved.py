"""What autograd keeps of a training step for the pass back, to the byte."""

from collections.abc import Collection, Mapping

from netspec.analysis.storage import memory
from netspec.graph import Graph, Size
from netspec.graph.sizes import total
from netspec.quick import frozen

PRECISIONS = {"float32": None, "bfloat16": "bfloat16", "float16": "float16"}
"""What autocast casts to, by the name of the precision."""


@frozen
class Saved:
    """The bytes kept: of each of the `layers`, by path, what it has made; and the `total`.

    Inputs, weights and buffers, which are there anyway, aren't among them.
    """

    layers: Mapping[str, Size]
    total: Size


def saved(
    graph: Graph,
    precision: str = "float32",
    *,
    sizes: Mapping[str, int] | None = None,
    needing: Collection[str] = (),
) -> Saved:
    """What autograd keeps in the TRAIN phase of the module that the `graph` becomes.

    In a `precision` of `bfloat16` or `float16` it runs below the CPU's `torch.autocast` of that
    type: the module and its inputs stay float32. The copies of weights that autograd keeps then are
    counted, each once. Sizes that the graph has as symbols are symbols of the bytes, unless `sizes`
    gives numbers; they stand for more than one, as in `memory`. `needing` are inputs whose
    gradients are asked for. OpenSize, a ValueError, where it takes numbers to tell.
    """
    found = memory(
        graph,
        sizes=sizes,
        autocast=PRECISIONS[precision],
        needing=needing,
    )
    pieces: dict[str, list[Size]] = {}
    for storage in found.kept:
        pieces.setdefault(str(storage.maker), []).append(storage.size)
    layers = {path: total(each) for path, each in pieces.items()}
    return Saved(layers, total(layers.values()))
