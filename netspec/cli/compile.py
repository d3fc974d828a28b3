"""`netspec compile`."""

from typing import Annotated, Any

import typer

from netspec.cli.options import InputOption, OutputOption, SetOption, SpecArgument, load_spec
from netspec.cli.target_options import read_options, refuse_idle, taking
from netspec.targets import STANDARD_OUTPUT, TARGETS, compile_to, target_for

OutputFileOption = Annotated[
    list[str],
    typer.Option(
        "-o",
        "--output-file",
        metavar="FILE",
        help="Where to write; the suffix says what: .py PyTorch source, .onnx ONNX, .yaml the "
        "flat spec, .safetensors fresh weights, .prototxt Caffe's, .svg .png .dot .mmd drawings. "
        "May be repeated.",
    ),
]
TargetOption = Annotated[
    str | None,
    typer.Option("--to", metavar="TARGET", help="The target, whatever the suffix says."),
]


@taking([*TARGETS.values()])
def compile_(
    context: typer.Context,
    spec: SpecArgument,
    output: OutputFileOption,
    to: TargetOption = None,
    results: OutputOption = None,
    settings: SetOption = None,
    inputs: InputOption = None,
    **values: Any,
) -> None:
    """Compile a spec: to PyTorch source, to ONNX, to the flat spec, to weights, to a drawing."""
    targets = [target_for(path, to) for path in output]
    refuse_idle(context, targets)
    options = [read_options(target, values) for target in targets]
    if values["reference_weights"] and STANDARD_OUTPUT in output:
        raise typer.BadParameter("a model on standard output can't refer to weights")
    network = load_spec(spec, settings, inputs, results)
    compile_to(network, [*zip(output, targets, options, strict=True)])
