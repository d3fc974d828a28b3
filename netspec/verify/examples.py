"""What a network is run on to be verified: sizes for its symbols, and inputs that suit its layers.

Every symbol has a size of its own, so that one taken for another is seen.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt

from netspec.graph import Blob, Graph, Shape
from netspec.graph.sizes import substitute, symbols
from netspec.lower.values import element_type

Array = npt.NDArray[np.generic]

BATCH = 2
"""The batch that is run: more than one, so that a batch fixed by mistake is seen."""
EXTENT = 64
"""The least that symbolic heights and widths are run at; a multiple of what most networks need."""
LARGEST_EXTENT = 1024


def sizes_for(graph: Graph) -> dict[str, int]:
    """A number for each symbol of the inputs, with which every blob has some elements."""
    extent = EXTENT
    while extent < LARGEST_EXTENT and any(_is_empty(each, extent) for each in _blobs(graph)):
        extent *= 2
    return _numbered(graph.inputs, extent)


def concrete(shape: Shape, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """The shape with numbers for its symbols."""
    found = (substitute(size, dict(sizes)) for size in shape)
    return tuple(size for size in found if isinstance(size, int))


def inputs_for(graph: Graph, sizes: Mapping[str, int], seed: int, dtype: str) -> dict[str, Array]:
    """Random inputs: normal floats, which the type holds exactly; integers 0 or 1, which are
    labels of any two classes; and boxes within the images where a layer reads regions.
    """
    random = np.random.default_rng(seed)
    regions = {node.bottoms[number].name for node in graph.nodes for number in node.layer.regions}
    extent = min(_extents(graph.inputs, sizes), default=EXTENT)
    inputs: dict[str, Array] = {}
    for blob in graph.inputs:
        shape = concrete(blob.shape, sizes)
        if not blob.type.dtype.startswith("float"):
            inputs[blob.name] = random.integers(0, 2, shape).astype(blob.type.dtype)
            continue
        if blob.name in regions:
            values = _boxes(random, shape[0], extent)
        else:
            values = random.standard_normal(shape)
        inputs[blob.name] = values.astype(element_type(dtype)).astype(blob.type.dtype)
    return inputs


def _blobs(graph: Graph) -> Iterator[Blob]:
    yield from graph.inputs
    for node in graph.nodes:
        yield from node.tops


def _is_empty(blob: Blob, extent: int) -> bool:
    """Whether a blob has a size of no elements where heights and widths are of that order."""
    sizes = dict.fromkeys((name for size in blob.shape for name in symbols(size)), extent)
    return 0 in concrete(blob.shape, sizes)


def _numbered(blobs: tuple[Blob, ...], extent: int) -> dict[str, int]:
    """The first symbol of a first axis counts the batch, others there other items."""
    items: dict[str, int] = {}
    extents: dict[str, int] = {}
    for blob in blobs:
        for axis, size in enumerate(blob.shape):
            for name in sorted(symbols(size)):
                if axis == 0:
                    items.setdefault(name, BATCH + len(items))
                else:
                    extents.setdefault(name, extent + extent // 2 * len(extents))
    return extents | items


def _extents(blobs: tuple[Blob, ...], sizes: Mapping[str, int]) -> Iterator[int]:
    """The heights and widths of the inputs that are images."""
    for blob in blobs:
        if blob.shape.rank == 4:
            yield from concrete(blob.shape, sizes)[2:]


def _boxes(random: np.random.Generator, count: int, extent: int) -> npt.NDArray[np.float64]:
    """Regions as layers read them: an item of the batch, and two corners in pixels."""
    items = random.integers(0, BATCH, (count, 1))
    corners = np.sort(random.uniform(0, extent, (count, 2, 2)), axis=1).reshape(count, 4)
    return np.concatenate([items, corners], axis=1)
