#!/usr/bin/env bash
# OpenCV's reader of Caffe networks gives Axpy's factor to the wrong bottom.
#
# The layer is of the authors' Caffe of squeeze-and-excitation networks: of the bottoms a, x and y it
# gives a·x + y (include/caffe/layers/axpy_layer.hpp of hujie-frank/SENet). OpenCV makes a Scale and an
# Eltwise of it, without a word, whose sum is a·y + x: in the published SE-ResNets it scales the
# shortcut and leaves the residual as it is. Shapes, parameters and weights all fit, and SE-ResNet-50
# with bottoms 1 and 2 exchanged gives just what OpenCV does.
#
# Seen with opencv-python-headless 4.14.0.94 on a CPU: "from a*x + y: 1.15, from a*y + x: 0.00".
#
# Exit status 0: as described. 1: otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check opencv-python-headless==4.14.0.94
cat > "$folder/axpy.prototxt" <<'TEXT'
input: "x" input_shape { dim: 1 dim: 3 dim: 4 dim: 4 }
layer { name: "pool" type: "Pooling" bottom: "x" top: "pool"
  pooling_param { pool: AVE global_pooling: true } }
layer { name: "a" type: "Sigmoid" bottom: "pool" top: "a" }
layer { name: "y" type: "ReLU" bottom: "x" top: "y" }
layer { name: "sum" type: "Axpy" bottom: "a" bottom: "x" bottom: "y" top: "sum" }
TEXT
"$folder/venv/bin/python" - "$folder/axpy.prototxt" <<'PYTHON'
import sys

import cv2
import numpy as np

x = np.random.RandomState(0).randn(1, 3, 4, 4).astype(np.float32)
network = cv2.dnn.readNetFromCaffe(sys.argv[1])
network.setInput(x)
given = network.forward()
a = 1 / (1 + np.exp(-x.mean((2, 3), keepdims=True)))
y = np.maximum(x, 0)
meant, found = (np.abs(given - each).max() for each in (a * x + y, a * y + x))
print(f"from a*x + y: {meant:.2f}, from a*y + x: {found:.2f}")
sys.exit(not (meant > 1 and found < 1e-5))
PYTHON
