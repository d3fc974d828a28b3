"""`netspec verify`."""

import json
import os
from typing import Annotated, Any

import typer

from netspec.cli.options import (
    InputOption,
    OutputOption,
    PlainFormat,
    SetOption,
    SpecArgument,
    load_spec,
)
from netspec.cli.target_options import read_options, refuse_idle, taking
from netspec.lower.onnx.options import Options
from netspec.targets import TARGETS

RUN = [target for target in TARGETS.values() if target.run is not None]
"""What is held against PyTorch."""
NOT_RUN = ("no_weights", "no_value_info")
"""Options of a target with which there is nothing to run, or nothing else than without."""


LayersOption = Annotated[
    bool, typer.Option("--layers", help="Compare every layer; name the first that differs.")
]
NonFiniteOption = Annotated[
    bool,
    typer.Option(
        "--nonfinite",
        help="Put NaN and infinities into the input; name the layers that the two treat them "
        "differently at.",
    ),
]
ToleranceOption = Annotated[
    float | None,
    typer.Option(
        min=0,
        help="Relative to an output's largest magnitude. Unless said: 1e-5, 1e-2 for float16, "
        "5e-2 for bfloat16, and where PyTorch's own float64 shows that rounding makes more of it, "
        "a few times that.",
    ),
]
AbsoluteOption = Annotated[
    float, typer.Option(min=0, help="A difference that is accepted however small the output.")
]
InputSeedOption = Annotated[int, typer.Option(min=0, help="Chooses fresh weights and the input.")]


@taking(RUN, without=NOT_RUN)
def verify(
    context: typer.Context,
    spec: SpecArgument,
    layers: LayersOption = False,
    nonfinite: NonFiniteOption = False,
    tolerance: ToleranceOption = None,
    absolute_tolerance: AbsoluteOption = 0.0,
    seed: InputSeedOption = 0,
    results: OutputOption = None,
    format: Annotated[PlainFormat, typer.Option(help="How to print it.")] = PlainFormat.text,
    settings: SetOption = None,
    inputs: InputOption = None,
    **values: Any,
) -> None:
    """Run a network in PyTorch and in ONNX Runtime and compare the two with its prediction.

    Exit status 1 if anything differs, or if a fault might not have shown (inconclusive). Fresh
    weights are moved a little where fillers make them constant, and statistics are the input's.
    ONNX Runtime's CPU doesn't compute with bfloat16: such a file is run by onnx's reference
    evaluator.
    """
    from netspec.cli.verification import render
    from netspec.verify import verify as run

    _require_current_folder()
    refuse_idle(context, RUN, own=["seed"])
    asked = {each.options: read_options(each, values | {"seed": seed}) for each in RUN}
    result = run(
        load_spec(spec, settings, inputs, results),
        asked.pop(Options),
        *asked.values(),
        tolerance=tolerance,
        absolute_tolerance=absolute_tolerance,
        layers=layers,
        nonfinite=nonfinite,
    )
    as_json = format is PlainFormat.json
    typer.echo(json.dumps(result.to_json(), indent=2) if as_json else render(result))
    if not result.ok:
        raise typer.Exit(1)


def _require_current_folder() -> None:
    """SpecError where the current folder is gone: a library of PyTorch's would end the process."""
    try:
        os.getcwd()
    except OSError:
        from netspec.diagnostics import Diagnostic, SpecError

        message = "the current folder is gone, and PyTorch can't compute without one"
        raise SpecError([Diagnostic("cannot-read", message, help="go to another folder")]) from None
