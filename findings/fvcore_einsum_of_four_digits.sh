#!/usr/bin/env bash
# fvcore 0.1.5.post20221221 (torch 2.13.0, numpy 2.4.6) counts most of torch.einsum by the text that
# numpy.einsum_path prints for people, "Optimized FLOP count:  4.968e+06", which has four digits. So a
# product of 197×64 and 64×197 counts 2484000 multiply-adds, and its transpose, one of two equations
# that have a rule of their own, 2483776, as torch.matmul does. No warning says which is exact.
#
# Seen: "einsum nik,njk->nij: 2484000; nik,njk->nji: 2483776; matmul: 2483776".
# Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.4.6 \
    fvcore==0.1.5.post20221221 setuptools
cat > "$folder/try.py" <<'PY'
import torch
from fvcore.nn import FlopCountAnalysis
from torch import nn


class Product(nn.Module):
    def __init__(self, equation):
        super().__init__()
        self.equation = equation

    def forward(self, q, k):
        if self.equation == "matmul":
            return torch.matmul(q, k.transpose(1, 2))
        return torch.einsum(self.equation, q, k)


def counted(equation):
    shape = 1, 197, 64
    analysis = FlopCountAnalysis(Product(equation), (torch.zeros(shape), torch.zeros(shape)))
    return int(analysis.total())


same, turned = "nik,njk->nij", "nik,njk->nji"
found = f"einsum {same}: {counted(same)}; {turned}: {counted(turned)}; matmul: {counted('matmul')}"
print(found)
raise SystemExit(
    found != "einsum nik,njk->nij: 2484000; nik,njk->nji: 2483776; matmul: 2483776"
)
PY
"$folder/venv/bin/python" -W ignore "$folder/try.py"
