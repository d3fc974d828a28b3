#!/usr/bin/env bash
# torch 2.13.0, CPU: what F.fold and F.unfold give lies in memory as large as what they read, and
# torch.save writes all of it.
#
# Their result is made as large as the operand, then made smaller, which frees nothing. A sum of 3x3
# windows holds nine times what it needs, and so does its file; every 8th element of an image 64
# times. Nothing tells: neither is a view, and element_size() * numel() is that of the result. Pooling
# with the same windows gives a tensor of its own size. (fold's is told of in pull request 198123.)
#
# Seen: "bytes, of memory, of file: fold 262144 2359296 2.36 MB; unfold 4096 262144 0.26 MB;
# max_pool2d 4096 4096 0.01 MB", in one line.
# Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 numpy
cat > "$folder/try.py" <<'PY'
import io

import torch
from torch.nn import functional as F


def told(name, tensor):
    assert tensor._base is None and tensor.is_contiguous()
    file = io.BytesIO()
    torch.save(tensor, file)
    sizes = tensor.element_size() * tensor.numel(), tensor.untyped_storage().nbytes()
    return f"{name} {sizes[0]} {sizes[1]} {len(file.getvalue()) / 1e6:.2f} MB"


windows = torch.ones(1, 16 * 3 * 3, 64 * 64)
image = torch.ones(1, 1, 256, 256)
results = {
    "fold": F.fold(windows, (64, 64), 3, padding=1),
    "unfold": F.unfold(image, 1, stride=8),
    "max_pool2d": F.max_pool2d(image, 1, stride=8),
}
found = "bytes, of memory, of file: " + "; ".join(told(*each) for each in results.items())
print(torch.__version__.partition("+")[0], found)
raise SystemExit(
    found
    != "bytes, of memory, of file: fold 262144 2359296 2.36 MB; unfold 4096 262144 0.26 MB; "
    "max_pool2d 4096 4096 0.01 MB"
)
PY
"$folder/venv/bin/python" -W ignore "$folder/try.py"
