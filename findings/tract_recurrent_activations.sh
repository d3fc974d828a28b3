#!/usr/bin/env bash
# tract and MNN compute an RNN's default activation whatever `activations` says.
#
# An RNN with activations ["Relu"] (PyTorch's nonlinearity="relu") is loaded (MNN logs a line), and what
# comes out is that of ["Tanh"], to the last digits. ONNX Runtime computes the one that is asked for.
#
# Seen with tract 0.23.9 and MNN 3.6.1. MNN's converter is called by its module: the command
# `mnnconvert` would first install a package with whatever `pip` it finds, to report what is converted.
#
# Exit status 0: as described. 1: otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q onnx==1.23.2 tract==0.23.9 MNN==3.6.1 numpy
cd "$folder"
venv/bin/python - <<'PYTHON'
import sys

import _tools
import MNN
import numpy as np
import onnx
import tract
from onnx import TensorProto, helper, numpy_helper

random = np.random.default_rng(0)
x = random.standard_normal((4, 2, 3), np.float32)


weight = random.standard_normal((1, 5, 3)).astype(np.float32)
recurrence = random.standard_normal((1, 5, 5)).astype(np.float32)
graph = helper.make_graph(
    [helper.make_node("RNN", ["x", "w", "r"], ["y"], hidden_size=5, activations=["Relu"])],
    "rnn",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, [4, 2, 3])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, [4, 1, 2, 5])],
    [numpy_helper.from_array(weight, "w"), numpy_helper.from_array(recurrence, "r")],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnx.checker.check_model(model, full_check=True)
onnx.save(model, "rnn.onnx")


def expected(activation):
    state, found = np.zeros((2, 5), np.float32), []
    for step in x:
        state = activation(step @ weight[0].T + state @ recurrence[0].T)
        found.append(state[None])
    return np.array(found)


def of_tract():
    runnable = tract.onnx().load("rnn.onnx").into_model().into_runnable()
    return runnable.run([x])[0].to_numpy()


def of_mnn():
    _tools.mnnconvert(["-", "-f", "ONNX", "--modelFile", "rnn.onnx", "--MNNModel", "rnn.mnn"])
    module = MNN.nn.load_module_from_file("rnn.mnn", ["x"], ["y"])
    given = MNN.expr.const(x, list(x.shape), MNN.expr.NCHW)
    found = MNN.expr.convert(module.forward([given])[0], MNN.expr.NCHW)
    return np.array(found.read()).reshape(found.shape)


asked, default = expected(lambda value: np.maximum(value, 0)), expected(np.tanh)
assert not np.allclose(asked, default, atol=0.1)
for name, found in ("tract", of_tract()), ("MNN", of_mnn()):
    is_default = np.allclose(found, default, rtol=1e-4, atol=1e-5)
    print(name, "gives tanh" if is_default else "doesn't", flush=True)
    if not is_default:
        sys.exit(1)
PYTHON
