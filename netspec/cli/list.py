"""`netspec list`."""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from netspec.cli.options import TableFormat

if TYPE_CHECKING:
    from netspec.stock_table import StockNetwork

_COUNT = re.compile(r"(\d[\d_,]*(?:\.\d+)?)([kMG]?)")
_SYMBOL = re.compile(r"[A-Za-z_][\w.]*")
LONGEST_FORMULA = 30
"""Characters of one that the table shows; `summary` and JSON give any."""
_UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9}


def _count(text: str) -> float:
    """A number of parameters: `5M`, `1.5G`, `25_557_032`."""
    match = _COUNT.fullmatch(text)
    if match is None:
        raise typer.BadParameter(f"{text!r} is no number such as 5M, 800k or 25557032")
    return float(re.sub("[_,]", "", match[1])) * _UNITS[match[2]]


def list_(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="WORD",
            help="Only networks that have each word in their name, description or source.",
            show_default=False,
        ),
    ] = None,
    task: Annotated[
        str | None,
        typer.Option(metavar="TASK", help="Only networks for it: classification, detection, …"),
    ] = None,
    max_params: Annotated[
        float | None,
        typer.Option(
            metavar="COUNT",
            parser=_count,
            help="Only networks of at most so many parameters: 5M, 800k.",
        ),
    ] = None,
    recipes: Annotated[
        bool, typer.Option("--recipes", help="The stock recipes, how networks are trained.")
    ] = False,
    format: Annotated[TableFormat, typer.Option(help="How to print it.")] = TableFormat.table,
) -> None:
    """List the stock networks, by what they do and year."""
    if recipes:
        if task is not None or max_params is not None:
            raise typer.BadParameter(
                "recipes have no task and no parameters", param_hint="--recipes"
            )
        _list_recipes(words or [], format)
        return
    from netspec.stock_table import stock_networks

    networks = stock_networks()
    if task is not None:
        networks = _of_task(networks, task)
    if max_params is not None:
        networks = [each for each in networks if each.params <= max_params]
    networks = [each for each in networks if all(_mentions(each, word) for word in words or ())]
    if format is TableFormat.json:
        typer.echo(json.dumps([each.to_json() for each in networks], indent=2))
    elif networks:
        typer.echo("\n".join(_lines(networks)))
    else:
        typer.echo("no stock network is like that; `netspec list` shows all", err=True)


def _list_recipes(words: list[str], format: TableFormat) -> None:
    from textwrap import wrap

    from netspec.recipes.stock import stock_recipes

    found = [each.to_json() for each in stock_recipes()]
    found = [each for each in found if all(_says(each.values(), word) for word in words)]
    if format is TableFormat.json:
        typer.echo(json.dumps(found, indent=2))
        return
    for number, each in enumerate(found):
        typer.echo("\n" * bool(number) + f"{each['name']}: {each['net']}")
        for line in wrap(f"{each['doc']} {each['source']}.", 76):
            typer.echo(f"    {line}")
    if not found:
        typer.echo("no stock recipe is like that; `netspec list --recipes` shows all", err=True)


def _of_task(networks: "list[StockNetwork]", task: str) -> "list[StockNetwork]":
    chosen = [each for each in networks if each.task == task]
    if not chosen:
        tasks = sorted({each.task for each in networks if each.task is not None})
        rule = f"no stock network is for {task!r}; they are for {', '.join(tasks)}"
        raise typer.BadParameter(rule, param_hint="'--task'")
    return chosen


def _mentions(network: "StockNetwork", word: str) -> bool:
    said = (network.name, network.file, network.task, network.doc, network.source)
    return _says(said, word)


def _says(texts: Iterable[str | None], word: str) -> bool:
    return any(word.lower() in each.lower() for each in texts if each is not None)


def _lines(networks: "list[StockNetwork]") -> Iterator[str]:
    """The networks of each task under those of them that are from one paper, in order of years."""
    rows = sorted(networks, key=lambda each: (each.task or "", each.year or 0, each.file))
    cells = {each.name: _cells(each) for each in rows}
    widths = [max(map(len, column)) for column in zip(*cells.values(), strict=True)]
    for number, (task, of_task) in enumerate(groupby(rows, lambda each: each.task)):
        yield from [""] * bool(number)
        yield (task or "other").upper()
        papers = groupby(of_task, lambda each: (each.year, each.file, each.source))
        for (year, file, source), members in papers:
            yield ""
            yield f"{year or '    '}  {source or file}"
            for member in members:
                name, inputs, params, macs = cells[member.name]
                row = (
                    name.ljust(widths[0]),
                    inputs.ljust(widths[1]),
                    params.rjust(widths[2]),
                    macs.rjust(widths[3]),
                )
                yield f"      {'  '.join(row).rstrip()}"


def _cells(network: "StockNetwork") -> tuple[str, str, str, str]:
    """A network's name, inputs, parameters and MACs."""
    shapes = ["×".join(map(str, shape)) for shape in network.inputs.values()]
    return network.name, ", ".join(shapes), f"{network.params:,}", f"{_macs(network.macs)} MACs"


def _macs(macs: int | str) -> str:
    """Multiply-accumulates; of a long formula only the symbols that it is in."""
    if isinstance(macs, int):
        return f"{macs:,}"
    symbols = sorted(set(_SYMBOL.findall(macs)) - {"floor", "ceil", "max", "min"})
    return macs if len(macs) <= LONGEST_FORMULA else f"(in {', '.join(symbols)})"
