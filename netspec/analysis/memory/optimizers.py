"""What `torch.optim` holds and uses, to the byte (PyTorch 2.13, its defaults)."""

from collections.abc import Sequence

from netspec.graph import Parameter
from netspec.graph.types import element_bytes
from netspec.quick import frozen

STEP_BYTES = 4
"""A count of steps: a float32 for each parameter."""


@frozen
class Optimizer:
    """How many tensors as large as a parameter it keeps of each, whether it counts the steps of
    each, and how many such tensors a step takes and lets go.

    The last is so where a step goes through all parameters at a time (`foreach`), as is usual on a
    GPU. One after the other, as on the CPU, it takes two of the largest.
    """

    name: str
    copies: int
    counts_steps: bool = False
    meanwhile: int = 0

    def state(self, parameters: Sequence[Parameter]) -> int:
        """The bytes that it keeps of parameters, from the first step on."""
        counted = STEP_BYTES * len(parameters) if self.counts_steps else 0
        return self.copies * size_of(parameters) + counted

    def workspace(self, parameters: Sequence[Parameter]) -> int:
        """The bytes that a step takes besides, and lets go."""
        return self.meanwhile * size_of(parameters)


OPTIMIZERS = {
    each.name: each
    for each in (
        Optimizer("SGD", 0),
        Optimizer("momentum", 1),
        Optimizer("Adam", 2, counts_steps=True, meanwhile=1),
        Optimizer("AdamW", 2, counts_steps=True, meanwhile=1),
    )
}
"""By the names that users give them: `momentum` is SGD with momentum."""


def size_of(parameters: Sequence[Parameter]) -> int:
    """The bytes of parameters."""
    return sum(each.elements * element_bytes(each.dtype) for each in parameters)
