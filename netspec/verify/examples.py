"""What a network is run on to be verified: sizes for its symbols, and inputs that suit its layers.

Besides usual sizes and random numbers, which show the values, these are the least sizes and odd
ones, which show whether what is promised of symbolic sizes holds, and zeros and ones, which show
whether a layer finds anything in what is constant.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from netspec.graph import Blob, Graph, Shape, Size
from netspec.graph.sizes import is_mere_symbol, multiple, substitute, symbols
from netspec.lower.values import Array
from netspec.verify.inputs import inputs_for

BATCH = 2
"""The batch that is run: more than one, so that a batch fixed by mistake is seen."""
EXTENT = 64
"""The least that symbolic heights and widths are run at; a multiple of what most networks need."""
VOLUME_EXTENT = 16
"""The same where an input has three spatial axes, whose sizes multiply."""
LARGEST_EXTENT = 1024
ODD = 32
"""Odd sizes stand beside this power of two, or a larger one: one less and one more stay odd
however often they are halved, rounding down and up.
"""


@dataclass(frozen=True, slots=True)
class Example:
    """A network's inputs, and the sizes that they give its symbols.

    Sums of numbers that are all `constant` are less exact: each step rounds the same way.
    """

    title: str
    sizes: Mapping[str, int]
    inputs: Mapping[str, Array]
    constant: bool = False


def examples_for(graph: Graph, seed: int, dtype: str) -> Iterator[Example]:
    """The usual example, with random numbers, and then those at the edges."""
    usual = sizes_for(graph)
    yield Example("random", usual, inputs_for(graph, usual, seed, dtype))
    least = nonempty_sizes(graph, usual)
    for title, sizes in _edges(graph, least).items():
        if sizes != usual:
            text = ", ".join(f"{name} = {size}" for name, size in sizes.items())
            yield Example(f"{title} ({text})", sizes, inputs_for(graph, sizes, seed, dtype))
    # Constants need no more than one item; a usual height has windows that lie inside.
    alone = usual | {name: least[name] for name in _items(graph)}
    for title, value in (("an input of zeros", 0.0), ("an input of ones", 1.0)):
        yield Example(title, alone, inputs_for(graph, alone, seed, dtype, value), constant=True)


def sizes_of_examples(graph: Graph) -> Iterator[dict[str, int]]:
    """The numbers for symbols that the examples have."""
    usual = sizes_for(graph)
    yield usual
    yield from _edges(graph, nonempty_sizes(graph, usual)).values()


def _edges(graph: Graph, least: dict[str, int]) -> dict[str, dict[str, int]]:
    """Other sizes than the usual ones by what they are called; none where none are open."""
    if not _factors(graph):
        return {}
    return {"least sizes": least, "odd sizes": odd_sizes(graph, least)}


def sizes_for(graph: Graph) -> dict[str, int]:
    """A number for each symbol of the inputs, with which every blob has some elements.

    Every symbol has a size of its own, so that one taken for another is seen.
    """
    extent = VOLUME_EXTENT if any(blob.shape.rank == 5 for blob in graph.inputs) else EXTENT
    factors = _factors(graph)

    def is_empty(shape: Shape) -> bool:
        names = (name for size in shape for name in symbols(size))
        return 0 in concrete(shape, {name: -(-extent // factors.get(name, 1)) for name in names})

    while extent < LARGEST_EXTENT and any(map(is_empty, _shapes(graph))):
        extent *= 2
    sizes = {}
    for number, (name, factor) in enumerate(factors.items()):
        sizes[name] = -(-extent // factor) + max(1, extent // 2 // factor) * number
    return {name: BATCH + number for number, name in enumerate(_items(graph))} | sizes


def nonempty_sizes(graph: Graph, usual: Mapping[str, int]) -> dict[str, int]:
    """The least number for each symbol with which no blob is empty; the usual ones where sizes
    depend on each other so that there is no such choice.
    """
    sizes = _symbolic_sizes(graph)
    least = {name: _least(name, sizes, usual) for name in usual}
    return least if _all_positive(sizes, least) else dict(usual)


def odd_sizes(graph: Graph, least: Mapping[str, int]) -> dict[str, int]:
    """An odd number for each symbol, no two alike."""
    items = _items(graph)
    sizes = {}
    for number, (name, factor) in enumerate(_factors(graph).items()):
        power = max(4, ODD // factor)
        while power <= max(least[each] for each in _factors(graph)):
            power *= 2
        sizes[name] = power - 1 + 2 * number
    return {name: max(3, least[name] | 1) + 2 * n for n, name in enumerate(items)} | sizes


def concrete(shape: Shape, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """The shape with numbers for its symbols."""
    found = (substitute(size, dict(sizes)) for size in shape)
    return tuple(size for size in found if isinstance(size, int))


def with_rows(
    sizes: Mapping[str, int], shape: Shape, made: tuple[int, ...] | None
) -> dict[str, int]:
    """The numbers for symbols, and those that show when the network runs as this blob has them."""
    pairs = zip(shape, made or (), strict=False)
    shown = {str(size): number for size, number in pairs if is_mere_symbol(size)}
    return {**shown, **sizes}


def _least(name: str, sizes: list[Size], usual: Mapping[str, int]) -> int:
    """The least number for one symbol where the others have their usual ones."""
    mine = [size for size in sizes if name in symbols(size)]
    low, high = 1, usual[name]
    while low < high:
        middle = (low + high) // 2
        if _all_positive(mine, {**usual, name: middle}):
            high = middle
        else:
            low = middle + 1
    return low


def _all_positive(sizes: list[Size], numbers: Mapping[str, int]) -> bool:
    found = (substitute(size, dict(numbers)) for size in sizes)
    return all(isinstance(size, int) and size > 0 for size in found)


def _symbolic_sizes(graph: Graph) -> list[Size]:
    """Every size of a blob that hangs on those of the inputs, once."""
    chosen = {*_items(graph), *_factors(graph)}
    every = (size for shape in _shapes(graph) for size in shape if symbols(size))
    return list(dict.fromkeys(size for size in every if symbols(size) <= chosen))


def _shapes(graph: Graph) -> Iterator[Shape]:
    blobs: Iterator[Blob] = (blob for node in graph.nodes for blob in node.tops)
    yield from (blob.shape for blob in (*graph.inputs, *blobs))


def _items(graph: Graph) -> list[str]:
    """Symbols of first axes: the first counts the batch, others other items."""
    firsts = (blob.shape[0] for blob in graph.inputs if blob.shape)
    return list(dict.fromkeys(name for size in firsts for name in sorted(symbols(size))))


def _factors(graph: Graph) -> dict[str, int]:
    """The other symbols, heights and widths mostly, each with the largest factor that an input's
    size has of it: that of `32*H` is 32.
    """
    items, factors = _items(graph), dict[str, int]()
    for blob in graph.inputs:
        for size in blob.shape[1:]:
            factor, _ = multiple(size) or (1, "")
            for name in sorted(symbols(size) - {*items}):
                factors[name] = max(factor, factors.get(name, 1))
    return factors
