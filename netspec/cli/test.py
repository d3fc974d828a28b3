"""`netspec test`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from netspec.cli.completion import complete_recipe
from netspec.cli.options import InputOption, PlainFormat, SetOption
from netspec.cli.run_folders import DataOption, Trained, TrainedArgument, WeightsOption


def test(
    trained: TrainedArgument,
    recipe: Annotated[
        str | None,
        typer.Option(
            "--recipe",
            metavar="RECIPE",
            autocompletion=complete_recipe,
            help="What to test with; the run's own unless said.",
        ),
    ] = None,
    weights: WeightsOption = None,
    data: DataOption = None,
    format: Annotated[PlainFormat, typer.Option(help="How to print it.")] = PlainFormat.text,
    settings: SetOption = None,
    inputs: InputOption = None,
) -> None:
    """Test the weights of a run, or of a spec, on the recipe's data for tests.

    It prints what training tells of a test: the loss and the share of right answers.
    """
    from netspec.recipes.files import read_recipe_file, read_used_recipe
    from netspec.training.needs import require_packages

    asked = Trained(trained, weights, settings, inputs)
    if recipe is None and asked.folder is None:
        raise typer.BadParameter("what to test a spec with is a recipe's to say: `--recipe RECIPE`")
    network = asked.network()
    how = read_used_recipe(asked.recipe_file) if recipe is None else read_recipe_file(recipe)
    require_packages(how.recipe)
    from netspec.training.testing import testing

    with testing(network, how, data or Path()) as tester:
        figures = tester.figures(asked.weights)
        items = tester.count
    if format is PlainFormat.json:
        typer.echo(json.dumps({"items": items, **figures}, indent=2))
    else:
        shown = ", ".join(f"{name} {value:.6g}" for name, value in figures.items())
        typer.echo(f"{shown} ({items:,} items)")
