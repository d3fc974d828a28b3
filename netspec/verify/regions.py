"""Regions that layers read, and which elements of a network's inputs they are made of.

Boxes may be an input as they are, or cut out of one, turned, or put together of several. Only the
network knows how: what moves them is run on numbers that say where they were.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from math import prod

import numpy as np
import numpy.typing as npt

from netspec.graph import Blob, Graph, Phase
from netspec.graph.part import part_for_results
from netspec.graph.sizes import substitute

Places = npt.NDArray[np.intp]
Shapes = Mapping[str, tuple[int, ...]]
"""Those of a network's inputs."""


@dataclass(frozen=True)
class Regions:
    """`count` boxes of five numbers, one after the other, in a batch of images.

    `moved` has the places that numbers have in an input, and those that they have in the boxes.
    """

    batch: int
    count: int
    moved: Mapping[str, tuple[Places, Places]]


def region_inputs(graph: Graph) -> set[str]:
    """The inputs that regions may be made of, by layers without arithmetic."""
    makers = {top.name: node for node in graph.nodes for top in node.tops}
    waiting = [blob.name for blob, _ in _read(graph)]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        node = makers.get(name)
        if name not in seen and (node is None or node.flops == 0):
            waiting += [blob.name for blob in node.bottoms] if node is not None else []
        seen.add(name)
    return {blob.name for blob in graph.inputs} & seen


def regions_for(graph: Graph, sizes: Mapping[str, int], shapes: Shapes) -> list[Regions]:
    """The regions that layers read at these sizes, those in the smallest batch last."""
    names = region_inputs(graph)
    if not names:
        return []
    made = _followed(graph, {name: shapes[name] for name in shapes if name in names}, shapes)
    found = []
    for blob, images in _read(graph):
        batch = substitute(images.shape[0], dict(sizes))
        moved = made.get(blob.name)
        if moved is not None and isinstance(batch, int):
            found.append(Regions(batch, *moved))
    return sorted(found, key=lambda each: -each.batch)


def _read(graph: Graph) -> Iterator[tuple[Blob, Blob]]:
    """The blobs that are read as regions, each with the images that they lie in."""
    for node in graph.nodes:
        yield from ((node.bottoms[number], node.bottoms[0]) for number in node.layer.regions)


Moved = tuple[int, dict[str, tuple[Places, Places]]]


def _followed(graph: Graph, numbered: Shapes, shapes: Shapes) -> dict[str, Moved]:
    """For each blob of regions: how many they are, and what is moved there from these inputs."""
    found: dict[str, Moved] = {}
    for phase in Phase:
        wanted = _wanted(graph.phase(phase), found)
        if not wanted:
            continue
        part = replace(graph, results=wanted, result_names={}, losses={})
        total = sum(map(prod, numbered.values()))
        up = _run(part, phase, shapes, _numbers(numbered))
        # Other numbers, too, so that what is only like one of them isn't taken for it.
        down = _run(part, phase, shapes, _numbers(numbered, total + 1))
        for name in up.keys() & down.keys():
            same = up[name] == total + 1 - down[name]
            found[name] = up[name].size // 5, _places(up[name], same, numbered)
    return found


def _wanted(view: Graph, known: Mapping[str, Moved]) -> tuple[Blob, ...]:
    blobs = {blob.name: blob for blob, _ in _read(view) if blob.name not in known}
    return tuple(blobs.values())


def _numbers(shapes: Shapes, down_from: int = 0) -> dict[str, npt.NDArray[np.float64]]:
    """The inputs with 1, 2, … as elements, or as many down."""
    made, start = {}, 1
    for name, shape in shapes.items():
        values = np.arange(start, start + prod(shape), dtype=np.float64).reshape(shape)
        made[name] = down_from - values if down_from else values
        start += values.size
    return made


def _run(
    graph: Graph, phase: Phase, shapes: Shapes, numbers: Mapping[str, npt.NDArray[np.float64]]
) -> dict[str, npt.NDArray[np.float64]]:
    """The results in PyTorch, flat; nothing where it can't run that, which the whole then tells."""
    import torch

    from netspec.lower.torch import to_torch

    part = part_for_results(graph)
    inputs = {}
    for blob in part.phase(phase).inputs:
        values = numbers.get(blob.name, np.zeros(shapes[blob.name]))
        real = blob.type.dtype.startswith("float")
        inputs[blob.name] = torch.from_numpy(values if real else values.astype(blob.type.dtype))
    with suppress(Exception), torch.no_grad():  # whatever a layer's code may raise
        given = to_torch(part).double().train(phase is Phase.TRAIN)(**inputs)
        tensors = [given] if isinstance(given, torch.Tensor) else given.values()
        names = [blob.name for blob in graph.results]
        return {n: t.flatten().numpy() for n, t in zip(names, tensors, strict=True)}
    return {}


def _places(
    values: npt.NDArray[np.float64], same: npt.NDArray[np.bool_], numbered: Shapes
) -> dict[str, tuple[Places, Places]]:
    moved, start = {}, 1
    for name, shape in numbered.items():
        end = start + prod(shape)
        (to,) = np.nonzero(same & (values >= start) & (values < end))
        if to.size:
            moved[name] = (values[to].astype(np.intp) - start, to)
        start = end
    return moved
