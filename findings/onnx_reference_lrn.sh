#!/usr/bin/env bash
# onnx 1.23.2: the reference evaluator's LRN divides by the sums of too few channels.
#
# Its loop over the channels counts to the size of the first axis, the batch. The sum of squares
# stays 0 for every channel from there on, so that with a batch of one all channels but the first
# are left as they are (for the default bias of 1). ONNX's own backend test has a batch of 5 and 5
# channels, where the two sizes are equal and nothing is seen. ONNX Runtime computes the operator
# as the specification says, so a comparison of a runtime with the evaluator blames the runtime.
#
# Seen: of 4 channels with a batch of 1, the evaluator normalizes 1 and ONNX Runtime 4.
# Exits with 1 if the evaluator now gives what the specification asks for, 2 if the set-up fails.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet onnx==1.23.2 onnxruntime==1.31.1 numpy==2.4.6 || exit 2
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
import onnxruntime
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

shape = [1, 4, 2, 2]
node = helper.make_node("LRN", ["x"], ["y"], size=3, alpha=1.0, beta=0.75, bias=1.0)
ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in "xy"]
graph = helper.make_graph([node], "lrn", ends[:1], ends[1:])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
x = np.arange(1, 17, dtype=np.float32).reshape(shape)

squares = np.pad(x**2, [(0, 0), (1, 1), (0, 0), (0, 0)])
sums = squares[:, :-2] + squares[:, 1:-1] + squares[:, 2:]
specified = x / (1 + sums / 3) ** 0.75
(evaluated,) = ReferenceEvaluator(model).run(None, {"x": x})
session = onnxruntime.InferenceSession(model.SerializeToString())
(runtime,) = session.run(None, {"x": x})


def right(found):
    return [bool(np.allclose(found[:, c], specified[:, c], rtol=1e-4)) for c in range(4)]


print("channels as specified: evaluator", right(evaluated), "ONNX Runtime", right(runtime))
assert right(runtime) == [True] * 4
raise SystemExit(right(evaluated) != [True, False, False, False])
PYTHON
