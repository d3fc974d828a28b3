"""The parameters of an imported network, found in the weights of the Caffe network it was."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from netspec.diagnostics import Diagnostics
from netspec.graph import Graph, Parameter
from netspec.importers.caffe.model import Model
from netspec.importers.caffe.model.blobs import Array
from netspec.importers.caffe.weights.origins import Origins
from netspec.importers.caffe.weights.rules import Part, Unfit, made

_RENAMED = "Caffe matches layers by name: under another name it is filled anew"


@dataclass(frozen=True)
class Matched:
    """What makes each parameter that the weights have, by its name; the parameters that they
    lack, and the layers of theirs that the network doesn't have.
    """

    makers: Mapping[str, Callable[[], Array]]
    lacking: tuple[Parameter, ...]
    unused: tuple[str, ...]


def matched(graph: Graph, origins: Origins, model: Model) -> Matched:
    """The parameters of a graph of both phases, as the layers' names say.

    SpecError with all that doesn't fit: `weights-shape`, `weights-missing`, `weights-extra`.
    """
    makers: dict[str, Callable[[], Array]] = {}
    problems = Diagnostics()
    for node in graph.nodes:
        parts = [
            Part(origin, model.blobs[origin.layer])
            for origin in origins.get(node.path, ())
            if origin.layer in model.blobs
        ]
        if node.reused or not node.parameters or not parts:
            continue
        try:
            makers |= made(node, parts)
        except Unfit as error:
            place = parts[0].origin.place
            span = place.span if place is not None else None
            problems.error(error.code, str(error), span, path=node.path, help=_RENAMED)
    problems.raise_errors()
    known = {origin.layer for each in origins.values() for origin in each}
    return Matched(
        makers,
        tuple(each for each in graph.parameters if each.name not in makers and _is_learned(each)),
        tuple(name for name in model.blobs if name not in known),
    )


def _is_learned(parameter: Parameter) -> bool:
    return not parameter.counts_batches and parameter.values is None
