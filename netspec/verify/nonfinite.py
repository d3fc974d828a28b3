"""How a number that isn't finite goes through the targets, layer by layer."""

from collections.abc import Iterator, Mapping

import numpy as np

from netspec.graph import Graph, Node
from netspec.graph.meanings import meaningful, sources
from netspec.lower.values import Array
from netspec.verify.result import NonFinite

VALUES = (np.nan, np.inf, -np.inf)


def planted(graph: Graph, inputs: Mapping[str, Array]) -> Iterator[tuple[float, dict[str, Array]]]:
    """The inputs, an element in the middle of each not finite; boxes and labels stay themselves."""
    apart = sources(graph, meaningful(graph))
    for value in VALUES:
        made: dict[str, Array] = {}
        for name, array in inputs.items():
            made[name] = array
            if name not in apart and np.issubdtype(array.dtype, np.floating) and array.size:
                made[name] = array.copy()
                made[name][tuple(size // 2 for size in array.shape)] = value
        yield value, made


def spread(
    view: Graph, value: float, made: Mapping[str, Array], given: Mapping[str, Array]
) -> Iterator[NonFinite]:
    """The layers whose tops differ in where they are NaN or infinite, though the bottoms don't.

    `made` are all blobs in PyTorch, `given` those that the ONNX file has.
    """
    differ = {
        name for name, array in given.items() if name in made and not _alike(made[name], array)
    }
    unknown = {name for name in made if name not in given}
    for node in view:
        for top in node.tops:
            # A blob that the file lacks is as uncertain as what it is made of.
            if top.name in unknown and any(blob.name in differ for blob in node.bottoms):
                differ.add(top.name)
        if not any(blob.name in differ for blob in node.bottoms):
            yield from _begun(node, value, differ - unknown, made, given)


def _begun(
    node: Node,
    value: float,
    differ: set[str],
    made: Mapping[str, Array],
    given: Mapping[str, Array],
) -> Iterator[NonFinite]:
    for top in node.tops:
        if top.name in differ:
            one, other = (_strange(values[top.name]) for values in (made, given))
            known = node.layer.nonfinite
            yield NonFinite(
                value=str(value),
                layer=node.path,
                type=node.type,
                torch=one,
                other=other,
                known=known,
            )
            return


def _alike(one: Array, other: Array) -> bool:
    """Whether NaN and infinities stand at the same places."""
    if one.shape != other.shape:
        return False
    if not np.issubdtype(one.dtype, np.floating):
        return True
    wide, narrow = one.astype(np.float64), other.astype(np.float64)
    plain = np.isfinite(wide) & np.isfinite(narrow)
    return bool((plain | (wide == narrow) | (np.isnan(wide) & np.isnan(narrow))).all())


def _strange(values: Array) -> int:
    return int((~np.isfinite(values.astype(np.float64))).sum())
