"""`netspec summary`."""

import json

import typer

from netspec.cli.options import InputOption, OutputOption, SetOption, SpecArgument, load_spec
from netspec.cli.summary_explain import check_alone, print_explanation
from netspec.cli.summary_options import (
    BatchOption,
    ColumnsOption,
    CompactOption,
    ConventionOption,
    DepthOption,
    ExactOption,
    ExplainOption,
    FormatOption,
    PhaseName,
    PhaseOption,
    SortOption,
    SummaryFormat,
    listed,
    usage,
)
from netspec.cli.summary_print import print_table


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
    phase: PhaseOption = PhaseName.TEST,
    format: FormatOption = SummaryFormat.table,
    results: OutputOption = None,
    settings: SetOption = None,
    inputs: InputOption = None,
) -> None:
    """Print a line for each layer: output shape, parameters, MACs; and the totals."""
    from netspec.analysis.columns.figures import Asked
    from netspec.analysis.columns.wrong import Wrong
    from netspec.analysis.summary import summarize

    if explain is not None:
        alone = (depth, columns, sort, exact or None, compact or None, batch, convention)
        check_alone(any(each is not None for each in alone), format)
    network = load_spec(spec, settings, inputs, results)
    if explain is not None:
        print_explanation(network.phase(phase), explain, format)
        return
    asked = Asked(batch=batch, compact=compact, convention=convention or "macs")
    try:
        made = summarize(network, depth, phase, listed(columns), sort, asked)
    except Wrong as error:
        raise usage(error) from None
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
