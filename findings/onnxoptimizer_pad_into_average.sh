#!/usr/bin/env bash
# onnxoptimizer 0.4.2 counts an AveragePool's own padding when it merges a Pad into it.
#
# The model is a Pad by one zero on every side, then an AveragePool that pads one more element
# behind and has count_include_pad = 0. Its averages count the Pad's zeros, which are elements like
# any others, and leave out the padding of its own. No single AveragePool does both. Yet the pass
# `fuse_pad_into_pool` gives one, with all pads added up and count_include_pad = 1: another function.
#
# Seen with onnxoptimizer 0.4.2, onnx 1.23.2, onnxruntime 1.31.1 (its own optimizations off): of an
# image of ones the last average is 0.25 as it stands, and 0.111 = 1/9 when optimized.
#
# Exit status 0: as described. 1: otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q onnx==1.23.2 onnxoptimizer==0.4.2 onnxruntime==1.31.1
"$folder/venv/bin/python" - <<'PYTHON'
import sys

import numpy as np
import onnx
import onnxoptimizer
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

margins = numpy_helper.from_array(np.array([0, 0, 1, 1, 0, 0, 1, 1]), "margins")
graph = helper.make_graph(
    [
        helper.make_node("Pad", ["x", "margins"], ["wide"]),
        helper.make_node(
            "AveragePool", ["wide"], ["y"], kernel_shape=[3, 3], strides=[3, 3], pads=[0, 0, 1, 1]
        ),
    ],
    "pad_then_average",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, 3, 3])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 1, 2, 2])],
    [margins],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnx.checker.check_model(model, full_check=True)


def last(model):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    return float(session.run(None, {"x": np.ones((1, 1, 3, 3), np.float32)})[0][0, 0, -1, -1])


plain, merged = last(model), last(onnxoptimizer.optimize(model, ["fuse_pad_into_pool"]))
print(f"as it stands {plain:.3f}, optimized {merged:.3f}")
sys.exit(not (abs(plain - 1 / 4) < 1e-6 and abs(merged - 1 / 9) < 1e-6))
PYTHON
