"""What a network is run on to be verified: sizes for its symbols, and inputs that suit its layers.

Besides usual sizes and random numbers, which show the values, these are the least sizes and odd
ones, which show whether what is promised of symbolic sizes holds, and zeros and ones, which show
whether a layer finds anything in what is constant.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from netspec.graph import Blob, Graph, Shape, Size
from netspec.graph.sizes import substitute, symbols
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
    others = {"least sizes": least, "odd sizes": odd_sizes(graph, least)}
    for title, sizes in others.items() if _extents(graph) else ():
        if sizes != usual:
            text = ", ".join(f"{name} = {size}" for name, size in sizes.items())
            yield Example(f"{title} ({text})", sizes, inputs_for(graph, sizes, seed, dtype))
    # Constants need no more than one item; a usual height has windows that lie inside.
    alone = usual | {name: least[name] for name in _items(graph)}
    for title, value in (("an input of zeros", 0.0), ("an input of ones", 1.0)):
        yield Example(title, alone, inputs_for(graph, alone, seed, dtype, value), constant=True)


def sizes_for(graph: Graph) -> dict[str, int]:
    """A number for each symbol of the inputs, with which every blob has some elements.

    Every symbol has a size of its own, so that one taken for another is seen.
    """
    extent = VOLUME_EXTENT if any(blob.shape.rank == 5 for blob in graph.inputs) else EXTENT
    while extent < LARGEST_EXTENT and any(_is_empty(each, extent) for each in _shapes(graph)):
        extent *= 2
    sizes = {name: extent + extent // 2 * number for number, name in enumerate(_extents(graph))}
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
    extents, items = _extents(graph), _items(graph)
    power = ODD
    while power <= max((least[name] for name in extents), default=0):
        power *= 2
    sizes = {name: power - 1 + 2 * number for number, name in enumerate(extents)}
    return {name: max(3, least[name] | 1) + 2 * n for n, name in enumerate(items)} | sizes


def concrete(shape: Shape, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """The shape with numbers for its symbols."""
    found = (substitute(size, dict(sizes)) for size in shape)
    return tuple(size for size in found if isinstance(size, int))


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
    """Every size of a blob that isn't a number, once."""
    every = (size for shape in _shapes(graph) for size in shape if symbols(size))
    return list(dict.fromkeys(every))


def _shapes(graph: Graph) -> Iterator[Shape]:
    blobs: Iterator[Blob] = (blob for node in graph.nodes for blob in node.tops)
    yield from (blob.shape for blob in (*graph.inputs, *blobs))


def _is_empty(shape: Shape, extent: int) -> bool:
    """Whether a shape has a size of no elements where heights and widths are of that order."""
    sizes = dict.fromkeys((name for size in shape for name in symbols(size)), extent)
    return 0 in concrete(shape, sizes)


def _items(graph: Graph) -> list[str]:
    """Symbols of first axes: the first counts the batch, others other items."""
    firsts = (blob.shape[0] for blob in graph.inputs if blob.shape)
    return list(dict.fromkeys(name for size in firsts for name in sorted(symbols(size))))


def _extents(graph: Graph) -> list[str]:
    """The other symbols: heights and widths, mostly."""
    sizes = (size for blob in graph.inputs for size in blob.shape[1:])
    names = dict.fromkeys(name for size in sizes for name in sorted(symbols(size)))
    items = _items(graph)
    return [name for name in names if name not in items]
