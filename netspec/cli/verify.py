"""`netspec verify`."""

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from netspec.cli.options import InputOption, SetOption, SpecArgument, load_spec

if TYPE_CHECKING:
    from netspec.verify import Verification


class VerifyFormat(StrEnum):
    """How the result is printed."""

    text = "text"
    json = "json"


def verify(
    spec: SpecArgument,
    layers: Annotated[
        bool, typer.Option("--layers", help="Compare every layer; name the first that differs.")
    ] = False,
    tolerance: Annotated[
        float, typer.Option(min=0, help="Relative to an output's largest magnitude.")
    ] = 1e-5,
    seed: Annotated[int, typer.Option(min=0, help="Chooses weights and input.")] = 0,
    format: Annotated[VerifyFormat, typer.Option(help="How to print it.")] = VerifyFormat.text,
    settings: SetOption = None,
    inputs: InputOption = None,
) -> None:
    """Run a network in PyTorch and in ONNX Runtime and compare the two with its prediction."""
    from netspec.verify import verify as run

    network = load_spec(spec, settings, inputs)
    result = run(network, seed=seed, tolerance=tolerance, layers=layers)
    if format is VerifyFormat.json:
        typer.echo(json.dumps(result.to_json(), indent=2))
    else:
        typer.echo(_text(result))
    if not result.ok:
        raise typer.Exit(1)


def _text(result: "Verification") -> str:
    lines = [
        _line(
            not result.wrong_shapes,
            f"{result.shapes_checked} predicted shapes equal what PyTorch made",
        ),
        *(f"    {wrong}" for wrong in result.wrong_shapes),
        _line(
            not result.wrong_parameters,
            f"{result.parameters_checked} parameters and buffers equal PyTorch's state_dict",
        ),
        *(f"    {wrong}" for wrong in result.wrong_parameters),
    ]
    for each in result.outputs:
        shape = "×".join(map(str, each.shape))
        what = f"{each.name} {shape}: PyTorch and ONNX Runtime differ by {each.relative:.1e}"
        lines.append(_line(result.agrees(each), f"{what} (tolerance {result.tolerance:.0e})"))
    first = result.first_difference
    if first is not None:
        lines.append(f"first layer that differs: {first.name}, by {first.relative:.1e}")
    elif result.layers:
        lines.append(_line(True, f"{len(result.layers)} layers agree one by one"))
    return "\n".join([f"{result.name}: {'verified' if result.ok else 'FAILED'}", *lines])


def _line(good: bool, text: str) -> str:
    return f"  {'ok' if good else 'no'}  {text}"
