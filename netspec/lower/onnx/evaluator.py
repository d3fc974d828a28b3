"""A file that ONNX Runtime's CPU can't compute with, run by onnx's own evaluator.

That one would add up in bfloat16, and a sum of ones stops at 256; whoever computes with bfloat16
adds up in float32 and rounds what an operator gives. So each node is run by itself in float32.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator

from netspec.lower.values import Array, element_type

NARROW = element_type("bfloat16")


@dataclass(frozen=True)
class Step:
    """A node, as a graph of its own."""

    node: onnx.NodeProto
    evaluator: ReferenceEvaluator

    def run(self, values: Mapping[str, Array]) -> dict[str, Array]:
        """What it gives by name; of bfloat16, where it reads that and gives real numbers."""
        read = {name: values[name] for name in self.evaluator.input_names}
        narrow = any(value.dtype == NARROW for value in read.values())
        given = self.evaluator.run(None, {name: _wide(value) for name, value in read.items()})
        names: Sequence[str] = self.evaluator.output_names
        keeps = not narrow or self.node.op_type == "Cast"
        made = given if keeps else map(_narrow, given)
        return dict(zip(names, made, strict=True))


class Evaluator:
    """The file at a path; whatever NumPy raises in an operator is raised."""

    def __init__(self, path: Path) -> None:
        model = onnx.load(path)
        graph = model.graph
        opsets = {each.domain: each.version for each in model.opset_import}
        self._constants = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
        self._steps = [Step(node, _alone(node, opsets)) for node in graph.node]
        self._inputs = {each.name for each in graph.input}
        self._outputs = [each.name for each in graph.output]

    def __call__(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """The outputs by name."""
        values: dict[str, Any] = dict(self._constants)
        values |= {name: value for name, value in inputs.items() if name in self._inputs}
        for step in self._steps:
            values |= step.run(values)
        return {name: values[name] for name in self._outputs}


def _alone(node: onnx.NodeProto, opsets: dict[str, int]) -> ReferenceEvaluator:
    read = dict.fromkeys(name for name in node.input if name)
    graph = onnx.GraphProto(
        name=node.name,
        node=[node],
        input=[onnx.ValueInfoProto(name=name) for name in read],
        output=[onnx.ValueInfoProto(name=name) for name in node.output if name],
    )
    return ReferenceEvaluator(graph, opsets)


def _wide(value: Array) -> Array:
    return value.astype(np.float32) if value.dtype == NARROW else value


def _narrow(value: Array) -> Array:
    return value.astype(NARROW) if value.dtype == np.float32 else value
