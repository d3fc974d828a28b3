"""A network trained as a recipe says: the script that `compile --recipe` writes, run in a folder
that keeps what came of it.
"""

from netspec.training.folder import Folder as Folder
from netspec.training.running import train_in as train_in
