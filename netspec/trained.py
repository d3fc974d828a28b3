"""The Python interface to training: a network trained as a recipe says."""

from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, SupportsIndex

from netspec import arguments
from netspec.api import load
from netspec.graph import Graph

if TYPE_CHECKING:
    from netspec.training.arrays import Arrays


def train(
    spec: "str | Path | Graph",
    recipe: "str | Path | Mapping[str, Any]",
    out: "str | Path" = "run",
    *,
    data: "str | Path | Mapping[str, Any] | Iterable[Mapping[str, Any]] | None" = None,
    test_data: "Mapping[str, Any] | Iterable[Mapping[str, Any]] | None" = None,
    resume: bool = False,
    processes: SupportsIndex = 1,
) -> Path:
    """Train the network `spec`, which may be named as for `load`, as a `recipe` says: a file, a
    stock recipe's name, or a recipe's keys and values. Gives the file of its weights, which
    `to_torch` takes.

    It runs the script that `netspec compile --recipe` writes, in `processes` of its own, in the
    folder `out`, as `netspec train` does; what the script tells goes to the program's own output.
    `data` is where the recipe's files of data are, here unless said; or it is the data themselves,
    and `test_data` what to test with: arrays by the names of the network's inputs and of the
    labels, an item in each row, or an iterable of items, each a mapping from those names. They
    take the place of the recipe's `data`, and the folder keeps them, as `train.npz` and `test.npz`.
    With `resume` it goes on with the folder's run, if it has one. A signal to the program stops it
    after a step, which is saved: Ctrl-C is KeyboardInterrupt then. SpecError where the recipe can't
    train the network, RuntimeError where the run ends early, ValueError where `out` has a run
    already and there is no `resume`, TypeError and ValueError for arguments that can't be.
    """
    from netspec.recipes.files import recipe_in
    from netspec.training import Folder, train_in
    from netspec.training.arrays import TEST, reading_arrays

    more = arguments.flag(resume, "resume")
    many = arguments.integer(processes, "processes", 1)
    graph = spec if isinstance(spec, Graph) else load(arguments.path(spec, "spec"))
    folder = Folder(Path(arguments.path(out, "out")))
    is_path = data is None or isinstance(data, str | PathLike)
    if is_path and test_data is not None:
        raise ValueError("`test_data` goes with `data` that are arrays or items")
    kept = {} if is_path else _arrays(data, test_data)
    where = Path(arguments.path(data, "data")) if is_path and data is not None else None
    text = arguments.recipe_source(recipe)
    if kept:
        asked, where = reading_arrays(text, tests=TEST in kept), folder.path
    else:
        asked = recipe_in(text)
    if folder.is_begun and not more:
        raise ValueError(f"`out` is {str(out)!r}, which has a run: give `resume=True` to go on")
    status = train_in(folder, graph, asked, where, many, kept)
    if status == 130:
        raise KeyboardInterrupt
    if status:
        raise RuntimeError(f"the run in {str(out)!r} ended with status {status}, and has said why")
    return folder.weights_file


def _arrays(data: Any, test_data: Any) -> "dict[str, Arrays]":
    """The arrays that are given, by the files of the folder that keep them."""
    from netspec.training.arrays import TEST, TRAIN, as_arrays

    found = {}
    for name, file, value in (("data", TRAIN, data), ("test_data", TEST, test_data)):
        if value is not None:
            found[file] = as_arrays(arguments.items(value, name), name)
    return found
