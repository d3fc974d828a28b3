"""`netspec list`."""

import json
from typing import Annotated, Any

import typer

from netspec.cli.options import TableFormat

HEADER = ("name", "inputs", "parameters", "MACs", "file", "source")


def list_(
    format: Annotated[TableFormat, typer.Option(help="How to print it.")] = TableFormat.table,
) -> None:
    """List the stock networks."""
    from netspec.stock_table import stock_networks

    networks = stock_networks()
    if format is TableFormat.json:
        typer.echo(json.dumps([each.to_json() for each in networks], indent=2))
        return
    from netspec.analysis.table import align, count

    rows: list[tuple[Any, ...]] = [
        (
            each.name,
            ", ".join(f"{name} {shape}" for name, shape in each.inputs.items()),
            count(each.params),
            count(each.macs),
            each.file,
            each.source or "",
        )
        for each in networks
    ]
    typer.echo(align([HEADER, *rows], numbers=(2, 3)), nl=False)
