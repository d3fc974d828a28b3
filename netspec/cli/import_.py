"""`netspec import`."""

import sys
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated

import typer

from netspec.cli.options import STANDARD_INPUT, read_shapes
from netspec.cli.streams import read_input

if TYPE_CHECKING:
    from netspec.diagnostics import SourceText

STANDARD_OUTPUT = "-"
PHASES = ("TRAIN", "TEST")


def import_(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A Caffe .prototxt, or - for standard input.")
    ],
    output: Annotated[
        str, typer.Option("-o", "--output-file", metavar="FILE", help="The new spec, or -.")
    ],
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
    """Make a spec from a network of Caffe's."""
    from netspec.cli.report import report
    from netspec.diagnostics import Diagnostics
    from netspec.importers.caffe.importing import import_caffe
    from netspec.importers.caffe.network import Asked
    from netspec.importers.caffe.tidy.spec import spec_of

    asked = Asked(
        phases=_phases(phase),
        stages=frozenset(stages or ()),
        shapes=read_shapes(inputs),
        partial=partial,
    )
    text = _text(file)
    diagnostics = Diagnostics()
    imported = import_caffe(text, asked, PurePath(text.name).stem, diagnostics)
    report(diagnostics.sorted(), sys.stderr)
    _write(spec_of(imported, flat=flat).text, output)


def _text(file: str) -> "SourceText":
    from netspec.language.library import read_file
    from netspec.source import decode

    if file == STANDARD_INPUT:
        return decode(read_input(), "<stdin>")
    from pathlib import Path

    return read_file(Path(file))


def _phases(phase: str | None) -> tuple[str, ...]:
    if phase is None:
        return PHASES
    if phase.upper() not in PHASES:
        raise typer.BadParameter(f"'{phase}' is no phase; it is TRAIN or TEST")
    return (phase.upper(),)


def _write(text: str, output: str) -> None:
    from netspec.output import replacing

    if output == STANDARD_OUTPUT:
        sys.stdout.buffer.write(text.encode())
        return
    with replacing(output) as file:
        file.write(text.encode())
