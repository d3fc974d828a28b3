"""What a network can be compiled to, by the name of the target and the suffix of the file."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeAlias

from netspec.diagnostics import Diagnostic, SpecError
from netspec.diagnostics.suggest import did_you_mean
from netspec.graph import Graph


@dataclass(frozen=True, slots=True)
class Request:
    """A network and what is asked for beside it; each target takes what concerns it.

    `weights` is a file of weights, None for fresh ones by `seed`; `opset` is ONNX's operator set,
    None for the default.
    """

    graph: Graph
    weights: Path | None = None
    seed: int = 0
    opset: int | None = None


Target: TypeAlias = Callable[[Request, BinaryIO], None]


def _torch(request: Request, file: BinaryIO) -> None:
    from netspec.lower.torch import to_source

    file.write(to_source(request.graph).encode())


def _onnx(request: Request, file: BinaryIO) -> None:
    from netspec.lower.onnx import write

    write(
        request.graph,
        file,
        weights=request.weights,
        seed=request.seed,
        opset=request.opset,
    )


def _safetensors(request: Request, file: BinaryIO) -> None:
    from netspec.lower.weight_files import write_safetensors
    from netspec.lower.weights import weights_for

    weights = weights_for(request.graph, request.weights, request.seed)
    write_safetensors(request.graph, weights, file)


def _flat(request: Request, file: BinaryIO) -> None:
    from netspec.lower.flat import to_flat

    file.write(to_flat(request.graph).encode())


TARGETS: dict[str, Target] = {
    "torch": _torch,
    "onnx": _onnx,
    "yaml": _flat,
    "safetensors": _safetensors,
}
SUFFIXES = {
    ".py": "torch",
    ".onnx": "onnx",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".safetensors": "safetensors",
}


def target_for(path: str, name: str | None) -> Target:
    """The target that a name means, or a file's suffix where none is given; else SpecError."""
    if name is not None:
        if name not in TARGETS:
            help = did_you_mean(name, TARGETS) or f"the targets are {', '.join(TARGETS)}"
            raise _unknown(f"there is no target `{name}`", help)
        return TARGETS[name]
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        known = ", ".join(SUFFIXES)
        raise _unknown(
            f"can't tell from `{path}` what to compile to",
            f"end the name in one of {known}, or say it with `--to`",
        )
    return TARGETS[SUFFIXES[suffix]]


def _unknown(message: str, help: str) -> SpecError:
    return SpecError([Diagnostic("unknown-target", message, help=help)])
