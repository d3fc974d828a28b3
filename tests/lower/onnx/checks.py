"""What every ONNX model must stand, and how it is run."""

from functools import partial
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx.shape_inference import infer_shapes

from netspec.graph import Graph
from netspec.lower.onnx.model import to_model
from netspec.lower.onnx.opsets import NEWEST_OPSET, OLDEST_OPSET
from netspec.lower.onnx.options import Options
from netspec.lower.onnx.runtime import newest_known, newest_runnable
from netspec.lower.values import Array
from netspec.lower.weights import Weights

NEWEST_WRITTEN = min(NEWEST_OPSET, newest_known())
"""The newest opset that the onnx package here knows."""
NEWEST = newest_runnable()
"""The newest opset that the ONNX Runtime here takes."""
OPSETS = range(OLDEST_OPSET, NEWEST + 1)

Float = NDArray[np.float32]


def weights_at_random(graph: Graph) -> Weights:
    """All positive, as a variance must be; no two alike."""

    def values(name: str, shape: tuple[int, ...], dtype: str) -> Array:
        seed = list(name.encode())
        return np.asarray(np.random.default_rng(seed).random(shape) + 0.5, dtype)

    return Weights({p.name: partial(values, p.name, p.shape, p.dtype) for p in graph.parameters})


def checked_model(
    graph: Graph,
    weights: Weights | None = None,
    opset: int | None = None,
    options: Options | None = None,
) -> onnx.ModelProto:
    """The graph's model, valid by the checker and by shape inference that can't see our shapes."""
    model = to_model(graph, options or Options(weights, opset=opset))
    assert_valid(model)
    return model


def assert_valid(model: onnx.ModelProto) -> None:
    """By the checker, and by shape inference that can't see the model's shapes of values."""
    onnx.checker.check_model(model, full_check=True)
    predicted = shapes(model)
    produced = {name for node in model.graph.node for name in node.output}
    assert produced <= predicted.keys(), "every value is typed"
    stripped = onnx.ModelProto()
    stripped.CopyFrom(model)
    del stripped.graph.value_info[:]
    for output in stripped.graph.output:
        output.type.tensor_type.ClearField("shape")
    inferred = shapes(infer_shapes(stripped, check_type=True, strict_mode=True, data_prop=True))
    for name, sizes in inferred.items():
        for ours, theirs in zip(predicted[name], sizes, strict=True):
            assert ours == theirs or not isinstance(theirs, int), name


def shapes(model: onnx.ModelProto) -> dict[str, list[int | str]]:
    """The shapes that the model states, by value name; what isn't known is text."""
    graph = model.graph
    return {
        value.name: [
            size.dim_value if size.HasField("dim_value") else size.dim_param
            for size in value.type.tensor_type.shape.dim
        ]
        for value in (*graph.input, *graph.value_info, *graph.output)
        if value.type.tensor_type.HasField("shape")
    }


def run(model: onnx.ModelProto | bytes, *inputs: NDArray[Any]) -> list[Float]:
    """The outputs as ONNX Runtime computes them."""
    data = model if isinstance(model, bytes) else model.SerializeToString()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_inputs()]
    outputs: list[Float] = session.run(None, dict(zip(names, inputs, strict=True)))
    return outputs


def image(*shape: int) -> Float:
    """Values on both sides of zero, the same every time."""
    return np.random.default_rng(0).standard_normal(shape, np.float32)


def assert_close(actual: Float, expected: Float) -> None:
    assert actual.shape == expected.shape
    np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=1e-6)
