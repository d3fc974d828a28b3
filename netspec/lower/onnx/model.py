"""A whole graph as an ONNX model: put together, then given its weights, in memory or in a file."""

from typing import BinaryIO

import onnx
from onnx import helper

from netspec._version import __version__
from netspec.diagnostics import Diagnostics
from netspec.graph import Graph, Parameter, Phase
from netspec.lower.onnx.catalogue import lower
from netspec.lower.onnx.emitter import ELEMENT_TYPES, Emitter, NotLowerable, Parts, value_info
from netspec.lower.onnx.opsets import DEFAULT_OPSET, require_opset
from netspec.lower.onnx.stream import Initializer, write_model
from netspec.lower.weight_files import raw
from netspec.lower.weights import Source, Weights, weights_for


def to_model(
    graph: Graph,
    *,
    weights: Source | None = None,
    seed: int = 0,
    opset: int | None = None,
) -> onnx.ModelProto:
    """The graph's TEST phase with its weights, as onnx's own object.

    `weights` are the user's, or of `netspec.lower.weights`; None: fresh ones by `seed`. `graph`
    should hold both phases: weights of TRAIN alone are then known and left out. Raises SpecError
    (`not-lowerable`, for all layers at once, and what `weights.given` raises) and ValueError for
    an opset that isn't written.
    """
    model, initializers = _assembled(graph, weights, seed, opset)
    for each in initializers:
        tensor = model.graph.initializer.add()
        tensor.CopyFrom(each.header)
        tensor.raw_data = each.read().tobytes()
    return model


def write(
    graph: Graph,
    file: BinaryIO,
    *,
    weights: Source | None = None,
    seed: int = 0,
    opset: int | None = None,
) -> None:
    """Write the model that `to_model` gives, with one weight in memory at a time.

    Raises as `to_model` does, and `cannot-write` for a file over 2 GB, before anything is
    written.
    """
    write_model(*_assembled(graph, weights, seed, opset), file)


def _assembled(
    graph: Graph, weights: Source | None, seed: int, opset: int | None
) -> tuple[onnx.ModelProto, list[Initializer]]:
    model, parameters = _skeleton(graph, DEFAULT_OPSET if opset is None else opset)
    values = weights_for(graph, weights, seed)
    return model, [_initializer(parameter, values) for parameter in parameters]


def _skeleton(graph: Graph, opset: int) -> tuple[onnx.ModelProto, list[Parameter]]:
    """The model without its weights, and the parameters that are to be its initializers."""
    require_opset(opset)
    graph = graph.phase(Phase.TEST)
    parts = _lowered(graph, opset)
    results = {blob.name for blob in graph.results}
    tops = [blob for node in graph for blob in node.tops if blob.name not in results]
    body = helper.make_graph(
        parts.nodes,
        graph.name,
        [value_info(blob.name, blob.type) for blob in graph.inputs],
        [value_info(blob.name, blob.type) for blob in graph.results],
        initializer=parts.constants,
        value_info=[*(value_info(blob.name, blob.type) for blob in tops), *parts.values],
    )
    operators = helper.make_opsetid("", opset)
    model = helper.make_model(
        body,
        opset_imports=[operators],
        ir_version=helper.find_min_ir_version_for([operators]),
        producer_name="netspec",
        producer_version=__version__,
        doc_string=graph.doc or "",
    )
    helper.set_model_props(model, {"spec": graph.spec, "digest": graph.digest})
    return model, list(parts.parameters.values())


def _lowered(graph: Graph, opset: int) -> Parts:
    """All layers lowered; every one that can't be is reported."""
    blobs = {blob.name for blob in graph.inputs}
    blobs.update(blob.name for node in graph for blob in node.tops)
    owners = {parameter.owner for parameter in graph.parameters}
    parts = Parts(opset, blobs | owners)
    problems = Diagnostics()
    for node in graph:
        try:
            lower(Emitter(node, parts))
        except NotLowerable as reason:
            problems.error("not-lowerable", str(reason), node.origin, path=node.path)
    for name in sorted(blobs & owners):
        message = f"a blob and a parameter are both called `{name}`, which ONNX can't tell apart"
        problems.error("not-lowerable", message)
    problems.raise_errors()
    return parts


_ITEM_SIZES = {"float32": 4, "int64": 8}


def _initializer(parameter: Parameter, weights: Weights) -> Initializer:
    header = onnx.TensorProto(
        dims=parameter.shape, data_type=ELEMENT_TYPES[parameter.dtype], name=parameter.owner
    )
    size = parameter.elements * _ITEM_SIZES[parameter.dtype]
    return Initializer(header, size, lambda: raw(weights[parameter.name]))
