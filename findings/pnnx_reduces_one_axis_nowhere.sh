#!/usr/bin/env bash
# pnnx turns ONNX's ReduceMean over one axis into a Reduction over no axes, and ncnn gives other
# numbers, where the axis is an input, as it is since opset 18. Over two axes, or with the axis an
# attribute, as it was until then, the numbers are right.
#
# The axis should stand in the array of net.ncnn.param as `-23303=1,1`; `-23303=0` is an array of no
# numbers. ncnn then gives the input back for its mean, and says nothing; so anything built of one,
# as a normalization over the channels, is other than it was.
#
# Seen with pnnx 20261020 and ncnn 1.0.20261020, onnx 1.23.2.
#
# Exit status 0: as described. 1: otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q numpy onnx==1.23.2 ncnn==1.0.20261020
"$folder/venv/bin/pip" install -q --no-deps pnnx==20261020 # PyTorch is for its other uses
cd "$folder"
venv/bin/python - <<'PYTHON'
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import ncnn
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

CONVERT = Path(find_spec("pnnx").origin).parent / "pnnx"
ALL = 233  # as pnnx's own script says it: no axis is the batch, all are in the array
values = np.random.default_rng(0).random((1, 4, 7, 6), np.float32)


def run(axes, opset):
    shape = [1 if axis in axes else size for axis, size in enumerate(values.shape)]
    if opset < 18:
        node = helper.make_node("ReduceMean", ["x"], ["y"], axes=axes)
    else:
        node = helper.make_node("ReduceMean", ["x", "axes"], ["y"])
    graph = helper.make_graph(
        [node],
        "mean",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, values.shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
        [] if opset < 18 else [numpy_helper.from_array(np.array(axes), "axes")],
    )
    imports = [helper.make_opsetid("", opset)]
    model = helper.make_model(graph, opset_imports=imports, ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, "net.onnx")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([CONVERT, "net.onnx", "fp16=0"], check=True, **quiet)
    written = re.search(r"-23303=\S+", Path("net.ncnn.param").read_text())[0]
    net = ncnn.Net()
    net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = False
    net.load_param("net.ncnn.param")
    net.load_model("net.ncnn.bin")
    extractor = net.create_extractor()
    extractor.input("in0", ncnn.Mat(values, batch_index=ALL).clone())
    _, found = extractor.extract("out0")
    return written, found.numpy(batch_index=ALL)


right = set()
for opset in (17, 18):
    for axes in ([1], [2], [3], [1, 2], [2, 3]):
        written, found = run(axes, opset)
        expected = values.mean(tuple(axes), keepdims=True)
        same = found.shape == expected.shape and np.allclose(found, expected, rtol=1e-4)
        print(f"opset {opset}, axes {axes}, written {written}: {found.shape}", end="")
        print(" and right" if same else f" for {expected.shape}, other numbers")
        if same:
            right.add((opset, len(axes)))
        else:
            print("  the first", found.ravel()[:3], "of the input", values.ravel()[:3])
sys.exit(right != {(17, 1), (17, 2), (18, 2)})
PYTHON
