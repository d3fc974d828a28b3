"""What a `forward` checks of its inputs: sizes that must be multiples, `32*H`."""

from collections.abc import Iterator

from netspec.graph import Blob, Graph, Phase
from netspec.graph.sizes import multiple
from netspec.lower.torch.code import Block, Do, Name, Statement, call
from netspec.lower.torch.python.helpers import Helper
from netspec.lower.torch.python.layout import quoted

CHECK = Helper("check_multiples")


def multiples(blob: Blob) -> dict[int, int]:
    """What the sizes of an input must be multiples of, by axis; no axis that may have any size."""
    found = {axis: multiple(size) for axis, size in enumerate(blob.shape)}
    return {axis: each[0] for axis, each in found.items() if each is not None and each[0] > 1}


def checks(graph: Graph) -> Iterator[Statement]:
    """What refuses inputs of other sizes; one of the TRAIN phase may be missing."""
    for blob in graph.inputs:
        factors = multiples(blob)
        if factors:
            given = (quoted(blob.name), blob.name, str(factors))
            check = Do(call(CHECK.name, *map(Name, given)))
            is_given = Name(f"{blob.name} is not None")
            yield Block("if", is_given, (check,)) if blob.phase is Phase.TRAIN else check
