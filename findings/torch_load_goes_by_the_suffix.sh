#!/usr/bin/env bash
# PyTorch 2.13.0 with safetensors 0.8.0: what `torch.save` writes, `torch.load` doesn't read again if
# the file's name ends in .safetensors. By that suffix alone, before it looks at a byte, `torch.load`
# hands the path to the safetensors library, which finds no header of its own (SafetensorError). The
# same file is read under any other name, and under that name when it is given as an open file; a
# path is also what `mmap=True` asks for. Seen: "by path: SafetensorError", "by file: read",
# "renamed: read".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q torch==2.13.0 safetensors==0.8.0 numpy
cd "$folder"
seen=$("$folder/venv/bin/python" -W ignore - <<'PYTHON'
import shutil

import torch

path = "weights.safetensors"
torch.save({"a": torch.ones(2)}, path)
shutil.copy(path, "weights.pt")


def told(source):
    try:
        return "read" if torch.load(source, weights_only=True)["a"].sum() == 2 else "other values"
    except Exception as error:
        return type(error).__name__


print("by path:", told(path))
with open(path, "rb") as file:
    print("by file:", told(file))
print("renamed:", told("weights.pt"))
PYTHON
)
echo "$seen"
[ "$seen" = "by path: SafetensorError
by file: read
renamed: read" ]
