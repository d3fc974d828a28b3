"""A network of more than 2 GB: written with about one tensor in memory, and opened."""

import subprocess
import sys
from pathlib import Path

import onnx
import onnxruntime
import pytest

SPEC = """
netspec: 1
name: Wide
inputs: {data: [N, 3, 64, 64]}
layers:
  - {name: conv, type: Convolution, num_output: 64, kernel_size: 3, pad: 1}
  - {name: pool, type: Pooling, pool: MAX, kernel_size: 8, stride: 8}
  - {name: fc6, type: InnerProduct, num_output: 50000}
  - {name: fc7, type: InnerProduct, num_output: 8000}
"""
LARGEST = 50_000 * 8_000 * 4
WRITE = """
import sys, netspec
netspec.load(sys.argv[1]).to_onnx(sys.argv[2])
status = open("/proc/self/status").read().split()
print(status[status.index("VmHWM:") + 1])
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc for the peak memory")
def test_a_network_of_more_than_two_gigabytes(tmp_path: Path) -> None:
    spec, model = tmp_path / "wide.yaml", tmp_path / "wide.onnx"
    spec.write_text(SPEC)
    command = [sys.executable, "-c", WRITE, str(spec), str(model)]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert int(out) * 1024 < 1.3 * LARGEST + 300e6
    assert (tmp_path / "wide.onnx.data").stat().st_size > 2**31
    assert model.stat().st_size < 10_000
    onnx.checker.check_model(str(model))
    onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
