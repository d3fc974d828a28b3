"""`netspec predict`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netspec.cli.options import InputOption, PlainFormat, SetOption
from netspec.cli.run_folders import DataOption, Trained, TrainedArgument, WeightsOption

if TYPE_CHECKING:
    import numpy as np

    from netspec.network import Network
    from netspec.training.predicting import Arrays


def predict(
    trained: TrainedArgument,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="INPUT",
            help="A .npz file with an array for each input, or a .npy file of the only one; "
            "without it what the run's recipe tests with.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output-file", metavar="FILE", help="Keep all outputs, as .npz."),
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="How many classes to show of each item.")] = 1,
    weights: WeightsOption = None,
    data: DataOption = None,
    format: Annotated[PlainFormat, typer.Option(help="How to print it.")] = PlainFormat.text,
    settings: SetOption = None,
    inputs: InputOption = None,
) -> None:
    """Show what a trained network makes of data.

    Of outputs with a number for each class it shows the largest, with its share: of shares
    themselves, else what a softmax gives it.
    """
    from netspec.extras import require

    if output is not None and output.suffix != ".npz":
        raise typer.BadParameter(f"'{output}' should end in .npz", param_hint="-o")
    asked = Trained(trained, weights, settings, inputs)
    if file is None and asked.folder is None:
        raise typer.BadParameter("there is no run whose data could be taken: name an INPUT")
    from netspec.training.predicting import predict, predicted_names, read_arrays

    whole = asked.network()
    network = asked.network(predicted_names(whole))
    require("torch", "train")
    arrays = read_arrays(file, network) if file is not None else _tested(asked, whole, data)
    found = predict(network, asked.weights, arrays)
    if output is not None:
        _keep(found, output)
    shown = {name: _classes(values, top) for name, values in found.items()}
    if format is PlainFormat.json:
        typer.echo(json.dumps(shown, indent=2))
    else:
        for name, rows in shown.items():
            for line in _lines(rows, f"{name}: " if len(shown) > 1 else ""):
                typer.echo(line)


def _tested(asked: Trained, network: "Network", data: Path | None) -> "Arrays":
    from netspec.recipes.files import read_used_recipe
    from netspec.training.testing import testing

    with testing(network, read_used_recipe(asked.recipe_file), data or Path()) as tester:
        return tester.arrays()


def _keep(found: "Arrays", path: Path) -> None:
    from zipfile import ZipFile

    from numpy.lib.format import write_array

    from netspec.output import replacing

    # `numpy.savez` takes names as keywords, of which it has some for itself.
    with replacing(path) as file, ZipFile(file, "w") as archive:
        for name, array in found.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                write_array(entry, array)


def _classes(values: "np.ndarray[Any, Any]", top: int) -> Any:
    """The largest classes of each item with their shares, or the shape of what has no classes."""
    import numpy as np

    from netspec.training.predicting import shares_of

    if values.ndim != 2 or values.shape[1] < 2:
        return {"shape": [*values.shape]}
    shares = shares_of(values)
    order = np.argsort(-values, 1, kind="stable")[:, :top]
    return [
        [{"class": int(each), "share": float(row[each])} for each in chosen]
        for row, chosen in zip(shares, order, strict=True)
    ]


def _lines(rows: Any, prefix: str) -> list[str]:
    if isinstance(rows, dict):
        shape = "×".join(map(str, rows["shape"]))
        return [f"{prefix}{shape}, which -o keeps"]
    return [
        f"{prefix}{number}: " + ", ".join(f"{each['class']} ({each['share']:.3f})" for each in row)
        for number, row in enumerate(rows)
    ]
