"""The options of `netspec summary`."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

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


DepthOption = Annotated[
    int | None, typer.Option(min=1, help="Fold blocks and groups below this depth.")
]
PhaseOption = Annotated[
    PhaseName, typer.Option(case_sensitive=False, help="The phase to count in.")
]
FormatOption = Annotated[SummaryFormat, typer.Option(help="How to print it.")]
ColumnsOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAMES",
        help="The columns, in this order: name,top,params,macs. A wrong name lists them all.",
    ),
]
BatchOption = Annotated[int, typer.Option(min=1, help="Count for so many items of the batch.")]


def listed(names: str | None) -> list[str]:
    """The names in a list with commas."""
    return [name.strip() for name in names.split(",")] if names is not None else []


def usage(error: "Wrong") -> typer.BadParameter:
    """What is wrong with a question, as wrong usage of its option."""
    return typer.BadParameter(str(error), param_hint=f"--{error.option}")
