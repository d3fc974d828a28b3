"""Values for blobs whose numbers mean something to the layers that read them."""

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt

from netspec.graph import Blob, Graph
from netspec.graph.meanings import labels, regions
from netspec.graph.sizes import substitute

IMAGE = 64
"""What boxes lie within where no input is an image."""
Values = npt.NDArray[np.generic]


def values_for(
    graph: Graph,
    sizes: Mapping[str, int],
    counts: Mapping[str, int],
    random: np.random.Generator,
) -> Iterator[tuple[str, Values]]:
    """Values for those blobs of which the number of elements is given, flat: labels of any two
    classes, and boxes within the images, those in the smallest batch last.
    """
    for blob in labels(graph):
        if blob.name in counts:
            yield blob.name, random.integers(0, classes(graph, blob), counts[blob.name])
    found = []
    for blob, images in regions(graph):
        batch = substitute(images.shape[0], dict(sizes))
        if blob.name in counts and isinstance(batch, int):
            found.append((batch, blob.name))
    for batch, name in sorted(found, reverse=True):
        yield name, _boxes(random, counts[name] // 5, batch, _extent(graph, sizes)).reshape(-1)


def classes(graph: Graph, blob: Blob) -> int:
    """How many classes labels may be of: as many as all their readers know; of those read beside
    scores two, or one where these may be of no more.
    """
    readers = [node for node in graph.nodes if blob in node.bottoms]
    known = [node.layer.classes for node in readers if node.layer.classes is not None]
    if len(known) == len(readers) > 0:
        return min(known)
    beside = (each for node in readers for each in node.bottoms if each != blob)
    return min([1 if any(1 in each.shape[1:] for each in beside) else 2, *known])


def _extent(graph: Graph, sizes: Mapping[str, int]) -> int:
    """The least height or width of an input that is an image."""
    images = (blob.shape for blob in graph.inputs if blob.shape.rank == 4)
    found = (substitute(size, dict(sizes)) for shape in images for size in shape[2:])
    return min((size for size in found if isinstance(size, int) and size > 1), default=IMAGE)


def _boxes(
    random: np.random.Generator, count: int, batch: int, extent: int
) -> npt.NDArray[np.float64]:
    """Regions as layers read them: an item of the batch, and two corners in pixels."""
    items = random.integers(0, batch, (count, 1))
    corners = np.sort(random.uniform(0, extent, (count, 2, 2)), axis=1).reshape(count, 4)
    return np.concatenate([items, corners], axis=1)
