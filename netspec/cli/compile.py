"""`netspec compile`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from netspec.cli.options import InputOption, SetOption, SpecArgument, load_spec

STANDARD_OUTPUT = "-"


def compile_(
    spec: SpecArgument,
    output: Annotated[
        list[str],
        typer.Option(
            "-o",
            "--output-file",
            metavar="FILE",
            help="Where to write; the suffix says what: .py PyTorch source, .onnx ONNX, .yaml the flat spec, "
            ".safetensors fresh weights. May be repeated.",
        ),
    ],
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="TARGET", help="The target, whatever the suffix says."),
    ] = None,
    weights: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Weights: .safetensors, .npz, .pt or .pth; else fresh."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Chooses the fresh weights.")] = 0,
    opset: Annotated[int | None, typer.Option(help="ONNX's operator set; 20 unless said.")] = None,
    settings: SetOption = None,
    inputs: InputOption = None,
) -> None:
    """Compile a spec: to PyTorch source, to ONNX, or to fresh weights."""
    from netspec.targets import Request, target_for

    targets = [(path, target_for(path, to)) for path in output]
    network = load_spec(spec, settings, inputs)
    request = Request(network, weights, seed, opset)
    for path, target in targets:
        with _destination(path) as file:
            target(request, file)


@contextmanager
def _destination(path: str) -> Iterator[BinaryIO]:
    """The file to write to, which appears whole or not at all; `-` is standard output."""
    if path == STANDARD_OUTPUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    from netspec.output import replacing

    with replacing(path) as file:
        yield file
