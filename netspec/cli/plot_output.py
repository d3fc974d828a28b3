"""The files of plots: what can be told of them before any work."""

from collections.abc import Iterable
from pathlib import Path

import typer


def check_file(file: str, option: str, read: Iterable[Path] = ()) -> None:
    """Wrong usage where a plot's file is called otherwise; SpecError where it is one that a spec is
    read from, and where matplotlib is missing.
    """
    from netspec.extras import require
    from netspec.output import require_folder, spare
    from netspec.plots.plot import suffix_of

    try:
        suffix_of(file)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=f"'{option}'") from None
    require("matplotlib", "plot")
    require_folder(file)
    for each in read:
        spare(file, each, "the spec is")
