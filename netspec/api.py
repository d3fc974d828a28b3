"""The public Python interface: load a spec, look at it, compile it.

Nothing here imports torch, onnx or numpy until a network is compiled.
"""

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from netspec.diagnostics import Diagnostic, Diagnostics, SourceText, SpecError
from netspec.elaborate import Overrides, Program
from netspec.elaborate.origin import SpecOrigin
from netspec.graph import Graph
from netspec.language.library import parse_document
from netspec.stock import Location, locate, read_location

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Network(Graph):
    """A graph with the verbs of netspec: what `load` gives."""

    def to_torch(
        self,
        *,
        init: bool = True,
        weights: Any = None,
        channels_last: bool = False,
        inference: bool = False,
        tuple_outputs: bool = False,
        inplace: bool = True,
    ) -> "nn.Module":
        """The network as a PyTorch module, which runs the source that `to_source` gives.

        With `init=False` the weights are left as they come, to be loaded over; `weights` are a
        module, a state dict, a mapping of arrays or a file. `channels_last` is the order of
        convolutions' weights and of what they give. `inference` is a form for use alone: in that
        order too, each BatchNorm folded into the convolution before it, without Dropout. With
        `tuple_outputs` several results come as a tuple in the order of the outputs, not as a dict
        by name, as `torch.jit.trace` wants them. With `inplace=False` no layer writes over what
        another gave, so that hooks see every value as it was.
        """
        from netspec.lower.torch import Options, to_torch

        options = Options(channels_last, inference, tuple_outputs, inplace)
        return to_torch(self, init=init, weights=weights, options=options)

    def to_source(
        self,
        target: Literal["torch"] = "torch",
        *,
        channels_last: bool = False,
        inference: bool = False,
        tuple_outputs: bool = False,
        inplace: bool = True,
    ) -> str:
        """The network as source text that imports its framework and nothing of netspec.

        The options are those of `to_torch`; with `inference` the source has a function
        `for_inference`, which takes a module with its weights.
        """
        from netspec.lower.torch import Options, to_source

        if target != "torch":
            raise ValueError(f"source can be written for 'torch', not {target!r}")
        return to_source(self, Options(channels_last, inference, tuple_outputs, inplace))

    def to_onnx(
        self,
        path: "str | Path",
        *,
        weights: Any = None,
        seed: int = 0,
        opset: int | None = None,
        dtype: Literal["float32", "float16", "bfloat16"] = "float32",
        no_weights: bool = False,
        reference_weights: bool = False,
        fold_batchnorm: bool = False,
    ) -> None:
        """Write the network in the TEST phase as an ONNX file, whole or not at all.

        `weights` are a module, a state dict, a mapping of arrays or a file; None: fresh ones from
        the fillers, which depend on the seed and each parameter's name alone. With `no_weights`
        the parameters are inputs of the model; with `reference_weights` it refers to the tensors
        of a `.safetensors` file in or below its own folder. `fold_batchnorm` lets layers take in
        the BatchNorm behind them and leaves out what does nothing. ValueError for an opset that
        isn't written and for options that exclude each other.
        """
        from netspec.lower.onnx import Options, save

        options = Options(
            weights, seed, opset, dtype, no_weights, reference_weights, fold_batchnorm
        )
        save(self, path, options)

    def summary(self, depth: int | None = None) -> str:
        """The table of layers as text; `depth` folds scopes below it into one line each."""
        from netspec.analysis.summary import summarize
        from netspec.analysis.table import render

        return render(summarize(self, depth))


def load(
    spec: "str | Path",
    *,
    inputs: Mapping[str, Sequence[int | str]] | None = None,
    outputs: Sequence[str] = (),
    **variables: Any,
) -> Network:
    """The network of a stock name, or of a file, with `:variant` behind it if wanted.

    `inputs` fix or change shapes; `outputs` are blobs to give instead of the network's own;
    other keywords override vars. SpecError carries every mistake.
    """
    location = locate(str(spec))
    text = read_location(location)
    overrides = Overrides(variables, inputs or {}, outputs)
    return compile_text(text, location, overrides)


def loads(
    text: str,
    *,
    variant: str | None = None,
    inputs: Mapping[str, Sequence[int | str]] | None = None,
    outputs: Sequence[str] = (),
    **variables: Any,
) -> Network:
    """The network of a spec given as a string; otherwise as `load`."""
    overrides = Overrides(variables, inputs or {}, outputs)
    source = SourceText("<string>", text)
    return compile_text(source, Location(None, "<string>", variant), overrides)


def compile_text(text: SourceText, location: Location, overrides: Overrides) -> Network:
    """The network that a text describes; SpecError with everything that is wrong with it."""
    diagnostics = Diagnostics()
    with _uncollected():
        program = open_program(text, location.folder, diagnostics)
        graph = program.graph(location.variant, overrides)
        program.check_usage([location.variant])
    diagnostics.raise_errors()
    if graph is None:
        raise SpecError([Diagnostic("bad-value", f"{text.name} describes no network")])
    origin = SpecOrigin(text, location.folder, location.variant, overrides)
    return as_network(replace(graph, origin=origin))


def open_program(text: SourceText, folder: Path | None, diagnostics: Diagnostics) -> Program:
    """A text taken apart and checked for form."""
    return Program(parse_document(text, diagnostics, folder), diagnostics)


def check_text(
    text: SourceText, location: Location, overrides: Overrides | None = None
) -> Diagnostics:
    """Everything to be said about a text: in its own vars and each variant, or in the one named."""
    diagnostics = Diagnostics()
    with _uncollected():
        try:
            program = open_program(text, location.folder, diagnostics)
            every: list[str | None] = [None, *program.document.variants]
            chosen = [location.variant] if location.variant is not None else every
            for variant in chosen:
                program.graph(variant, overrides or Overrides())
            program.check_usage(chosen)
            if len(chosen) == len(every):
                program.check_unused()
        except SpecError as error:
            diagnostics.extend(error.diagnostics)
    return diagnostics


def as_network(graph: Graph) -> Network:
    """A graph with the public verbs."""
    return Network(**{each.name: getattr(graph, each.name) for each in fields(graph)})


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without Python's cyclic garbage collector, which walks all of a large spec again and again.

    Composing 100,000 layers costs six times as much with it.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
