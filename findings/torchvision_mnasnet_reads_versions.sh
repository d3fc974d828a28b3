#!/usr/bin/env bash
# torchvision 0.28.0, torch 2.13.0: what MNASNet.load_state_dict does hangs on the hidden `_metadata`
# of the dict, not on its keys and tensors alone.
#
# `state_dict()` of the model says version 2. A plain dict of the very same tensors (from a
# .safetensors or .npz file, or `{k: v for ...}` over a checkpoint) is refused. What another module
# with the same keys and shapes gives says PyTorch's usual 1: the model takes it for one of its first
# version, makes its own stem anew with 32 channels, and then its own weights don't fit it any more.
#
# Seen: "plain dict: version should be set to 1 or 2 instead of None; same keys of another module:
# size mismatch, stem of 16 channels then 32" (on one line).
# Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 numpy pillow
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps torchvision==0.28.0
cat > "$folder/try.py" <<'PY'
import torch

library = torch.library.Library("torchvision", "FRAGMENT")
for operator in ("nms", "qnms"):
    library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
from torchvision.models import mnasnet0_5


class Same(torch.nn.Module):
    def __init__(self, other):
        super().__init__()
        self.layers, self.classifier = other.layers, other.classifier


def tried(state):
    try:
        model.load_state_dict(state)
    except ValueError as error:
        return str(error)
    except RuntimeError as error:
        return "size mismatch" if "size mismatch" in str(error) else str(error)
    return "loads"


model = mnasnet0_5()
state = model.state_dict()
assert tried(state) == "loads"
plain = tried(dict(state))
before = model.layers[0].out_channels
other = tried(Same(mnasnet0_5()).state_dict())
after = model.layers[0].out_channels
found = f"plain dict: {plain}; same keys of another module: {other}, stem of {before} channels then {after}"
print(found)
raise SystemExit(
    found
    != "plain dict: version should be set to 1 or 2 instead of None; same keys of another module: "
    "size mismatch, stem of 16 channels then 32"
)
PY
"$folder/venv/bin/python" -W ignore "$folder/try.py"
