"""A whole graph as an ONNX model that lacks its weights."""

import onnx
from onnx import helper

from netspec._version import __version__
from netspec.graph import Graph, Parameter
from netspec.lower.onnx.emitter import Parts, value_info
from netspec.lower.onnx.model.fitting import require_taken
from netspec.lower.onnx.model.lowered import lowered
from netspec.lower.onnx.options import Options
from netspec.lower.onnx.runtime import require_opset
from netspec.printable import printable_lines


def skeleton(graph: Graph, options: Options) -> tuple[onnx.ModelProto, list[Parameter]]:
    """The model of a phase without its weights, and the parameters that are to be initializers."""
    opset = options.version
    require_opset(opset)
    parts = lowered(graph, opset)
    if options.reader is not None:
        require_taken(graph, parts, options.reader)
    results = {blob.name for blob in graph.results}
    known = {name for node in parts.nodes for name in (*node.input, *node.output)} - results
    _name_results(parts, graph)
    tops = [blob for node in graph for blob in node.tops if blob.name in known]
    values = [*(value_info(blob.name, blob.type) for blob in tops), *parts.values]
    body = helper.make_graph(
        parts.nodes,
        graph.name,
        [value_info(blob.name, blob.type) for blob in graph.inputs],
        [value_info(graph.result_name(blob), blob.type) for blob in graph.results],
        initializer=parts.constants,
        value_info=values if options.states_values else [],
    )
    operators = helper.make_opsetid("", opset)
    model = helper.make_model(
        body,
        opset_imports=[operators],
        ir_version=helper.find_min_ir_version_for([operators]),
        producer_name="netspec",
        producer_version=__version__,
        doc_string=printable_lines(graph.doc or ""),
    )
    origin = {"spec": graph.spec, "digest": graph.digest, "overrides": graph.overrides}
    helper.set_model_props(model, {name: each for name, each in origin.items() if each})
    return model, list(parts.parameters.values())


def _name_results(parts: Parts, graph: Graph) -> None:
    """Give results the names that the user knows them by, wherever they are read.

    An input or a parameter keeps its own name, so that a result which is one is a copy; one that a
    layer gives under another name, and the user asks for by the layer's, is the parameter itself.
    """
    made = {name for node in parts.nodes for name in node.output}
    names = {blob: name for blob, name in graph.result_names.items() if blob in made}
    for node in parts.nodes if names else ():
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
    parts.nodes = [node for node in parts.nodes if node.input != node.output]
    for blob in graph.results:
        name = graph.result_name(blob)
        if blob.name not in made and name != blob.name:
            parts.nodes.append(helper.make_node("Identity", [blob.name], [name], name))
