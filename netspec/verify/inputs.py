"""Values for a network's inputs, of a kind that its layers can read."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from netspec.graph import Blob, Graph
from netspec.graph.sizes import substitute
from netspec.lower.values import element_type
from netspec.verify.regions import regions_for

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
    inputs: dict[str, Array] = {}
    for blob in graph.inputs:
        shape = _concrete(blob, sizes)
        if not blob.type.dtype.startswith("float"):
            classes = _classes(graph, blob)
            inputs[blob.name] = random.integers(0, classes, shape).astype(blob.type.dtype)
            continue
        plain = value is not None
        inputs[blob.name] = np.full(shape, value) if plain else random.standard_normal(shape)
    _put_boxes(graph, sizes, inputs, random)
    for blob in graph.inputs:
        if blob.type.dtype.startswith("float"):
            held = inputs[blob.name].astype(element_type(dtype))
            inputs[blob.name] = held.astype(blob.type.dtype)
    return inputs


def _put_boxes(
    graph: Graph, sizes: Mapping[str, int], inputs: Mapping[str, Array], random: np.random.Generator
) -> None:
    """Let those elements be boxes that layers read as regions."""
    shapes = {name: array.shape for name, array in inputs.items()}
    for regions in regions_for(graph, sizes, shapes):
        boxes = _boxes(random, regions.count, regions.batch, _image(graph, sizes)).reshape(-1)
        for name, (to, place) in regions.moved.items():
            inputs[name].reshape(-1)[to] = boxes[place]


def _classes(graph: Graph, labels: Blob) -> int:
    """How many classes labels may be of: one where they are read beside something that may have no
    more.
    """
    readers = (node for node in graph.nodes if labels in node.bottoms)
    beside = (blob for node in readers for blob in node.bottoms if blob != labels)
    return 1 if any(1 in blob.shape[1:] for blob in beside) else 2


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
