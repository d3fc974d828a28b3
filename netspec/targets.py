"""What a network can be compiled to, by the name of the target and the suffix of the file."""

import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

from netspec.diagnostics import Diagnostic, SpecError
from netspec.diagnostics.suggest import did_you_mean
from netspec.graph import Graph

if TYPE_CHECKING:
    from netspec.lower.onnx.options import Options
    from netspec.lower.weights import UserWeights

STANDARD_OUTPUT = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A network and what is asked for beside it; each target takes what concerns it.

    `weights` are in a file, None for fresh ones; `seed` is that of what is fresh. `onnx` makes the
    options of an ONNX file, which only a target that wants them should import. `channels_last`,
    `inference`, `tuple_outputs` and `inplace` are PyTorch's.
    """

    graph: Graph
    weights: "UserWeights | None" = None
    seed: int = 0
    onnx: "Options | None" = field(default=None)
    channels_last: bool = False
    inference: bool = False
    tuple_outputs: bool = False
    inplace: bool = True


Write: TypeAlias = Callable[[Request, str], None]
"""Writes what was asked for to a path; `-` is standard output."""


@dataclass(frozen=True, slots=True)
class Target:
    """What can be compiled to: how it is written, what it is called, and the options that it has
    a use for, each with those beside which it has none, unless one in `revived` is there too.
    """

    write: Write
    called: str
    takes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    revived: Mapping[str, str] = field(default_factory=dict)

    def uses(self, option: str, given: Collection[str]) -> bool:
        """Whether an option makes a difference beside the others that are given."""
        if option not in self.takes:
            return False
        idle = any(each in given for each in self.takes[option])
        return not idle or self.revived.get(option) in given


def _torch(request: Request, path: str) -> None:
    from netspec.lower.torch import Options, to_source

    options = Options(
        request.channels_last, request.inference, request.tuple_outputs, request.inplace
    )
    with _destination(path) as file:
        file.write(to_source(request.graph, options).encode())


def _onnx(request: Request, path: str) -> None:
    from netspec.lower.onnx.model import save, write
    from netspec.lower.onnx.options import Options

    options = request.onnx or Options(request.weights, request.seed)
    if path != STANDARD_OUTPUT:
        save(request.graph, path, options)
        return
    with _destination(path) as file:
        write(request.graph, file, options)


def _safetensors(request: Request, path: str) -> None:
    from netspec.lower.weights import weights_for
    from netspec.lower.weights.safetensors_file import write_safetensors

    weights = weights_for(request.graph, request.weights, request.seed)
    with _destination(path) as file:
        write_safetensors(request.graph, weights, file)


def _flat(request: Request, path: str) -> None:
    from netspec.lower.flat import to_flat

    with _destination(path) as file:
        file.write(to_flat(request.graph).encode())


@contextmanager
def _destination(path: str) -> Iterator[BinaryIO]:
    """The file to write to, which appears whole or not at all."""
    if path == STANDARD_OUTPUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    from netspec.output import replacing

    with replacing(path) as file:
        yield file


TARGETS: dict[str, Target] = {
    "torch": Target(
        _torch,
        "PyTorch source",
        {"channels_last": (), "inference": (), "tuple_outputs": (), "no_inplace": ()},
    ),
    "onnx": Target(
        _onnx,
        "ONNX files",
        {
            "weights": (),
            "weights_prefix": (),
            "fresh": (),
            "seed": ("weights", "no_weights"),
            "no_weights": (),
            "reference_weights": (),
            "opset": (),
            "dtype": (),
            "fold_batchnorm": (),
            "no_value_info": (),
        },
        {"seed": "fresh"},
    ),
    "yaml": Target(_flat, "the flat spec"),
    "safetensors": Target(
        _safetensors,
        "files of weights",
        {"weights": (), "weights_prefix": (), "fresh": (), "seed": ("weights",)},
        {"seed": "fresh"},
    ),
}
SUFFIXES = {
    ".py": "torch",
    ".onnx": "onnx",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".safetensors": "safetensors",
}


def compile_to(request: Request, outputs: Sequence[tuple[str, Target]]) -> None:
    """Write what was asked for to each path, as its target does.

    SpecError (`cannot-write`), and nothing written, where a path is a file of the spec or of the
    weights.
    """
    from netspec.output import spare

    weights = request.weights.files if request.weights is not None else ()
    spec = request.graph.origin.files if request.graph.origin is not None else ()
    for path in (path for path, _ in outputs if path != STANDARD_OUTPUT):
        for file in weights:
            spare(path, file, "the weights are")
        for file in spec:
            spare(path, file, "the spec is")
    for path, target in outputs:
        target.write(request, path)


def idle_options(targets: Collection[Target], given: Collection[str]) -> Iterator[tuple[str, str]]:
    """The options among those given of which none of the targets makes use, and why."""
    for option in given:
        takers = [each.called for each in TARGETS.values() if option in each.takes]
        if not takers or any(each.uses(option, given) for each in targets):
            continue
        against = [other for each in targets for other in each.takes.get(option, ())]
        beside = [f"`--{each.replace('_', '-')}`" for each in given if each in against]
        if beside:
            yield option, f"it has no use beside {' and '.join(beside)}"
        else:
            yield option, f"it is for {' and '.join(takers)}, and none is asked for"


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
