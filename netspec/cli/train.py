"""`netspec train`."""

from pathlib import Path
from typing import Annotated

import typer

from netspec.cli.completion import complete_recipe
from netspec.cli.options import InputOption, SetOption, SpecArgument, load_spec


def train(
    spec: SpecArgument,
    recipe: Annotated[
        str,
        typer.Option(
            "--recipe",
            metavar="RECIPE",
            autocompletion=complete_recipe,
            help="How it is trained: a file (docs/recipes.md), or a stock recipe (`netspec list "
            "--recipes`).",
        ),
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output-folder", metavar="DIR", help="The folder of the run.")
    ] = Path("run"),
    data: Annotated[
        Path | None,
        typer.Option(
            "--data", metavar="DIR", help="Where the recipe's files of data are; here unless said."
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the folder's run, if it has one.")
    ] = False,
    processes: Annotated[
        int,
        typer.Option(
            "--processes", metavar="N", min=1, help="Processes that share each batch, by torchrun."
        ),
    ] = 1,
    settings: SetOption = None,
    inputs: InputOption = None,
) -> None:
    """Train a network as a recipe says.

    The folder gets the script that is run, its last checkpoint, tables of figures, and in the end
    the weights. Ctrl-C stops after a step, which is kept.
    """
    from netspec.recipes.files import read_recipe_file
    from netspec.training import Folder, train_in

    network = load_spec(spec, settings, inputs)
    asked = read_recipe_file(recipe)
    folder = Folder(output)
    if folder.is_begun and not resume:
        raise typer.BadParameter(
            f"'{output}' has a run: go on with it by --resume, or name another folder",
            param_hint="-o",
        )
    if data is not None and not _reads_files(asked.recipe.data):
        raise typer.BadParameter("the recipe's data are no files", param_hint="--data")
    raise typer.Exit(train_in(folder, network, asked, data, processes))


def _reads_files(data: object) -> bool:
    return getattr(data, "format", "digits") != "digits"
