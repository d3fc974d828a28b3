#!/usr/bin/env bash
# tract lets a symbolic batch be fixed in a model that states the types of its outputs, but not in
# one that states those of the values on the way.
#
# The two models differ in one entry of `value_info`, the type that shape inference would write:
# N×3 for a product of the N×3 input with itself. With `set_input_fact(0, "2,3,f32")` the first runs
# and gives 2×1, though its output is declared N×1; the second is refused, since N isn't 2. So a
# model that onnx.shape_inference.infer_shapes has been over can't be fixed any more.
#
# Seen with tract 0.23.9, onnx 1.23.2: "Impossible to unify Sym(N) with Val(2)".
#
# Exit status 0: as described. 1: otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q onnx==1.23.2 tract==0.23.9 numpy
cd "$folder"
venv/bin/python - <<'PYTHON'
import sys

import numpy as np
import onnx
import tract
from onnx import TensorProto, helper, numpy_helper

graph = helper.make_graph(
    [
        helper.make_node("Mul", ["x", "x"], ["square"]),
        helper.make_node("ReduceSum", ["square", "axes"], ["y"]),
    ],
    "sum_of_squares",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 1])],
    [numpy_helper.from_array(np.array([1]), "axes")],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True)
assert not model.graph.value_info
assert [each.name for each in inferred.graph.value_info] == ["square"]


def run(model):
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, "model.onnx")
    loaded = tract.onnx().load("model.onnx")
    loaded.set_input_fact(0, "2,3,f32")
    runnable = loaded.into_model().into_runnable()
    return runnable.run([np.ones((2, 3), np.float32)])[0].to_numpy()


print("without value_info:", run(model).tolist())
try:
    run(inferred)
except Exception as error:
    reason = next(line for line in str(error).splitlines() if "unify Sym" in line)
    print("with it:", reason.strip())
    sys.exit(0)
print("with it: it runs")
sys.exit(1)
PYTHON
