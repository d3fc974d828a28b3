"""What a network can be compiled to, by the name of the target and the suffix of the file."""

import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

from netspec.listed import listed
from netspec.lower.onnx.options import Options as OnnxOptions
from netspec.lower.options import (
    FilledOptions,
    SafetensorsOptions,
    TorchOptions,
    TrainingOptions,
    flag_of,
    options_of,
)
from netspec.view.options import DrawOptions, PageOptions, PngOptions

if TYPE_CHECKING:
    from netspec.diagnostics import SpecError
    from netspec.graph import Graph
    from netspec.lower.running import Running

STANDARD_OUTPUT = "-"

Write: TypeAlias = "Callable[[Graph, str, Any], None]"
"""Writes a network to a path, with the target's options; `-` is standard output."""
Run: TypeAlias = "Callable[[Graph, Path, Any], Running]"
"""Makes ready to run a network, with the target's options; it may write into a folder."""


@dataclass(frozen=True, slots=True)
class Target:
    """What can be compiled to: how it is written, what it is called, the class of its options if
    it has any; and how it is run, if it can be held against PyTorch.
    """

    write: Write
    called: str
    options: type[Any] | None = None
    run: "Run | None" = None

    def idle(self, option: str, given: Collection[str]) -> str | None:
        """Why an option that it has makes no difference beside those given, if it makes none."""
        mine = options_of(self.options)
        about = mine[option].metadata
        if "needs" in about and about["needs"] not in given:
            return f"it has no use without {_flags([about['needs']])}"
        beside = [each for each in given if each in about.get("idle_beside", ()) and each in mine]
        if beside and about.get("revived_by") not in given:
            return f"it has no use beside {_flags(beside)}"
        return None


def _torch(graph: "Graph", path: str, options: TorchOptions) -> None:
    from netspec.lower.torch import to_source

    with _destination(path) as file:
        file.write(to_source(graph, options).encode())


def _training(graph: "Graph", path: str, options: TrainingOptions) -> None:
    from netspec.lower.training import ENGINES, write_script
    from netspec.recipes.files import read_recipe_file

    assert options.recipe is not None
    asked = read_recipe_file(options.recipe)
    if path == STANDARD_OUTPUT:
        with _destination(path) as file:
            file.write(ENGINES[options.engine](graph, asked).encode())
        return
    write_script(graph, asked, Path(path), options.engine)


def _onnx(graph: "Graph", path: str, options: OnnxOptions) -> None:
    from netspec.lower.onnx.model import save, write

    if path != STANDARD_OUTPUT:
        save(graph, path, options)
        return
    with _destination(path) as file:
        write(graph, file, options)


def _run_onnx(graph: "Graph", folder: Path, options: OnnxOptions) -> "Running":
    from netspec.lower.onnx.running import OnnxFile

    return OnnxFile(graph, folder, options)


def _safetensors(graph: "Graph", path: str, options: SafetensorsOptions) -> None:
    from netspec.lower.weights import weights_for
    from netspec.lower.weights.safetensors_file import write_safetensors

    weights = weights_for(graph, options.given, options.seed)
    with _destination(path) as file:
        write_safetensors(graph, weights, file)


def _flat(graph: "Graph", path: str, options: None) -> None:
    from netspec.lower.flat import to_flat

    with _destination(path) as file:
        file.write(to_flat(graph).encode())


def _prototxt(graph: "Graph", path: str, options: None) -> None:
    from netspec.lower.prototxt import to_prototxt

    with _destination(path) as file:
        file.write(to_prototxt(graph).encode())


def _drawn(suffix: str) -> "Write":
    """Writes a drawing, of the kind that a suffix says."""

    def write(graph: "Graph", path: str, options: DrawOptions) -> None:
        from netspec.view.picture import Picture

        scale = options.scale if isinstance(options, PngOptions) else 1
        content = Picture(graph, options).content(suffix, scale)
        with _destination(path) as file:
            file.write(content)

    return write


def _page(graph: "Graph", path: str, options: PageOptions) -> None:
    from netspec.spec_page import file_of

    content = file_of(graph, options.phase)
    with _destination(path) as file:
        file.write(content.encode())


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
    "torch": Target(_torch, "PyTorch source", TorchOptions),
    "onnx": Target(_onnx, "ONNX files", OnnxOptions, _run_onnx),
    "yaml": Target(_flat, "the flat spec"),
    "safetensors": Target(_safetensors, "files of weights", SafetensorsOptions),
    "prototxt": Target(_prototxt, "Caffe's prototxt"),
    "svg": Target(_drawn(".svg"), "SVG", DrawOptions),
    "png": Target(_drawn(".png"), "PNG", PngOptions),
    "dot": Target(_drawn(".dot"), "Graphviz's dot", DrawOptions),
    "mermaid": Target(_drawn(".mmd"), "Mermaid's flowcharts", DrawOptions),
    "html": Target(_page, "pages", PageOptions),
    "training": Target(_training, "training scripts", TrainingOptions),
}
SUFFIXES = {
    ".py": "torch",
    ".onnx": "onnx",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".safetensors": "safetensors",
    ".prototxt": "prototxt",
    ".svg": "svg",
    ".png": "png",
    ".dot": "dot",
    ".mmd": "mermaid",
    ".html": "html",
}


def compile_to(graph: "Graph", outputs: Sequence[tuple[str, Target, Any]]) -> None:
    """Write a network to each path, as its target does with these options of it.

    SpecError (`cannot-write`), and nothing written, where a path is a file of the spec or of the
    weights.
    """
    from netspec.output import spare

    spec = graph.files
    filled = [options for *_, options in outputs if isinstance(options, FilledOptions)]
    users = [each.user_weights for each in filled]
    weights = dict.fromkeys(file for each in users if each is not None for file in each.files)
    for path in (path for path, *_ in outputs if path != STANDARD_OUTPUT):
        for file in weights:
            spare(path, file, "the weights are")
        for file in spec:
            spare(path, file, "the spec is")
    for path, target, options in outputs:
        target.write(graph, path, options)


def idle_options(targets: Collection[Target], given: Collection[str]) -> Iterator[tuple[str, str]]:
    """The options among those given of which none of the targets makes use, as they stand on the
    command line, and why.
    """
    for option in given:
        takers = [each for each in TARGETS.values() if option in options_of(each.options)]
        asked = [each for each in takers if each in targets]
        reasons = [why for each in asked if (why := each.idle(option, given)) is not None]
        if takers and not asked:
            called = listed([each.called for each in takers])
            field = options_of(takers[0].options)[option]
            yield flag_of(option, field), f"it is for {called}, and none is asked for"
        elif reasons and len(reasons) == len(asked):
            yield flag_of(option, options_of(takers[0].options)[option]), reasons[0]


def target_for(path: str, name: str | None, *, trained: bool = False) -> Target:
    """The target that a name means, or a file's suffix where none is given; else SpecError.

    Where a recipe says how the network is `trained`, Python source trains it.
    """
    if name is not None:
        if name not in TARGETS:
            from netspec.diagnostics.suggest import did_you_mean

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
    found = SUFFIXES[suffix]
    return TARGETS["training" if trained and found == "torch" else found]


def _flags(options: Sequence[str]) -> str:
    return " and ".join(f"`--{each.replace('_', '-')}`" for each in options)


def _unknown(message: str, help: str) -> "SpecError":
    from netspec.diagnostics import Diagnostic, SpecError

    return SpecError([Diagnostic("unknown-target", message, help=help)])
