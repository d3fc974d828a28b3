"""Whether there is the memory to run a network, looked at before anything is made."""

from netspec.analysis.memory.running import needed_to_run
from netspec.diagnostics import Diagnostic, SpecError
from netspec.graph import Graph
from netspec.room import free_memory, in_units
from netspec.verify.examples import sizes_of_examples

COPIES = 2
"""Of the weights: PyTorch's, and those of one target after the other."""
HELP = "smaller inputs (`--input`), or vars (`--set`) that make a smaller network, take less"


def require_room_to_run(graph: Graph) -> None:
    """SpecError (`too-large`) where the memory that is free doesn't hold what running takes."""
    free = free_memory()
    if free is None:
        return
    for sizes in sizes_of_examples(graph):
        needed = needed_to_run(graph, sizes, COPIES)
        if needed.size > free:
            largest = needed.largest
            message = (
                f"to run it takes {in_units(needed.size)} of memory, where {in_units(free)} are "
                f"free; its largest part is {largest.called}: {in_units(largest.size)}"
            )
            node = largest.node
            span, path = (None, None) if node is None else (node.origin, node.path)
            raise SpecError([Diagnostic("too-large", message, span, path, HELP)])
