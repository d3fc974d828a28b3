#!/usr/bin/env bash
# OpenVINO's ReduceMax of nothing but −∞ is −3.4e38, the lowest finite number; ReduceMin has the like.
#
# So a graph that masks with −∞ and then asks which maxima are −∞ (Equal) to find empty windows finds
# none, while its ReduceSum of the same values is −∞. onnx's reference evaluator, ONNX Runtime and
# NumPy give −∞. The hint for float32 is set: it isn't a matter of a narrower type.
#
# Seen with openvino 2026.4.1 on a CPU: ReduceMax [-3.4028235e+38], ReduceMin of ∞ [3.4028235e+38],
# ReduceSum [-inf].
#
# Exit status 0: as described. 1: otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q onnx==1.23.2 openvino==2026.4.1
"$folder/venv/bin/python" - <<'PYTHON'
import sys

import numpy as np
import onnx
import openvino
from onnx import TensorProto, helper, numpy_helper

core = openvino.Core()


def reduced(operator, value):
    graph = helper.make_graph(
        [helper.make_node(operator, ["x", "axes"], ["y"], keepdims=0)],
        "reduction",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])],
        [numpy_helper.from_array(np.array([1]), "axes")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    onnx.checker.check_model(model, full_check=True)
    read = core.read_model(model.SerializeToString())
    compiled = core.compile_model(read, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return compiled([np.full((1, 3), value, np.float32)])[0]


limits = np.finfo(np.float32)
found = {
    "ReduceMax": reduced("ReduceMax", -np.inf),
    "ReduceMin": reduced("ReduceMin", np.inf),
    "ReduceSum": reduced("ReduceSum", -np.inf),
}
print(found)
expected = {"ReduceMax": limits.min, "ReduceMin": limits.max, "ReduceSum": -np.inf}
sys.exit(any(found[name][0] != value for name, value in expected.items()))
PYTHON
