#!/usr/bin/env bash
# ONNX Runtime 1.21 to 1.24 (CPU): AveragePool of opset 19 and later, with count_include_pad = 1,
# leaves the padding below out of the count if the window is one column wide.
#
# A window 2×1 on a column of ones, padded by one element above and below, has the averages 1/2, 1,
# …, 1/2. From opset 19 on, which brought dilations, the last is 1; at opset
# 11 it's right, and so it is for windows of two columns or more, and the other way round (1×2).
#
# Seen with onnxruntime 1.21.0 to 1.24.4; 1.20.1, 1.25.0 and later are right. Here: 1.24.4, onnx
# 1.21.0; at opset 11 [0.5, 1, 1, 0.5], at opset 19 [0.5, 1, 1, 1].
#
# Exit status 0: as described. 1: otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q onnx==1.21.0 onnxruntime==1.24.4
"$folder/venv/bin/python" - <<'PYTHON'
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper


def averages(opset, window):
    height, width = window
    pads = [height - 1, width - 1] * 2
    node = helper.make_node(
        "AveragePool", ["x"], ["y"], kernel_shape=window, pads=pads, count_include_pad=1
    )
    out = [1, 1, 3 + height - 1, 3 + width - 1]
    graph = helper.make_graph(
        [node],
        "average",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, 3, 3])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, out)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return session.run(None, {"x": np.ones((1, 1, 3, 3), np.float32)})[0][0, 0]


before, since = averages(11, [2, 1])[:, 0], averages(19, [2, 1])[:, 0]
print("opset 11:", before.tolist(), "opset 19:", since.tolist())
others = all(np.allclose(averages(11, w), averages(19, w)) for w in ([1, 2], [2, 2]))
print("other windows agree:", others)
right = [0.5, 1, 1, 0.5]
sys.exit(not (others and np.allclose(before, right) and since[-1] > 0.9))
PYTHON
