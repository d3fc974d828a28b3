"""Values for a network's inputs, of a kind that its layers can read."""

from collections.abc import Iterator, Mapping
from math import prod

import numpy as np
import numpy.typing as npt

from netspec.graph import Blob, Graph, Node
from netspec.graph.sizes import substitute
from netspec.lower.values import element_type

Array = npt.NDArray[np.generic]

IMAGE = 64
"""What boxes lie within where no input is an image."""


def inputs_for(
    graph: Graph, sizes: Mapping[str, int], seed: int, dtype: str, value: float | None = None
) -> dict[str, Array]:
    """Inputs: normal floats, which the type holds exactly, or `value` everywhere; integers that are
    labels of any two classes, 0 or 1; and boxes within the images where a layer reads regions.
    """
    random = np.random.default_rng(seed)
    batches = dict(_regions(graph, sizes))
    inputs: dict[str, Array] = {}
    for blob in graph.inputs:
        shape = _concrete(blob, sizes)
        if not blob.type.dtype.startswith("float"):
            classes = _classes(graph, blob)
            inputs[blob.name] = random.integers(0, classes, shape).astype(blob.type.dtype)
            continue
        if blob.name in batches:
            values = _boxes(random, prod(shape) // 5, batches[blob.name], _image(graph, sizes))
            values = values.reshape(shape)
        elif value is not None:
            values = np.full(shape, value)
        else:
            values = random.standard_normal(shape)
        inputs[blob.name] = values.astype(element_type(dtype)).astype(blob.type.dtype)
    return inputs


def _classes(graph: Graph, labels: Blob) -> int:
    """How many classes labels may be of: one where they are read beside something that may have no
    more.
    """
    readers = graph.readers.get(labels.name, ())
    beside = (blob for node in readers for blob in node.bottoms if blob != labels)
    return 1 if any(1 in blob.shape[1:] for blob in beside) else 2


def region_inputs(graph: Graph) -> set[str]:
    """The inputs that hold boxes."""
    return {name for name, _ in _regions(graph, {})}


def _regions(graph: Graph, sizes: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """The inputs that hold boxes, each with the least batch that they are boxes in."""
    least: dict[str, int] = {}
    for node in graph.nodes:
        batch = substitute(node.bottoms[0].shape[0], dict(sizes)) if node.layer.regions else 0
        for number in node.layer.regions:
            name = _moved_from(node.bottoms[number], graph.makers).name
            least[name] = min(least.get(name, batch), batch) if isinstance(batch, int) else 0
    yield from ((blob.name, least[blob.name]) for blob in graph.inputs if blob.name in least)


def _moved_from(blob: Blob, makers: Mapping[str, Node]) -> Blob:
    """Where a blob's elements come from, before layers without arithmetic that keep them all."""
    node = makers.get(blob.name)
    while node is not None and len(node.bottoms) == 1 and node.flops == 0:
        if node.bottoms[0].shape.elements != blob.shape.elements:
            break
        blob = node.bottoms[0]
        node = makers.get(blob.name)
    return blob


def _concrete(blob: Blob, sizes: Mapping[str, int]) -> tuple[int, ...]:
    found = (substitute(size, dict(sizes)) for size in blob.shape)
    return tuple(size for size in found if isinstance(size, int))


def _image(graph: Graph, sizes: Mapping[str, int]) -> int:
    """The least height or width of an input that is an image."""
    images = (blob for blob in graph.inputs if blob.shape.rank == 4)
    extents = (size for blob in images for size in _concrete(blob, sizes)[2:] if size > 1)
    return min(extents, default=IMAGE)


def _boxes(
    random: np.random.Generator, count: int, batch: int, extent: int
) -> npt.NDArray[np.float64]:
    """Regions as layers read them: an item of the batch, and two corners in pixels."""
    items = random.integers(0, batch, (count, 1))
    corners = np.sort(random.uniform(0, extent, (count, 2, 2)), axis=1).reshape(count, 4)
    return np.concatenate([items, corners], axis=1)
