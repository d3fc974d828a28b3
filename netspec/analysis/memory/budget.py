"""The largest batch that fits."""

from netspec.analysis.memory.batch import batch_of, batch_symbol, require_known
from netspec.analysis.memory.passes import Pass, forward, step
from netspec.graph import Graph


def largest_batch(
    graph: Graph, budget: int, optimizer: str | None = None, precision: str = "float32"
) -> int:
    """The most items of a batch of which a pass of the `graph` forward takes no more bytes than the
    `budget`, or with an `optimizer` a training step; 0 where one is too many.

    The `optimizer` and the `precision` are those of `Network.memory`. It's exact: memory never
    falls as the batch grows, and is a formula in it. ValueError where the spec fixes the batch, and
    Open, which is one too, where sizes hang on other symbols.
    """
    require_known(graph)
    symbol = batch_symbol(graph)
    if symbol is None:
        raise ValueError(f"the batch is {batch_of(graph)} in the spec: its inputs hold no symbol")
    if optimizer is None:
        made = forward(graph, {}, precision, symbol)
    else:
        made = step(graph, {}, optimizer, precision, symbol)
    return _largest(made, budget)


def _largest(made: Pass, budget: int) -> int:
    """By doubling, then by halving what is left. Each item takes a byte or more, for its input."""
    high = 1
    while high <= budget and made.most(high) <= budget:
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if made.most(middle) <= budget else (low, middle)
    return low
