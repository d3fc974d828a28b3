"""The graph as PyTorch: readable source, and the module that this source defines.

The way through: `registry` and the modules of the layer families say what each layer becomes;
`wiring` and `forms` what each scope becomes; `steps`, `forward` and `locals` write a class's
`forward`; `bodies`, `families`, `sharing` and `classes` its constructor, shared by instances;
`reset`, `root` and `header` the rest of the file; `variables` gives the network's constructor its
parameters, as far as `sampling`, `reach` and `counts` allow; `source` puts it together, `layout`
into lines.
"""

from netspec.lower.options import TorchOptions
from netspec.lower.torch.instrument import instrumented as instrumented
from netspec.lower.torch.module import to_torch as to_torch
from netspec.lower.torch.source import to_source as to_source

Options = TorchOptions
