#!/usr/bin/env bash
# ONNX Runtime 1.31.1 (CPU), onnx 1.21.0, numpy 2.2.6: the average of an image whose elements are
# all the same float32 isn't that number. GlobalAveragePool adds the elements up one behind the
# other in float32, and equal numbers round the same way at each step: for 512 x 512 elements of
# 0.1 the result is off by about 6e-4 of itself, thousands of times float32's precision, where
# numpy's pairwise sum (and PyTorch's mean) is off by 3e-7 or less. With random numbers of both signs
# it doesn't show. A constant image is therefore no input to compare two runtimes closely on.
# Exits with 1 if the behaviour has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet onnxruntime==1.31.1 onnx==1.21.0 numpy==2.2.6
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
import onnxruntime
from onnx import TensorProto, helper

shape = [1, 1, 512, 512]
image = np.full(shape, 0.1, np.float32)
graph = helper.make_graph(
    [helper.make_node("GlobalAveragePool", ["x"], ["y"])],
    "average",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 1, 1, 1])],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)
session = onnxruntime.InferenceSession(
    model.SerializeToString(), providers=["CPUExecutionProvider"]
)
(found,) = session.run(None, {"x": image})
runtime = abs(float(found.item()) / float(np.float32(0.1)) - 1)
numpy = abs(float(image.mean()) / float(np.float32(0.1)) - 1)
print(f"off by: ONNX Runtime {runtime:.1e}, numpy {numpy:.1e}")
raise SystemExit(0 if runtime > 1e-4 and numpy < 1e-6 else 1)
PYTHON
