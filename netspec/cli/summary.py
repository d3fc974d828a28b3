"""`netspec summary`."""

import json
from typing import TYPE_CHECKING

import typer

from netspec.cli.options import InputOption, OutputOption, SetOption, SpecArgument, load_spec
from netspec.cli.summary_explain import check_alone, print_explanation
from netspec.cli.summary_options import (
    BatchOption,
    BudgetOption,
    ColumnsOption,
    CompactOption,
    ConventionOption,
    DepthOption,
    DeviceOption,
    ExactOption,
    ExplainOption,
    FormatOption,
    OptimizerName,
    OptimizerOption,
    PhaseName,
    PhaseOption,
    PlotOption,
    PrecisionName,
    PrecisionOption,
    SortOption,
    SummaryFormat,
    TrainingOption,
    listed,
    usage,
)
from netspec.cli.summary_plot import check_plot, write_plot
from netspec.cli.summary_print import print_table

if TYPE_CHECKING:
    from netspec.analysis.roofline import Device
    from netspec.analysis.summary import Summary


def summary(
    spec: SpecArgument,
    depth: DepthOption = None,
    columns: ColumnsOption = None,
    sort: SortOption = None,
    exact: ExactOption = False,
    compact: CompactOption = False,
    batch: BatchOption = None,
    convention: ConventionOption = None,
    explain: ExplainOption = None,
    device: DeviceOption = None,
    precision: PrecisionOption = PrecisionName.float32,
    training: TrainingOption = False,
    optimizer: OptimizerOption = None,
    budget: BudgetOption = None,
    phase: PhaseOption = PhaseName.TEST,
    format: FormatOption = SummaryFormat.table,
    plot: PlotOption = None,
    results: OutputOption = None,
    settings: SetOption = None,
    inputs: InputOption = None,
) -> None:
    """Print a line for each layer: output shape, parameters, MACs; and the totals."""
    from netspec.analysis.columns.figures import Asked
    from netspec.analysis.columns.wrong import Wrong
    from netspec.analysis.summary import summarize

    if plot is not None:
        check_plot(any((explain, exact, training, optimizer, budget)), format)
    if explain is not None:
        alone = (depth, columns, sort, exact or None, compact or None, batch, convention, device)
        check_alone(any(each is not None for each in alone), format)
    if format.is_rows and (training or optimizer or budget):
        raise typer.BadParameter(
            f"'{format}' has rows alone, and a training step or a budget is of the whole network: "
            "take table or json",
            param_hint="--format",
        )
    network = load_spec(spec, settings, inputs, results)
    if explain is not None:
        print_explanation(network.phase(phase), explain, format)
        return
    try:
        asked = Asked(
            batch,
            compact,
            convention or "macs",
            _device(device),
            precision.value,
            _optimizer(optimizer, training=training),
            None if budget is None else _bytes(budget),
        )
        made = summarize(network, depth, phase, listed(columns), sort, asked)
        if plot is not None:
            write_plot(made, plot)
        else:
            _print(made, format, exact=exact)
    except Wrong as error:
        raise usage(error) from None


def _device(name: str | None) -> "Device | None":
    if name is None:
        return None
    from netspec.devices import device

    return device(name)


def _optimizer(optimizer: OptimizerName | None, *, training: bool) -> str | None:
    """The optimizer of the training step that is asked for, by its name or without."""
    if optimizer is not None:
        return optimizer.value
    return OptimizerName.Adam.value if training else None


def _bytes(budget: str) -> int:
    from netspec.quantities import bytes_in

    try:
        return bytes_in(budget)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--budget") from None


def _print(made: "Summary", format: SummaryFormat, *, exact: bool) -> None:
    match format:
        case SummaryFormat.table:
            print_table(made, exact=exact)
        case SummaryFormat.json:
            typer.echo(json.dumps(made.to_json(), indent=2))
        case SummaryFormat.csv:
            from netspec.analysis.delimited import to_csv

            typer.echo(to_csv(made), nl=False)
        case SummaryFormat.markdown:
            from netspec.analysis.delimited import to_markdown

            typer.echo(to_markdown(made), nl=False)
