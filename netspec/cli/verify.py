"""`netspec verify`."""

import json
import os
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

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

if TYPE_CHECKING:
    from netspec.verify.result import Verification


class VerifyFormat(StrEnum):
    """How the result is printed."""

    text = "text"
    json = "json"


LayersOption = Annotated[
    bool, typer.Option("--layers", help="Compare every layer; name the first that differs.")
]
ToleranceOption = Annotated[
    float | None,
    typer.Option(
        min=0,
        help="Relative to an output's largest magnitude; 1e-5 unless said, 1e-2 for float16, "
        "5e-2 for bfloat16.",
    ),
]
AbsoluteOption = Annotated[
    float, typer.Option(min=0, help="A difference that is accepted however small the output.")
]
InputSeedOption = Annotated[int, typer.Option(min=0, help="Chooses fresh weights and the input.")]


def verify(
    spec: SpecArgument,
    layers: LayersOption = False,
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

    Exit status 1 if anything differs. ONNX Runtime's CPU doesn't compute with bfloat16: such a file
    is run by onnx's reference evaluator.
    """
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
    network = load_spec(spec, settings, inputs, results)
    result = run(
        network,
        options,
        tolerance=tolerance,
        absolute_tolerance=absolute_tolerance,
        layers=layers,
    )
    if format is VerifyFormat.json:
        typer.echo(json.dumps(result.to_json(), indent=2))
    else:
        typer.echo(_text(result))
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
        _line(result.invalid is None, "the ONNX file passes onnx's checker"),
        *(f"    {line}" for line in (result.invalid or "").splitlines()),
    ]
    lines += [_line(False, each) for each in result.refused]
    for each in result.outputs:
        shape = "×".join(map(str, each.shape))
        what = f"{each.name} {shape}: PyTorch and {result.runner} differ by {each.relative:.1e}"
        lines.append(_line(result.agrees(each), f"{what} (tolerance {result.tolerance:.0e})"))
    first, largest = result.first_difference, result.largest_layer
    if first is not None:
        lines.append(f"first layer that differs: {first.name}, by {first.relative:.1e}")
    elif largest is not None:
        many = f"{len(result.layers)} layers agree one by one"
        most = f"{largest.name} differs most, by {largest.relative:.1e}"
        lines.append(_line(True, f"{many}; {most}"))
    return "\n".join([f"{result.name}: {'verified' if result.ok else 'FAILED'}", *lines])


def _line(good: bool, text: str) -> str:
    return f"  {'ok' if good else 'no'}  {text}"
