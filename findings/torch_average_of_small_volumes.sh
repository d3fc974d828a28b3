#!/usr/bin/env bash
# torch 2.13.0, CPU: avg_pool3d asks whether a window fits before it pads, and refuses one that does.
#
# avg_pool1d and avg_pool2d, and max_pool3d as well, count the padding first: with a padding of 1 a
# window of 3 fits into a size of 2. A network that takes images of any size, written for volumes,
# stops at its average pooling where a size has become smaller than the window.
#
# Seen: "avg_pool1d 1, avg_pool2d 1, max_pool3d 1, avg_pool3d refused".
# Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 numpy
cat > "$folder/try.py" <<'PY'
import torch
from torch.nn import functional as F


def windows(name, axes):
    try:
        pooled = getattr(F, name)(torch.ones(1, 1, *[2] * axes), 3, stride=2, padding=1)
    except RuntimeError as error:
        assert "smaller than kernel size" in str(error)
        return f"{name} refused"
    return f"{name} {pooled.shape[-1]}"


cases = {"avg_pool1d": 1, "avg_pool2d": 2, "max_pool3d": 3, "avg_pool3d": 3}
found = ", ".join(windows(name, axes) for name, axes in cases.items())
print(found)
raise SystemExit(found != "avg_pool1d 1, avg_pool2d 1, max_pool3d 1, avg_pool3d refused")
PY
"$folder/venv/bin/python" -W ignore "$folder/try.py"
