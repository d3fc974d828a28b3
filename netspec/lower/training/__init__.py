"""A recipe and a graph as a training script: torch alone, beside the network's source.

`script` decides what the text says, with a module for each subject: `rates`, `optimizers`,
`losses`, `data`; `refusals` has what can't be trained. `codegen/training` writes it down.
"""

from netspec.lower.training.script import NETWORK as NETWORK
from netspec.lower.training.script import to_script as to_script
