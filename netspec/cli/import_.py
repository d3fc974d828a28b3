"""`netspec import`."""

import sys
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Annotated

import typer

from netspec.cli.options import STANDARD_INPUT, read_shapes
from netspec.cli.streams import read_input

if TYPE_CHECKING:
    from netspec.diagnostics import Diagnostics, SourceText
    from netspec.importers.caffe.network import Asked
    from netspec.importers.caffe.text import Message

STANDARD_OUTPUT = "-"
PHASES = ("TRAIN", "TEST")
WEIGHTS, MEAN = ".safetensors", ".npz"
BINARY = (".caffemodel", ".h5")
TEXTS = (".yaml", ".yml")


def import_(
    context: typer.Context,
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="Caffe's: a network or a solver, .prototxt, or a mean, .binaryproto; - for "
            "standard input.",
        ),
    ],
    output: Annotated[
        list[str],
        typer.Option(
            "-o",
            "--output-file",
            metavar="FILE",
            help="Where to write: the new spec or recipe, .yaml or -; the weights, .safetensors; "
            "a mean, .npz. May be repeated.",
        ),
    ],
    weights: Annotated[
        str | None,
        typer.Option("--weights", metavar="FILE", help="The network's weights, a .caffemodel."),
    ] = None,
    phase: Annotated[
        str | None,
        typer.Option("--phase", metavar="PHASE", help="TRAIN or TEST alone; both unless given."),
    ] = None,
    stages: Annotated[
        list[str] | None,
        typer.Option(
            "--stage", metavar="NAME", help="A stage of Caffe's `include` rules. Repeatable."
        ),
    ] = None,
    level: Annotated[
        int, typer.Option("--level", metavar="N", help="The level that `include` rules ask for.")
    ] = 0,
    inputs: Annotated[
        list[str] | None,
        typer.Option(
            "--input", metavar="NAME=SHAPE", help="An input's shape: data=Nx3x224x224. Repeatable."
        ),
    ] = None,
    partial: Annotated[
        bool,
        typer.Option("--partial", help="Leave out what netspec doesn't understand, and say so."),
    ] = False,
    flat: Annotated[bool, typer.Option("--flat", help="Write no blocks and no repeats.")] = False,
) -> None:
    """Make a spec of a network of Caffe's, a recipe of a solver, files of its weights and means."""
    from netspec.importers.caffe.network import Asked

    asked = Asked(
        phases=_phases(phase),
        stages=frozenset(stages or ()),
        level=level,
        shapes=read_shapes(inputs),
        partial=partial,
    )
    model = Path(weights) if weights is not None else None
    _check_outputs(output, model)
    _spare(output, [file, weights])
    if PurePath(file).suffix in BINARY:
        raise typer.BadParameter(
            f"'{file}' holds weights; they go along with their network: `netspec import "
            f"net.prototxt --weights {file}`"
        )
    if PurePath(file).suffix == ".binaryproto":
        _refuse_options(context, "a mean", output, MEAN)
        _import_mean(Path(file), output)
        return
    _check_suffixes(output)
    from netspec.api import uncollected

    with uncollected():
        _import_text(context, _text(file), asked, output, model, flat)


def _import_text(
    context: typer.Context,
    text: "SourceText",
    asked: "Asked",
    output: list[str],
    model: Path | None,
    flat: bool,
) -> None:
    from netspec.caffe_files import tree_of
    from netspec.diagnostics import Diagnostics
    from netspec.importers.caffe.reading import is_solver

    diagnostics = Diagnostics()
    tree = tree_of(text, diagnostics)
    if is_solver(tree):
        _refuse_options(context, "a solver", output)
        _import_solver(tree, output, diagnostics)
    else:
        _import_network(tree, asked, output, model, flat, diagnostics)


def _import_network(
    tree: "Message",
    asked: "Asked",
    output: list[str],
    model: Path | None,
    flat: bool,
    diagnostics: "Diagnostics",
) -> None:
    from netspec.caffe_files import spec_with_weights, write_all
    from netspec.cli.report import report

    name = PurePath(tree.place.source.name).stem
    spec, weights = spec_with_weights(tree, asked, name, diagnostics, flat=flat, model=model)
    report(diagnostics.sorted(), sys.stderr)
    _print(spec, output)
    write_all(spec, _files(output), weights)


def _import_solver(tree: "Message", output: list[str], diagnostics: "Diagnostics") -> None:
    from netspec.caffe_files import recipe_of, write_all
    from netspec.cli.report import report

    recipe = recipe_of(tree, diagnostics)
    report(diagnostics.sorted(), sys.stderr)
    _print(recipe, output)
    write_all(recipe, _files(output))


def _import_mean(path: Path, output: list[str]) -> None:
    from netspec.caffe_files import write_mean
    from netspec.output import replacing

    for each in output:
        with replacing(each) as file:
            write_mean(path, file)


def _text(file: str) -> "SourceText":
    from netspec.language.library import read_file
    from netspec.source import decode

    if file == STANDARD_INPUT:
        return decode(read_input(), "<stdin>")
    return read_file(Path(file))


def _phases(phase: str | None) -> tuple[str, ...]:
    if phase is None:
        return PHASES
    if phase.upper() not in PHASES:
        raise typer.BadParameter(f"'{phase}' is no phase; it is TRAIN or TEST")
    return (phase.upper(),)


def _check_outputs(output: list[str], model: Path | None) -> None:
    """Wrong usage: weights that nobody asked for, or that nobody gave."""
    wanted = [each for each in output if PurePath(each).suffix == WEIGHTS]
    if wanted and model is None:
        raise typer.BadParameter(f"'{wanted[0]}' needs weights: `--weights net.caffemodel`")
    if model is not None and not wanted:
        raise typer.BadParameter("`--weights` needs a file for them: `-o net.safetensors`")


def _check_suffixes(output: list[str]) -> None:
    """Wrong usage: a name by which nobody finds a spec or a recipe again."""
    for each in output:
        suffix = PurePath(each).suffix.lower()
        if each != STANDARD_OUTPUT and suffix not in (*TEXTS, WEIGHTS):
            raise typer.BadParameter(
                f"'{each}' should end in .yaml, as a spec and a recipe do, or in {WEIGHTS}",
                param_hint="-o",
            )


def _refuse_options(
    context: typer.Context, what: str, output: list[str], suffix: str | None = None
) -> None:
    """Wrong usage: what has no meaning for a file that is no network."""
    for name in ("weights", "phase", "stages", "level", "inputs", "partial", "flat"):
        if context.params[name]:
            option = {"stages": "stage", "inputs": "input"}.get(name, name)
            raise typer.BadParameter(f"`--{option}` is for networks, and this is {what}")
    for each in output:
        if suffix is not None and PurePath(each).suffix != suffix:
            raise typer.BadParameter(f"{what} becomes a file `{suffix}`, not '{each}'")


def _spare(output: list[str], read: list[str | None]) -> None:
    from netspec.output import spare

    for path in output:
        for file in read:
            if file is not None and STANDARD_INPUT not in (path, file):
                spare(path, file, "this is")


def _files(output: list[str]) -> list[str]:
    return [each for each in output if each != STANDARD_OUTPUT]


def _print(text: str, output: list[str]) -> None:
    if STANDARD_OUTPUT in output:
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
