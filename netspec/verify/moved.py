"""Which elements of a network's inputs a blob is made of.

It may be an input as it is, or cut out of one, turned, or put together of several. Only the network
knows how: what moves them is run on numbers that say where they were.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from math import prod

import numpy as np
import numpy.typing as npt

from netspec.graph import Blob, Graph, Phase
from netspec.graph.meanings import sources
from netspec.graph.part import part_for_results

Places = npt.NDArray[np.intp]
Shapes = Mapping[str, tuple[int, ...]]
"""Those of a network's inputs."""


@dataclass(frozen=True)
class Moved:
    """How many elements a blob has, and for each input the places that numbers have there, and
    those that they have in the blob.
    """

    count: int
    places: Mapping[str, tuple[Places, Places]]


def followed(graph: Graph, blobs: Sequence[Blob], shapes: Shapes) -> dict[str, Moved]:
    """For each of the blobs, by name, what is moved there from the inputs, which have these
    shapes; those that PyTorch can't make are left out.
    """
    names = sources(graph, blobs)
    numbered = {name: shape for name, shape in shapes.items() if name in names}
    found: dict[str, Moved] = {}
    for phase in Phase if numbered else ():
        wanted = _wanted(graph.phase(phase), blobs, found)
        if not wanted:
            continue
        part = replace(graph, results=wanted, result_names={}, losses={})
        total = sum(map(prod, numbered.values()))
        up = _run(part, phase, shapes, _numbers(numbered))
        # Other numbers, too, so that what is only like one of them isn't taken for it.
        down = _run(part, phase, shapes, _numbers(numbered, total + 1))
        for name in up.keys() & down.keys():
            same = up[name] == total + 1 - down[name]
            found[name] = Moved(up[name].size, _places(up[name], same, numbered))
    return found


def _wanted(view: Graph, blobs: Sequence[Blob], known: Mapping[str, Moved]) -> tuple[Blob, ...]:
    """Those that a phase has and that aren't known yet, each once."""
    tops = (top.name for node in view for top in node.tops)
    there = {blob.name for blob in view.inputs}.union(tops)
    return tuple(dict.fromkeys(b for b in blobs if b.name in there and b.name not in known))


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
