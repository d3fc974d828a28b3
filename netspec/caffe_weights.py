"""Caffe's weights and means, written as files of ours."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import BinaryIO

from netspec.diagnostics import Diagnostic, Severity, SpecError
from netspec.diagnostics.warning import warn
from netspec.graph import Graph
from netspec.importers.caffe.model import read_mean, read_model
from netspec.importers.caffe.weights import Matched, Origins, matched
from netspec.lower.values import Array, converted
from netspec.lower.weights import Weights, fresh
from netspec.lower.weights.words import quoted

MEAN = "mean"
"""What a mean is called in its file."""


def caffe_weights(graph: Graph, origins: Origins, path: Path, seed: int = 0) -> Weights:
    """The weights of a `.caffemodel` as those of the graph that its network was imported to.

    `graph` holds both phases, `origins` says of which layers it was made. Layers match by Caffe's
    names, as in Caffe: parameters that the file lacks are drawn from their fillers, and what it has
    for layers that aren't there is left out; warnings tell both.

    Raises SpecError: `cannot-read`, `weights-format` for what is no `.caffemodel`, or nothing of
    this network; `weights-shape`, `weights-missing`, `weights-extra` for blobs that don't fit.
    """
    found = matched(graph, origins, read_model(path))
    if not found.makers:
        message = f"`{path}` holds weights of other layers: {quoted(found.unused)}"
        help = "Caffe matches layers by name; is it the network that these weights are of?"
        raise SpecError([Diagnostic("weights-missing", message, help=help)])
    _tell(found)
    types = {each.name: each.dtype for each in graph.parameters}
    makers = {
        name: partial(_made, name, make, types[name])
        for name, make in found.makers.items()
        if name in types
    }
    return fresh(graph, seed).overlaid(makers)


def _made(name: str, make: Callable[[], Array], dtype: str) -> Array:
    return converted(name, make(), dtype)


def _tell(found: Matched) -> None:
    """Warn of what was done beyond reading."""
    if found.lacking:
        names = quoted(each.name for each in found.lacking)
        message = f"filled {names} from the fillers: the weights lack their layers"
        warn(Diagnostic("weights-filled", message, severity=Severity.WARNING))
    if found.unused:
        message = f"left out the weights of {quoted(found.unused)}: the network has no such layers"
        warn(Diagnostic("weights-unused", message, severity=Severity.WARNING))


def write_mean(path: Path, file: BinaryIO) -> None:
    """Write the mean of a `.binaryproto` as the array `mean` of an `.npz`, in the file's shape,
    1×C×H×W as a rule, channels in Caffe's order: blue, green, red.

    Raises SpecError as `read_mean` does. The same mean gives the same bytes.
    """
    import numpy as np

    np.savez(file, allow_pickle=False, **{MEAN: read_mean(path).read()})
