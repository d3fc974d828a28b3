"""`netspec compile`."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netspec.cli.options import InputOption, OutputOption, SetOption, SpecArgument, load_spec
from netspec.lower.onnx.opsets import DEFAULT_OPSETS, NEWEST_OPSET, OLDEST_OPSET

if TYPE_CHECKING:
    from collections.abc import Sequence

    from netspec.lower.onnx.options import Options
    from netspec.lower.weights import UserWeights
    from netspec.targets import Target


class ElementType(StrEnum):
    """What an ONNX file computes with."""

    float32 = "float32"
    float16 = "float16"
    bfloat16 = "bfloat16"


OutputFileOption = Annotated[
    list[str],
    typer.Option(
        "-o",
        "--output-file",
        metavar="FILE",
        help="Where to write; the suffix says what: .py PyTorch source, .onnx ONNX, .yaml the "
        "flat spec, .safetensors fresh weights. May be repeated.",
    ),
]
TargetOption = Annotated[
    str | None,
    typer.Option("--to", metavar="TARGET", help="The target, whatever the suffix says."),
]
WeightsOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Weights of safetensors, PyTorch or NumPy, or the index of their shards; else fresh.",
    ),
]
PrefixOption = Annotated[
    str | None,
    typer.Option(
        "--weights-prefix",
        metavar="PREFIX",
        help="What stands before the network's names in those of the weights; auto to find it.",
    ),
]
FreshOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PATTERN",
        help="Parameters ('fc.*') to fill from their fillers where the weights don't fit. "
        "Repeatable.",
    ),
]
SeedOption = Annotated[int, typer.Option(min=0, help="Chooses the fresh weights.")]
NoWeightsOption = Annotated[
    bool, typer.Option("--no-weights", help="ONNX: the parameters are inputs of the model.")
]
ReferenceOption = Annotated[
    bool,
    typer.Option(
        "--reference-weights",
        help="ONNX: refer to the tensors of the .safetensors file, don't copy them.",
    ),
]
OpsetOption = Annotated[
    int | None,
    typer.Option(
        help=f"ONNX's operator set, {OLDEST_OPSET} to {NEWEST_OPSET}; {DEFAULT_OPSETS['float32']} "
        f"unless said, or {DEFAULT_OPSETS['bfloat16']} for bfloat16."
    ),
]
DtypeOption = Annotated[
    ElementType, typer.Option(help="What the ONNX file's inputs, weights and outputs are of.")
]
FoldOption = Annotated[
    bool,
    typer.Option(
        "--fold-batchnorm",
        help="ONNX: let layers take in the BatchNorm behind them; leave out what does nothing.",
    ),
]
NoValueInfoOption = Annotated[
    bool,
    typer.Option(
        "--no-value-info",
        help="ONNX: state the types of inputs and outputs alone, for tools that then fix a size.",
    ),
]
ChannelsLastOption = Annotated[
    bool,
    typer.Option(
        "--channels-last",
        help="PyTorch: convolutions in channels-last order. PyTorch 2.13 itself can crash in such "
        "training steps of tiny networks on a CPU with AVX2 but not AVX-512: its heap is damaged. "
        "The stock networks train right there.",
    ),
]
InferenceOption = Annotated[
    bool,
    typer.Option(
        "--inference",
        help="PyTorch: with a function that folds BatchNorm, drops Dropout, and is channels-last.",
    ),
]
TupleOption = Annotated[
    bool,
    typer.Option(
        "--tuple-outputs", help="PyTorch: several results as a tuple, not as a dict by name."
    ),
]
NoInplaceOption = Annotated[
    bool,
    typer.Option("--no-inplace", help="PyTorch: no layer writes over what another gave."),
]


def compile_(
    context: typer.Context,
    spec: SpecArgument,
    output: OutputFileOption,
    to: TargetOption = None,
    weights: WeightsOption = None,
    weights_prefix: PrefixOption = None,
    fresh: FreshOption = None,
    seed: SeedOption = 0,
    no_weights: NoWeightsOption = False,
    reference_weights: ReferenceOption = False,
    opset: OpsetOption = None,
    dtype: DtypeOption = ElementType.float32,
    fold_batchnorm: FoldOption = False,
    no_value_info: NoValueInfoOption = False,
    channels_last: ChannelsLastOption = False,
    inference: InferenceOption = False,
    tuple_outputs: TupleOption = False,
    no_inplace: NoInplaceOption = False,
    results: OutputOption = None,
    settings: SetOption = None,
    inputs: InputOption = None,
) -> None:
    """Compile a spec: to PyTorch source, to ONNX, to the flat spec, or to fresh weights."""
    from netspec.targets import Request, compile_to, target_for

    targets = [(path, target_for(path, to)) for path in output]
    _refuse_idle(context, [target for _, target in targets])
    asked = opset is not None or dtype is not ElementType.float32
    asked = asked or no_weights or reference_weights or fold_batchnorm or no_value_info
    options = None
    given = given_weights(weights, weights_prefix, fresh)
    if asked:
        options = onnx_options(
            given,
            seed,
            opset,
            dtype,
            no_weights=no_weights,
            reference_weights=reference_weights,
            fold_batchnorm=fold_batchnorm,
            value_info=not no_value_info,
        )
    if reference_weights and STANDARD_OUTPUT in output:
        raise typer.BadParameter("a model on standard output can't refer to weights")
    network = load_spec(spec, settings, inputs, results)
    request = Request(
        graph=network,
        weights=given,
        seed=seed,
        onnx=options,
        channels_last=channels_last,
        inference=inference,
        tuple_outputs=tuple_outputs,
        inplace=not no_inplace,
    )
    compile_to(request, targets)


def _refuse_idle(context: typer.Context, targets: "Sequence[Target]") -> None:
    """Wrong usage where an option is given of which no target makes use."""
    from netspec.targets import idle_options

    sources = {name: context.get_parameter_source(name) for name in context.params}
    given = [name for name, source in sources.items() if source and source.name == "COMMANDLINE"]
    for name, reason in idle_options(targets, given):
        raise typer.BadParameter(reason, param_hint=f"--{name.replace('_', '-')}")


STANDARD_OUTPUT = "-"


def given_weights(
    weights: Path | None, prefix: str | None, fresh: list[str] | None
) -> "UserWeights | None":
    """The weights that the options ask for; wrong usage for what has no use without any."""
    for option, given in (("--weights-prefix", prefix is not None), ("--fresh", bool(fresh))):
        if given and weights is None:
            raise typer.BadParameter("it has no use without `--weights`", param_hint=option)
    if weights is None:
        return None
    from netspec.lower.weights import user_weights

    return user_weights(weights, prefix, fresh or ())


def onnx_options(
    weights: "UserWeights | None",
    seed: int,
    opset: int | None,
    dtype: ElementType,
    **further: bool,
) -> "Options":
    """The options of an ONNX file; wrong usage for what doesn't exist or doesn't go together."""
    from netspec.lower.onnx.options import Options

    try:
        return Options(weights, seed, opset, dtype.value, **further)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
