#!/usr/bin/env bash
# torch 2.13.0: `torch.jit.script` compiles `a or b` of integers, in a function annotated `-> int`,
# without a word, and gives a truth value instead of one of the two: `samples or 6` is 3 in Python
# for 3 and 6 for 0; scripted it is 1 for both (as a plain value, True). No error, no warning; a size
# made so, torch.arange(samples or 6), silently has one element.
#
# Seen: "python: 3 6, scripted: 1 1, elements: 1". Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 numpy
cat > "$folder/try.py" <<'PY'
import torch


def either(samples: int) -> int:
    return samples or 6


def places(samples: int) -> torch.Tensor:
    return torch.arange(samples or 6)


scripted = torch.jit.script(either)
found = (
    f"python: {either(3)} {either(0)}, scripted: {scripted(3):d} {scripted(0):d}, "
    f"elements: {len(torch.jit.script(places)(3))}"
)
print(found)
raise SystemExit(found != "python: 3 6, scripted: 1 1, elements: 1")
PY
"$folder/venv/bin/python" -W ignore "$folder/try.py"
