"""`netspec compile`."""

from pathlib import PurePath
from typing import Annotated, Any

import typer

from netspec.cli.completion import complete_target
from netspec.cli.options import InputOption, OutputOption, SetOption, SpecArgument, load_spec
from netspec.cli.target_options import read_options, refuse_idle, taking
from netspec.targets import STANDARD_OUTPUT, TARGETS, compile_to, target_for

OutputFileOption = Annotated[
    list[str],
    typer.Option(
        "-o",
        "--output-file",
        metavar="FILE",
        help="Where to write; the suffix says what: .py PyTorch source (with --recipe the "
        "script that trains it), .onnx ONNX, .yaml the flat spec, .safetensors fresh weights, "
        ".prototxt Caffe's, .svg .png .dot .mmd drawings, .html a page. May be repeated.",
    ),
]
TargetOption = Annotated[
    str | None,
    typer.Option(
        "--to",
        metavar="TARGET",
        autocompletion=complete_target,
        help="The target, whatever the suffix says.",
    ),
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
    """Compile a spec: to PyTorch source, to a script that trains it, to ONNX, to the flat spec, to
    fresh weights, or to a drawing."""
    trained = values["recipe"] is not None
    targets = [target_for(path, to, trained=trained) for path in output]
    refuse_idle(context, targets)
    if TARGETS["training"] in targets:
        _check_scripts(output, trained)
    options = [read_options(target, values) for target in targets]
    if values["reference_weights"] and STANDARD_OUTPUT in output:
        raise typer.BadParameter("a model on standard output can't refer to weights")
    network = load_spec(spec, settings, inputs, results)
    compile_to(network, [*zip(output, targets, options, strict=True)])


def _check_scripts(output: list[str], trained: bool) -> None:
    """Wrong usage: a script that nothing says how to write, or that the network would overwrite."""
    from netspec.lower.training.script import NETWORK

    if not trained:
        raise typer.BadParameter("a training script is made of a recipe: `--recipe FILE`")
    for each in output:
        if PurePath(each).name == NETWORK:
            raise typer.BadParameter(
                f"'{each}' is where the network's source goes, beside the script; call the script "
                "something else, train.py for one",
                param_hint="-o",
            )
