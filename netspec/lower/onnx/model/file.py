"""A whole graph as an ONNX model with its weights, in memory or in a file."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import BinaryIO

import onnx
from onnx import helper

from netspec.diagnostics import Diagnostic, SpecError
from netspec.graph import Graph, Parameter, Phase
from netspec.lower.onnx.emitter import ELEMENT_TYPES
from netspec.lower.onnx.model.external import COPY, location_beside, location_of, refer
from netspec.lower.onnx.model.skeleton import skeleton
from netspec.lower.onnx.model.stream import Initializer, Stream
from netspec.lower.onnx.options import Options
from netspec.lower.onnx.passes.precision import cast
from netspec.lower.onnx.passes.simplify import simplified, without_unread
from netspec.lower.values import element_type, pieces
from netspec.lower.weights import Weights, weights_for
from netspec.output import landing, replacing, replacing_all, require_folder, spare

DATA_SUFFIX = ".data"
"""What is added to a model's name for the file of its weights, where one file can't hold both."""


def to_model(graph: Graph, options: Options | None = None) -> onnx.ModelProto:
    """The graph's TEST phase with its weights, as onnx's own object.

    `graph` should hold both phases: weights of TRAIN alone are then known and left out. Raises
    SpecError: `not-lowerable`, for all layers at once, and what `weights.given` raises.
    """
    options = options or Options()
    if options.reference_weights:
        raise ValueError("only a model that is saved as a file can refer to weights")
    model, initializers = _assembled(graph, options, None)
    for each in initializers:
        tensor = model.graph.initializer.add()
        tensor.CopyFrom(each.header)
        tensor.raw_data = b"".join(each.make())
    return model


def write(graph: Graph, file: BinaryIO, options: Options | None = None) -> None:
    """Write the model that `to_model` gives, with one weight in memory at a time.

    Raises as `to_model` does, and `cannot-write` for a file over 2 GB, before anything is
    written.
    """
    options = options or Options()
    if options.reference_weights:
        raise ValueError("only a model that is saved as a file can refer to weights")
    Stream(*_assembled(graph, options, None)).write(file)


def save(graph: Graph, path: str | Path, options: Options | None = None) -> None:
    """Write the model as a file, whole or not at all.

    What is over 2 GB becomes two files, the weights in the one with DATA_SUFFIX. Raises as
    `to_model` does, `weights-place` for weights that can't be referred to where they lie or would
    lie, and `cannot-write`.
    """
    options = options or Options()
    require_folder(path)  # before anything is said of what can be referred to from there
    user = options.user_weights
    for file_read in user.files if user is not None else ():
        spare(path, file_read, "the weights are")
    file_path = landing(path)
    stream = Stream(*_assembled(graph, options, file_path.parent))
    if stream.fits:
        with replacing(path) as file:
            stream.write(file)
        return
    beside = Path(f"{file_path}{DATA_SUFFIX}")
    location = location_beside(beside)
    with replacing_all([beside, path]) as (data, file):
        stream.write_apart(file, data, location)


def _assembled(
    graph: Graph, options: Options, folder: Path | None
) -> tuple[onnx.ModelProto, list[Initializer]]:
    """The model, and the initializers that it doesn't hold yet; it stands in the folder."""
    view = _needed(graph)
    weights = weights_for(graph, options.given, options.seed, view)
    if options.reference_weights and weights and not any(map(weights.stored, weights)):
        message = "an ONNX file can refer to the tensors of a safetensors file alone"
        raise SpecError([Diagnostic("weights-place", message, help=COPY)])
    if options.fold_batchnorm:
        view, makers = simplified(view, weights)
        weights = weights.overlaid(makers)
    model, parameters = skeleton(cast(view, options.dtype), options)
    if options.no_weights:
        for parameter in parameters:
            sizes, kind = parameter.shape, ELEMENT_TYPES[parameter.dtype]
            model.graph.input.append(helper.make_tensor_value_info(parameter.owner, kind, sizes))
        return model, []
    if options.reference_weights:
        parameters = _unreferenced(model, parameters, weights, folder or Path())
    return model, [_initializer(parameter, weights) for parameter in parameters]


def _needed(graph: Graph) -> Graph:
    """What the results of the TEST phase depend on; SpecError where it has none."""
    view = graph.phase(Phase.TEST)
    if not view.results:
        names = ", ".join(f"`{graph.result_name(blob)}`" for blob in graph.results)
        message = f"an ONNX file is of the TEST phase, but the TRAIN phase alone gives {names}"
        raise SpecError([Diagnostic("not-lowerable", message)])
    return without_unread(view)


def _unreferenced(
    model: onnx.ModelProto, parameters: list[Parameter], weights: Weights, folder: Path
) -> list[Parameter]:
    """Let the model refer to each weight that lies in a file as it is; the others are given."""
    locations: dict[Path, str] = {}
    rest: list[Parameter] = []
    for parameter in parameters:
        stored = weights.stored(parameter.name)
        if stored is None or stored.dtype != parameter.dtype:
            rest.append(parameter)
            continue
        if stored.path not in locations:
            locations[stored.path] = location_of(stored.path, folder)
        tensor = _header(parameter)
        refer(tensor, locations[stored.path], stored.offset, stored.length)
        model.graph.initializer.append(tensor)
    return rest


def _initializer(parameter: Parameter, weights: Weights) -> Initializer:
    size = parameter.elements * element_type(parameter.dtype).itemsize
    return Initializer(_header(parameter), size, partial(_pieces, parameter, weights))


def _pieces(parameter: Parameter, weights: Weights) -> Iterable[memoryview]:
    """The values' bytes, copied out of a file where they lie there as they are."""
    stored = weights.stored(parameter.name)
    if stored is not None and stored.dtype == parameter.dtype:
        return stored.pieces()
    return pieces(parameter.name, weights[parameter.name], parameter.dtype)


def _header(parameter: Parameter) -> onnx.TensorProto:
    return onnx.TensorProto(
        dims=parameter.shape, data_type=ELEMENT_TYPES[parameter.dtype], name=parameter.owner
    )
