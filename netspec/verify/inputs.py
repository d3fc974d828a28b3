"""Values for a network's inputs, of a kind that its layers can read."""

from collections.abc import Mapping

import numpy as np

from netspec.graph import Blob, Graph
from netspec.graph.meanings import meaningful
from netspec.graph.sizes import substitute
from netspec.lower.values import Array, element_type
from netspec.verify.meanings import classes, values_for
from netspec.verify.moved import followed


def inputs_for(
    graph: Graph, sizes: Mapping[str, int], seed: int, dtype: str, value: float | None = None
) -> dict[str, Array]:
    """Inputs: normal floats, which the type holds exactly, or `value` everywhere; integers that are
    labels of any two classes, 0 or 1; and where a layer reads them such labels, or boxes within the
    images, of whatever type.
    """
    random = np.random.default_rng(seed)
    inputs: dict[str, Array] = {}
    for blob in graph.inputs:
        shape = _concrete(blob, sizes)
        if not blob.type.dtype.startswith("float"):
            numbers = random.integers(0, classes(graph, blob), shape)
            inputs[blob.name] = numbers.astype(blob.type.dtype)
            continue
        plain = value is not None
        inputs[blob.name] = np.full(shape, value) if plain else random.standard_normal(shape)
    _put_meaningful(graph, sizes, inputs, random)
    for blob in graph.inputs:
        if blob.type.dtype.startswith("float"):
            held = inputs[blob.name].astype(element_type(dtype))
            inputs[blob.name] = held.astype(blob.type.dtype)
    return inputs


def _put_meaningful(
    graph: Graph, sizes: Mapping[str, int], inputs: Mapping[str, Array], random: np.random.Generator
) -> None:
    """Let those elements that layers read as boxes or as labels be some."""
    shapes = {name: array.shape for name, array in inputs.items()}
    made = followed(graph, meaningful(graph), shapes)
    counts = {name: moved.count for name, moved in made.items()}
    for blob, values in values_for(graph, sizes, counts, random):
        for name, (to, place) in made[blob].places.items():
            inputs[name].reshape(-1)[to] = values[place]


def _concrete(blob: Blob, sizes: Mapping[str, int]) -> tuple[int, ...]:
    found = (substitute(size, dict(sizes)) for size in blob.shape)
    return tuple(size for size in found if isinstance(size, int))
