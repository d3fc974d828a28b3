"""`netspec verify`."""

import json
import os
from enum import StrEnum
from typing import Annotated

import typer

from netspec.cli.compile import (
    DtypeOption,
    ElementType,
    FoldOption,
    FreshOption,
    OpsetOption,
    PrefixOption,
    ReferenceOption,
    WeightsOption,
    given_weights,
    onnx_options,
)
from netspec.cli.options import InputOption, OutputOption, SetOption, SpecArgument, load_spec


class VerifyFormat(StrEnum):
    """How the result is printed."""

    text = "text"
    json = "json"


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


def verify(
    spec: SpecArgument,
    layers: LayersOption = False,
    nonfinite: NonFiniteOption = False,
    tolerance: ToleranceOption = None,
    absolute_tolerance: AbsoluteOption = 0.0,
    weights: WeightsOption = None,
    weights_prefix: PrefixOption = None,
    fresh: FreshOption = None,
    seed: InputSeedOption = 0,
    opset: OpsetOption = None,
    dtype: DtypeOption = ElementType.float32,
    fold_batchnorm: FoldOption = False,
    reference_weights: ReferenceOption = False,
    results: OutputOption = None,
    format: Annotated[VerifyFormat, typer.Option(help="How to print it.")] = VerifyFormat.text,
    settings: SetOption = None,
    inputs: InputOption = None,
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
    options = onnx_options(
        given_weights(weights, weights_prefix, fresh),
        seed,
        opset,
        dtype,
        reference_weights=reference_weights,
        fold_batchnorm=fold_batchnorm,
    )
    result = run(
        load_spec(spec, settings, inputs, results),
        options,
        tolerance=tolerance,
        absolute_tolerance=absolute_tolerance,
        layers=layers,
        nonfinite=nonfinite,
    )
    as_json = format is VerifyFormat.json
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
