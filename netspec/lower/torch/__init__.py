"""The graph as PyTorch: readable source, and the module that this source defines.

The way through: a layer's lowering (`registry`, `layers`) says what it becomes. `terms` are the
spec's expressions over the names of a constructor, and numbers that know theirs; `regions` go
through the layers of each block once with these, so that each number in the code has its term.
`structure` says what each scope becomes and writes a `forward`. `classes` lays the scopes of one
block side by side: what they have in common is its class, what a condition of the spec tells apart
stands under an `if`, the turns of a repeat are a loop. `python` is the code that comes of it,
`source` puts the file together, `memory` runs it. Custom layers import `registry` and `code`.
"""

from netspec.lower.options import TorchOptions
from netspec.lower.torch.memory.instrument import instrumented as instrumented
from netspec.lower.torch.memory.module import to_torch as to_torch
from netspec.lower.torch.source import to_source as to_source

Options = TorchOptions
