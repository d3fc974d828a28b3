"""The options of `netspec summary`."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from netspec.cli.completion import complete_device

if TYPE_CHECKING:
    from netspec.analysis.columns.wrong import Wrong


class PhaseName(StrEnum):
    """Caffe's phases."""

    TRAIN = "TRAIN"
    TEST = "TEST"


class SummaryFormat(StrEnum):
    """How a summary is printed."""

    table = "table"
    json = "json"
    csv = "csv"
    markdown = "markdown"

    @property
    def is_rows(self) -> bool:
        """Whether it has the table's rows and nothing besides."""
        return self in (SummaryFormat.csv, SummaryFormat.markdown)


DepthOption = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="N",
        help="Fold blocks and groups below this depth: at 1 each entry of the spec is a line.",
    ),
]
PhaseOption = Annotated[
    PhaseName,
    typer.Option(case_sensitive=False, metavar="TRAIN|TEST", help="The phase to count in."),
]
FormatOption = Annotated[
    SummaryFormat, typer.Option(help="How to print it; all but a table have every digit.")
]
PlotOption = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="Draw, in place of the table, its rows as bars: x.svg, x.png or x.pdf, a panel for "
        "each of --columns; unless said the bytes of tops, parameters and MACs.",
    ),
]
ColumnsOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME,…",
        help="The columns, in this order: name,top,params,macs. A wrong name is answered with "
        "all of them.",
    ),
]
SortOption = Annotated[
    str | None,
    typer.Option(
        metavar="[-]NAME",
        help="Sort rows by a column, the largest first; with - before it, the smallest.",
    ),
]
ExactOption = Annotated[bool, typer.Option("--exact", help="Every digit in the table, not 4.09 G.")]
CompactOption = Annotated[
    bool,
    typer.Option(
        "--compact",
        help="As lectures have it: a row for each input, and none for what keeps a size and "
        "multiplies no matrix (activations, normalization, dropout), which joins the row that "
        "it reads.",
    ),
]
DeviceOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        autocompletion=complete_device,
        help="Say the least time that each layer takes on this device, and whether compute or "
        "memory bounds it: a100, h100, rtx4090, …, or FILE:NAME of a file of your own. A wrong "
        "name is answered with all of them.",
    ),
]


class PrecisionName(StrEnum):
    """What layers compute in."""

    float32 = "float32"
    tf32 = "tf32"
    bfloat16 = "bfloat16"
    float16 = "float16"


PrecisionOption = Annotated[
    PrecisionName, typer.Option(help="What layers compute in, for bytes and times.")
]
TrainingOption = Annotated[
    bool,
    typer.Option(
        "--training", help="Say what a training step takes in memory, for one item or for --batch."
    ),
]


class OptimizerName(StrEnum):
    """Optimizers, by what they keep."""

    SGD = "SGD"
    momentum = "momentum"
    Adam = "Adam"
    AdamW = "AdamW"


OptimizerOption = Annotated[
    OptimizerName | None,
    typer.Option(
        case_sensitive=False,
        metavar="SGD|momentum|Adam|AdamW",
        help="The optimizer whose state training keeps, Adam unless said; implies --training.",
    ),
]
BudgetOption = Annotated[
    str | None,
    typer.Option(
        metavar="SIZE",
        help="Say how large a batch fits in so much memory (24GiB, 500MB), to run, or with "
        "--training to train.",
    ),
]
BatchOption = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Count for N items of the batch, not one.")
]

ConventionOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Count as papers do (macs, unless said), every operation (flops), or as a tool: "
        "torch, fvcore, torchinfo, ptflops, thop, calflops, calflops_macs.",
    ),
]
ExplainOption = Annotated[
    tuple[str, str] | None,
    typer.Option(
        metavar="NAME NAME",
        help="Print, in place of the table, why two conventions differ: by kind of work, and "
        "layer by layer.",
    ),
]


def listed(names: str | None) -> list[str]:
    """The names in a list with commas."""
    return [name.strip() for name in names.split(",")] if names is not None else []


def usage(error: "Wrong") -> typer.BadParameter:
    """What is wrong with a question, as wrong usage of its option."""
    return typer.BadParameter(str(error), param_hint=f"--{error.option}")
