"""Caffe's files to ours: a solver to a recipe, a network with its weights, a mean."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from netspec.api import loads, uncollected
from netspec.diagnostics import Diagnostic, Diagnostics, Severity, SourceText, SpecError
from netspec.graph import Graph
from netspec.importers.caffe.importing import import_caffe
from netspec.importers.caffe.model import Model, read_mean, read_model
from netspec.importers.caffe.model.blobs import Array
from netspec.importers.caffe.network import Asked
from netspec.importers.caffe.solver import solver_of
from netspec.importers.caffe.text import Message, parse
from netspec.importers.caffe.tidy.spec import spec_of
from netspec.importers.caffe.weights import Matched, Origins, matched, origins_of
from netspec.lower.values import converted
from netspec.lower.weights import Weights, fresh
from netspec.lower.weights.safetensors_file import write_safetensors
from netspec.lower.weights.words import quoted
from netspec.output import replacing
from netspec.recipes import recipe_from, to_yaml

WEIGHTS = ".safetensors"


@dataclass(frozen=True)
class GraphWeights:
    """A network of both phases, and the values of its parameters."""

    graph: Graph
    values: Weights


def tree_of(text: SourceText, diagnostics: Diagnostics) -> Message:
    """The fields of a prototxt; SpecError for what isn't the text format."""
    with uncollected():
        return parse(text, diagnostics)


def recipe_of(tree: Message, diagnostics: Diagnostics) -> str:
    """The recipe of a solver as YAML; SpecError with all that is wrong with it."""
    solver = solver_of(tree, diagnostics)
    recipe = recipe_from(solver.values, diagnostics)
    diagnostics.raise_errors()
    assert recipe is not None
    return to_yaml(recipe, solver.notes)


def spec_with_weights(
    tree: Message,
    asked: Asked,
    default_name: str,
    diagnostics: Diagnostics,
    *,
    flat: bool = False,
    model: Path | None = None,
) -> tuple[str, GraphWeights | None]:
    """The spec of a network, and with its `.caffemodel` its weights.

    SpecError with all that is wrong with either; `diagnostics` gets the warnings.
    """
    with uncollected():
        imported = import_caffe(tree, asked, default_name, diagnostics)
        spec = spec_of(imported, flat=flat)
    if model is None:
        return spec.text, None
    graph = loads(spec.text)
    weights = caffe_weights(graph, origins_of(imported.network, spec.paths), model, diagnostics)
    return spec.text, GraphWeights(graph, weights)


def caffe_weights(
    graph: Graph, origins: Origins, source: Path | Model, diagnostics: Diagnostics, seed: int = 0
) -> Weights:
    """The weights of a `.caffemodel` as those of the graph that its network was imported to.

    `graph` holds both phases, `origins` says of which layers it was made. Layers match by Caffe's
    names, as in Caffe: parameters that the file lacks are drawn from their fillers, and what it has
    for layers that aren't there is left out; warnings tell both.

    Raises SpecError: `cannot-read`; `weights-format` for what is no `.caffemodel`;
    `weights-missing`, also for one that has nothing of this network, `weights-extra` and
    `weights-shape` for blobs that don't fit.
    """
    model = source if isinstance(source, Model) else read_model(source)
    found = matched(graph, origins, model)
    if not found.makers:
        message = f"the weights are of other layers: {quoted(found.unused)}"
        help = "Caffe matches layers by name; are they of this network?"
        raise SpecError([Diagnostic("weights-missing", message, help=help)])
    _tell(found, diagnostics)
    makers = {
        each.name: partial(_made, found, each.name, each.dtype)
        for each in graph.parameters
        if each.name in found.makers
    }
    return fresh(graph, seed).overlaid(makers)


def _made(found: Matched, name: str, dtype: str) -> Array:
    return converted(name, found.makers[name](), dtype)


def _tell(found: Matched, diagnostics: Diagnostics) -> None:
    """Warn of what was done beyond reading."""
    if found.lacking:
        names = quoted(each.name for each in found.lacking)
        message = f"filled {names} from the fillers: the weights lack their layers"
        diagnostics.add(Diagnostic("weights-filled", message, severity=Severity.WARNING))
    if found.unused:
        message = f"left out the weights of {quoted(found.unused)}: the network has no such layers"
        diagnostics.add(Diagnostic("weights-unused", message, severity=Severity.WARNING))


def write_all(text: str, paths: Sequence[str], weights: GraphWeights | None = None) -> None:
    """Write weights to the paths that end in `.safetensors`, a text to the others: all or none."""
    with ExitStack() as stack:
        files = [(path, stack.enter_context(replacing(path))) for path in paths]
        for path, file in files:
            if weights is not None and path.endswith(WEIGHTS):
                write_safetensors(weights.graph, weights.values, file)
            else:
                file.write(text.encode())


def write_mean(path: Path, file: BinaryIO) -> None:
    """Write the mean of a `.binaryproto` as the array `mean` of an `.npz`, in the file's shape,
    1×C×H×W as a rule, channels in Caffe's order: blue, green, red.

    Raises SpecError as `read_mean` does. The same mean gives the same bytes.
    """
    import numpy as np

    np.savez(file, mean=read_mean(path).read())
