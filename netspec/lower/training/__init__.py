"""A recipe and a graph as a training script: torch alone, or Lightning's form (`lightning`).

`script` decides what the text says, with a module for each subject: `rates`, `optimizers`,
`losses`, `data`; `refusals` has what can't be trained. `codegen/training` writes it down.
"""

from netspec.lower.training.files import ENGINES as ENGINES
from netspec.lower.training.files import as_text as as_text
from netspec.lower.training.files import script_files as script_files
from netspec.lower.training.files import write_all as write_all
from netspec.lower.training.files import write_script as write_script
from netspec.lower.training.lightning import to_lightning as to_lightning
from netspec.lower.training.script import NETWORK as NETWORK
from netspec.lower.training.script import START as START
from netspec.lower.training.script import to_script as to_script
