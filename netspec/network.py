"""A network with the verbs of the Python interface: what it's compiled to, and what it costs.

Nothing here imports torch, onnx or numpy before a network is compiled, nor an analysis before it's
asked for.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Self, SupportsIndex

from netspec import arguments
from netspec.graph import Graph, Phase, Size

if TYPE_CHECKING:
    from pathlib import Path

    from torch import nn

    from netspec.analysis.columns.figures import Asked
    from netspec.analysis.memory.report import Memory
    from netspec.analysis.receptive import ReceptiveField
    from netspec.analysis.roofline import Device
    from netspec.analysis.summary import Summary
    from netspec.lower.weights import UserWeights
    from netspec.plots.plot import Plot
    from netspec.view.picture import Picture


class Network(Graph):
    """A network: what `load` gives. `for layer in net` goes through its layers, `len(net)` counts
    them.

    It holds both phases, unless `view` names the one that `phase` chose. Its layers, `nodes`, are
    in the order of the spec, which is an order of execution; a loop, and whatever counts, goes
    through those of one phase: `view`, or TEST. `inputs` and `results` are the blobs that it reads
    and gives; `outputs` has the shapes of these by the names in `result_names`, their own unless
    the user calls them otherwise. `losses` are the weights of those results that are losses. `name`
    is its name, `class_name` that of its class in PyTorch source. `doc`, `source`, `task` and
    `year` are what the spec says of it, `variables` the values of its vars. `spec` and `digest`
    name the `text` that it came from, the file's name and the SHA-256 of its content; `files` are
    all that were read, `overrides` is what was asked for beside.

    Counts are for one item of the batch: elements, multiply-accumulates, operations. They are
    integers, or formulas where a height, width or length is open.
    """

    def phase(self, phase: Phase | str) -> Self:
        """The network of one `phase`, "TRAIN" or "TEST": its layers, inputs and outputs alone.

        ValueError for another word, TypeError for what is none.
        """
        word = arguments.text(phase, "phase").upper()
        return super().phase(arguments.choice(word, "phase", map(str, Phase)))

    def to_torch(
        self,
        *,
        init: bool = True,
        weights: Any = None,
        weights_prefix: str | None = None,
        fresh: str | Sequence[str] = (),
        seed: SupportsIndex | None = None,
        channels_last: bool = False,
        inference: bool = False,
        tuple_outputs: bool = False,
        inplace: bool = True,
    ) -> "nn.Module":
        """The network as a PyTorch module, which runs the source that `to_source` gives.

        With `init=False` the weights are left as they come, to be loaded over; `weights`,
        `weights_prefix` and `fresh` are those of `to_onnx`. With a `seed` what is fresh is drawn
        as `to_onnx` draws it, else by PyTorch, whose seed `torch.manual_seed` sets (beside
        weights it is 0). `channels_last` is the order of convolutions' weights and of what they
        give (PyTorch 2.13's own fault: training steps of tiny networks in that order can damage
        its heap, and end the process, on a CPU with AVX2 but not AVX-512; the stock networks train
        right there). `inference` is a form for use alone: in that order too, each BatchNorm folded
        into the convolution before it, without Dropout. With `tuple_outputs` several results come
        as a tuple in the order of the outputs, not as a dict by name, as `torch.jit.trace` wants
        them. With `inplace=False` no layer writes over what another gave, so that hooks see every
        value as it was. SpecError where torch is missing, or weights don't fit; TypeError and
        ValueError for arguments that can't be.
        """
        from netspec.lower.torch import Options, to_torch

        init = arguments.flag(init, "init")
        given = _user_weights(weights, weights_prefix, fresh)
        drawn = None if seed is None else arguments.integer(seed, "seed", 0)
        options = arguments.options(
            Options,
            channels_last=channels_last,
            inference=inference,
            tuple_outputs=tuple_outputs,
            inplace=inplace,
        )
        return to_torch(self, init=init, weights=given, seed=drawn, options=options)

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

        `target` is "torch". The options are those of `to_torch`; with `inference` the source has a
        function `for_inference`, which takes a module with its weights. TypeError and ValueError
        for arguments that can't be.
        """
        from netspec.lower.torch import Options, to_source

        arguments.choice(target, "target", ["torch"])
        options = arguments.options(
            Options,
            channels_last=channels_last,
            inference=inference,
            tuple_outputs=tuple_outputs,
            inplace=inplace,
        )
        return to_source(self, options)

    def to_training_script(
        self,
        recipe: "str | Path | Mapping[str, Any]",
        path: "str | Path" = "train.py",
        *,
        engine: Literal["torch", "lightning"] = "torch",
    ) -> None:
        """Write a script that trains the network as a recipe says, torch alone, at `path`; beside
        it go the network's source, `net.py`, and the weights that it starts from, if any. With the
        `engine` "lightning" it is a LightningModule, its data and a Trainer.

        `recipe` is a file, a stock recipe's name, or a recipe's keys and values. SpecError where it
        can't train the network, TypeError and ValueError for arguments that can't be.
        """
        from pathlib import Path

        from netspec.lower.training import ENGINES, NETWORK, write_script

        arguments.choice(engine, "engine", ENGINES)
        to = Path(arguments.path(path, "path"))
        if to.name == NETWORK:
            raise ValueError(f"`path` is {str(to)!r}, where the network's source goes")
        write_script(self, arguments.recipe(recipe), to, engine)

    def to_onnx(
        self,
        path: "str | Path",
        *,
        weights: Any = None,
        weights_prefix: str | None = None,
        fresh: str | Sequence[str] = (),
        seed: SupportsIndex = 0,
        opset: SupportsIndex | None = None,
        dtype: Literal["float32", "float16", "bfloat16"] = "float32",
        no_weights: bool = False,
        reference_weights: bool = False,
        fold_batchnorm: bool = False,
        value_info: bool = True,
        consumer: str | None = None,
    ) -> None:
        """Write the network in the TEST phase as an ONNX file at `path`, whole or not at all.

        `weights` are a module, a state dict, a checkpoint, a mapping of arrays or a file; None:
        fresh ones from the fillers, which depend on the seed and each parameter's name alone.
        `weights_prefix` is what stands before the network's names in theirs, "auto" to find it;
        `fresh` are patterns (`fc.*`) of parameters to be filled from the fillers where the weights
        lack them or don't fit. Of both netspec warns (SpecWarning). With `no_weights` the
        parameters are inputs of the model; with `reference_weights` it refers to the tensors of a
        `.safetensors` file in or below its own folder. `fold_batchnorm` lets layers take in the
        BatchNorm behind them and leaves out what does nothing. Without `value_info` the types of
        inputs and outputs alone are stated. `consumer` is a program that the file is fitted to,
        "openvino" or another of `docs/consumers.md`: what it refuses is a SpecError. The
        `seed` chooses what is fresh, `opset` is that of
        ONNX's operators, and `dtype` what inputs, weights and outputs are of. SpecError where a
        layer has no place in such a file, or weights don't fit; ValueError for an opset that isn't
        written and for options that exclude each other. A signal that ends the process meanwhile
        leaves what was at the path: SIGTERM and SIGHUP, where the program leaves them to the
        system, get handlers for as long as the file is written.
        """
        from netspec.lower.onnx.model import save
        from netspec.lower.onnx.options import Options

        options = arguments.options(
            Options,
            weights=weights,
            weights_prefix=weights_prefix,
            fresh=fresh,
            seed=seed,
            opset=opset,
            dtype=dtype,
            no_weights=no_weights,
            reference_weights=reference_weights,
            fold_batchnorm=fold_batchnorm,
            value_info=value_info,
            consumer=consumer,
        )
        save(self, arguments.path(path, "path"), options)

    def summary(
        self,
        depth: SupportsIndex | None = None,
        *,
        columns: Sequence[str] | None = None,
        sort: str | None = None,
        exact: bool = False,
        compact: bool = False,
        batch: SupportsIndex | None = None,
        convention: str = "macs",
        device: "Device | str | None" = None,
        precision: Literal["float32", "tf32", "bfloat16", "float16"] = "float32",
    ) -> str:
        """The table of layers as text; `depth` folds scopes below it into one line each.

        `columns` are names of those that `netspec summary --columns` takes, in their order;
        `sort` is one, by which rows come from the largest down (`"-macs"`: from the smallest up).
        `exact` writes every digit, not 4.09 G. `compact` is the table of lectures: inputs have
        rows, and what is written over its bottom has none. `batch` counts for so many items, not
        one. `convention` is what stands where MACs do (see `count`); a `device`, `"a100"` or one of
        `netspec.devices`, bounds the time of each layer from below, in seconds, in that
        `precision`. ValueError for what can't be answered.
        """
        from netspec.analysis.table import Layout, render

        asked = _asked(batch, compact, convention, device, precision)
        made = self._summarize(depth, columns, sort, asked)
        return render(made, Layout(exact=arguments.flag(exact, "exact")))

    def _summarize(self, depth: Any, columns: Any, sort: Any, asked: "Asked") -> "Summary":
        from netspec.analysis.summary import summarize

        return summarize(
            self,
            None if depth is None else arguments.integer(depth, "depth", 1),
            columns=arguments.names(columns, "columns"),
            sort=None if sort is None else arguments.text(sort, "sort"),
            asked=asked,
        )

    def _repr_html_(self) -> str:
        """The summary as a notebook shows it: its scopes fold."""
        from netspec.analysis.html import to_html
        from netspec.analysis.summary import summarize

        return to_html(summarize(self))

    def draw(
        self,
        *,
        depth: SupportsIndex | None = None,
        open: str | Sequence[str] = (),
        open_all: bool = False,
        phase: Phase | str = "TEST",
    ) -> "Picture":
        """The network drawn in papers' style, which a notebook shows; `save` writes it to a .svg,
        .png, .dot or .mmd.

        The first of each kind of block is open, and equal neighbours are one box with ×N. A `depth`
        folds whatever stands that deep in the scopes, and opens all above; `open` are names of
        blocks, or paths of scopes, to open in any case; `open_all` opens every block, each by
        itself. A network of both phases is drawn in one `phase`. SpecError where there is no such
        block, or the extra `draw` is missing; TypeError and ValueError for arguments that can't be.
        """
        from netspec.view.options import DrawOptions
        from netspec.view.picture import Picture

        word = arguments.text(phase, "phase").upper()
        options = arguments.options(
            DrawOptions,
            depth=depth,
            open=open,
            open_all=open_all,
            phase=arguments.choice(word, "phase", map(str, Phase)),
        )
        return Picture(self, options)

    def plot(
        self,
        depth: SupportsIndex | None = None,
        *,
        columns: Sequence[str] | None = None,
        sort: str | None = None,
        compact: bool = False,
        batch: SupportsIndex | None = None,
        convention: str = "macs",
        device: "Device | str | None" = None,
        precision: Literal["float32", "tf32", "bfloat16", "float16"] = "float32",
    ) -> "Plot":
        """The rows of `summary` as bars, a panel for each of its `columns`: unless said the bytes
        of tops, parameters and MACs (and times on a `device`). A notebook shows it, `save` writes
        it to a .svg, .png or .pdf.

        The arguments are those of `summary`. Of more than 60 rows it is a profile, with names for
        the parts of the network. SpecError where the extra `plot` is missing, ValueError for a
        column that has no numbers, and for what `summary` can't answer.
        """
        from netspec.plots.costs import costs, shown
        from netspec.plots.plot import Plot

        asked = _asked(batch, compact, convention, device, precision)
        made = self._summarize(depth, columns, sort, asked)
        chosen = shown(made)
        return Plot(lambda: costs(made, chosen))

    def count(self, convention: str = "macs") -> Size:
        """What it costs for one item of the batch, by a `convention`: "macs", multiply-accumulates,
        "flops", operations of every kind, or what a tool counts: "torch", "fvcore", "torchinfo",
        "ptflops", "thop", "calflops" or "calflops_macs".

        ValueError for another.
        """
        from netspec.analysis.conventions import CONVENTIONS, count

        return count(self.work, arguments.choice(convention, "convention", CONVENTIONS))

    def explain(self, one: str, other: str) -> str:
        """Why two conventions, `one` and the `other`, differ, kind by kind and layer by layer, as
        text. They are those of `count`, and what is none is an error as there.
        """
        from netspec.analysis.conventions import CONVENTIONS
        from netspec.analysis.explain import explain
        from netspec.analysis.explain_text import render

        first = arguments.choice(one, "one", CONVENTIONS)
        return render(explain(self, first, arguments.choice(other, "other", CONVENTIONS)))

    def receptive_field(self, name: str, *, input: str | None = None) -> "ReceptiveField | None":
        """The part of an input that a place of a blob depends on: size, stride and start.

        `name` is that of a layer, a block or a blob, as for `outputs` of `load`. The input is the
        first one that the blob depends on, unless `input` names another; None where it depends on
        none. ValueError for a name that stands for nothing, or for blobs whose fields differ.
        """
        from netspec.analysis.receptive import field_of

        name = arguments.text(name, "name")
        return field_of(self, name, None if input is None else arguments.text(input, "input"))

    def memory(
        self,
        batch: SupportsIndex | None = None,
        optimizer: Literal["SGD", "momentum", "Adam", "AdamW"] = "Adam",
        precision: Literal["float32", "bfloat16", "float16"] = "float32",
    ) -> "Memory":
        """What it takes in memory to run the emitted PyTorch module and to train it, to the byte.

        `batch` is the number of items: 1, or what the spec fixes, unless said. Of the `optimizer`'s
        names `momentum` is SGD with momentum. In another `precision` than float32 inference is that
        of a module converted to it, and training is below `torch.autocast`. Where a height or width
        is open, sums are formulas, and peaks raise ValueError when they are asked for. ValueError
        where the spec fixes another batch.
        """
        from netspec.analysis.memory.optimizers import OPTIMIZERS
        from netspec.analysis.memory.report import PRECISIONS, memory

        items = None if batch is None else arguments.integer(batch, "batch", 1)
        by = arguments.choice(optimizer, "optimizer", OPTIMIZERS)
        return memory(self, items, by, arguments.choice(precision, "precision", PRECISIONS))


def _asked(batch: Any, compact: Any, convention: Any, device: Any, precision: Any) -> "Asked":
    """What a summary is asked for beside its rows and columns."""
    from netspec.analysis.columns.figures import Asked
    from netspec.analysis.traffic import BYTES

    return Asked(
        batch=None if batch is None else arguments.integer(batch, "batch", 1),
        compact=arguments.flag(compact, "compact"),
        convention=arguments.text(convention, "convention"),
        device=_device(device),
        precision=arguments.choice(precision, "precision", BYTES),
    )


def _device(device: Any) -> "Device | None":
    """A device by itself or by its name."""
    if device is None:
        return None
    from netspec.analysis.roofline import Device
    from netspec.devices import device as named

    return device if isinstance(device, Device) else named(arguments.text(device, "device"))


def _user_weights(weights: Any, prefix: Any, fresh: Any) -> "UserWeights | None":
    """The weights that are given, and what is to be done with them."""
    from netspec.lower.weights import user_weights

    return user_weights(
        arguments.weights(weights, "weights"),
        None if prefix is None else arguments.text(prefix, "weights_prefix"),
        arguments.patterns(fresh, "fresh"),
    )
