"""The Python interface to training: a network trained as a recipe says."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, SupportsIndex

from netspec import arguments
from netspec.api import load
from netspec.graph import Graph


def train(
    spec: "str | Path | Graph",
    recipe: "str | Path | Mapping[str, Any]",
    out: "str | Path" = "run",
    *,
    data: "str | Path | None" = None,
    resume: bool = False,
    processes: SupportsIndex = 1,
) -> Path:
    """Train the network `spec`, which may be named as for `load`, as a `recipe` says: a file, a
    stock recipe's name, or a recipe's keys and values. Gives the file of its weights, which
    `to_torch` takes.

    It runs the script that `netspec compile --recipe` writes, in `processes` of its own, in the
    folder `out`, as `netspec train` does; what the script tells goes to the program's own output.
    `data` is where the recipe's files of data are, here unless said. With `resume` it goes on with
    the folder's run, if it has one. A signal to the program stops it after a step, which is saved:
    Ctrl-C is KeyboardInterrupt then. SpecError where the recipe can't train the network,
    RuntimeError where the run ends early, ValueError where `out` has a run already and there is no
    `resume`, TypeError and ValueError for arguments that can't be.
    """
    from netspec.training import Folder, train_in

    more = arguments.flag(resume, "resume")
    many = arguments.integer(processes, "processes", 1)
    graph = spec if isinstance(spec, Graph) else load(arguments.path(spec, "spec"))
    asked = arguments.recipe(recipe)
    folder = Folder(Path(arguments.path(out, "out")))
    where = None if data is None else Path(arguments.path(data, "data"))
    if folder.is_begun and not more:
        raise ValueError(f"`out` is {str(out)!r}, which has a run: give `resume=True` to go on")
    status = train_in(folder, graph, asked, where, many)
    if status == 130:
        raise KeyboardInterrupt
    if status:
        raise RuntimeError(f"the run in {str(out)!r} ended with status {status}, and has said why")
    return folder.weights_file
