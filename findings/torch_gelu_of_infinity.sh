#!/usr/bin/env bash
# torch 2.13.0, CPU: the exact GELU (approximate="none") of +inf in float32 hangs on how many elements
# the tensor has: inf for one, NaN for seven and more. In float64 and with approximate="tanh" it is
# inf for any number, and erf(inf) is 1 for any number. ONNX Runtime 1.31.1's Gelu gives inf.
#
# Seen: "float32: 1 inf, 7 nan, 33 nan; float64: inf inf inf; tanh: inf inf inf".
# Exits with 1 if that changes (a build or processor without that kernel may differ).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 numpy
cat > "$folder/try.py" <<'PY'
import torch
from torch.nn.functional import gelu

COUNTS = 1, 7, 33


def first(count, dtype=torch.float32, **how):
    return gelu(torch.full((count,), float("inf"), dtype=dtype), **how)[0].item()


single = ", ".join(f"{count} {first(count)}" for count in COUNTS)
double = " ".join(str(first(count, torch.float64)) for count in COUNTS)
tanh = " ".join(str(first(count, approximate="tanh")) for count in COUNTS)
found = f"float32: {single}; float64: {double}; tanh: {tanh}"
print(found)
raise SystemExit(
    found != "float32: 1 inf, 7 nan, 33 nan; float64: inf inf inf; tanh: inf inf inf"
)
PY
"$folder/venv/bin/python" -W ignore "$folder/try.py"
