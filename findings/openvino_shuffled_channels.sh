#!/usr/bin/env bash
# OpenVINO undoes a permutation of channels in front of a convolution: it gives the convolution's
# weights the permutation where they need its inverse.
#
# A Gather of channels by constants that a Conv reads is left out, and the weights are put in another
# order instead. What comes out is the convolution of channels shuffled the other way round; so a
# permutation that is its own inverse (channels in reverse) is right, and one that isn't (a channel
# shuffle of ShuffleNet's) gives other numbers, at any kernel size, without a word. With the result of
# the Gather as an output of the graph as well, both are right.
#
# Seen with openvino 2026.4.1 on a CPU, against onnx's reference evaluator.
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
from onnx.reference import ReferenceEvaluator

random = np.random.default_rng(0)
x = random.standard_normal((1, 8, 5, 5), np.float32)
weight = random.standard_normal((6, 8, 1, 1)).astype(np.float32)


def model(order, outputs):
    shapes = {"y": [1, 6, 5, 5], "shuffled": [1, 8, 5, 5]}
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["x", "order"], ["shuffled"], axis=1),
            helper.make_node("Conv", ["shuffled", "weight"], ["y"]),
        ],
        "shuffle",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 8, 5, 5])],
        [helper.make_tensor_value_info(each, TensorProto.FLOAT, shapes[each]) for each in outputs],
        [numpy_helper.from_array(order, "order"), numpy_helper.from_array(weight, "weight")],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    onnx.checker.check_model(made, full_check=True)
    return made


def expected(order):
    return ReferenceEvaluator(model(order, ["y"])).run(None, {"x": x})[0]


def found(order, outputs=("y",)):
    core = openvino.Core()
    read = core.read_model(model(order, outputs).SerializeToString())
    hint = {"INFERENCE_PRECISION_HINT": "f32"}
    return core.compile_model(read, "CPU", hint)([x])[0]


def close(a, b):
    return bool(np.allclose(a, b, rtol=1e-4, atol=1e-4))


reverse = np.arange(8)[::-1].copy()
shuffle = np.arange(8).reshape(2, 4).T.ravel()
inverse = np.argsort(shuffle)
seen = {
    "in reverse": close(found(reverse), expected(reverse)),
    "shuffled": close(found(shuffle), expected(shuffle)),
    "shuffled, as the other way round": close(found(shuffle), expected(inverse)),
    "shuffled, and given as well": close(found(shuffle, ("y", "shuffled")), expected(shuffle)),
}
print(seen)
sys.exit(list(seen.values()) != [True, False, True, True])
PYTHON
