"""What a consumer will refuse of a model: told beforehand, of the layer that it comes from.

A form counts as refused where no file that has it was taken (`tests/consumers/facts.py`); there may
be reasons that no form shows.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import onnx

from netspec.diagnostics import Diagnostics
from netspec.graph import Graph, Shape
from netspec.graph.sizes import symbols
from netspec.lower.onnx.consumers import MEASURED, Consumer
from netspec.lower.onnx.emitter import Parts

_NOTHING: dict[str, dict[str, str]] = {"refused": {}, "layers refused": {}}
_FLOATS = ("float32", "float16", "bfloat16", "float64")


def require_taken(graph: Graph, parts: Parts, consumer: Consumer) -> None:
    """SpecError (`not-lowerable`) with all of a model that the consumer is known to refuse.

    `parts` are what became of the graph.
    """
    problems = Diagnostics()
    if not consumer.symbols:
        _require_sizes(graph, consumer, problems)
    known = _measured().get(consumer.name, _NOTHING)
    for form, made in forms(parts.nodes, parts.types):
        node = parts.givers[made.output[0]]
        how = known["refused"].get(form)
        layer = known["layers refused"].get(node.type)
        if how is not None:
            message = f"{consumer.called} {how} {form}, which {node.type} becomes here"
            problems.error("not-lowerable", message, node.origin, path=node.path)
        elif layer is not None:
            message = f"{consumer.called} {layer} {node.type}"
            problems.error("not-lowerable", message, node.origin, path=node.path)
    problems.raise_errors()


def _require_sizes(graph: Graph, consumer: Consumer, problems: Diagnostics) -> None:
    """Tell of sizes that are open, or known when the network runs."""
    known = {symbol for blob in graph.inputs for symbol in _symbols(blob.shape)}
    for blob in graph.inputs:
        if _symbols(blob.shape):
            message = f"{consumer.called} must know all sizes, but `{blob.name}` is {blob.shape}"
            help = f"give them: `--input {blob.name}={_one(blob.shape)}`"
            problems.error("not-lowerable", message, help=help)
    for node in graph:
        for top in node.tops:
            if _symbols(top.shape) - known:
                message = f"{consumer.called} must know all sizes, but this gives {top.shape}"
                problems.error("not-lowerable", message, node.origin, path=node.path)


def _symbols(shape: Shape) -> set[str]:
    return {symbol for size in shape.sizes for symbol in symbols(size)}


def _one(shape: Shape) -> str:
    """The shape as `--input` takes it, for one item where that is all that is open."""
    first, *rest = shape.sizes
    sizes = [1 if symbols(first) else first, *rest]
    return "x".join("…" if symbols(size) else str(size) for size in sizes)


def forms(
    nodes: Iterable[onnx.NodeProto], types: Mapping[str, str]
) -> Iterator[tuple[str, onnx.NodeProto]]:
    """What a consumer may have something against, and the node that has it: each operator, with the
    type of what it reads where that isn't floating-point; with each attribute that is a word; and
    the reader of what was put together or picked along the channels, with that.
    """
    given: dict[str, onnx.NodeProto] = {}
    for node in nodes:
        dtype = types.get(node.input[0]) if node.input else None
        plain = dtype is None or dtype in _FLOATS
        operator = node.op_type if plain else f"{node.op_type} of {dtype}"
        yield operator, node
        for each in node.attribute:
            for word in (*each.strings, *([each.s] if each.s else ())):
                yield f"{operator} with {each.name}={word.decode()}", node
        for name in node.input:
            if name in given and any(
                each.name == "axis" and each.i == 1 for each in given[name].attribute
            ):
                yield f"{given[name].op_type} of channels before {operator}", node
        given.update(dict.fromkeys(node.output, node))


@cache
def _measured() -> dict[str, Any]:
    """What was measured of each consumer: the forms and the layers that it "refuses" or
    "miscomputes" are those of "refused" and "layers refused".
    """
    with MEASURED.open(encoding="utf-8") as file:
        return json.load(file)  # type: ignore[no-any-return]
