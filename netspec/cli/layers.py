"""`netspec layers`."""

import shutil
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from netspec.cli.completion import complete_layer
from netspec.cli.report import is_terminal

if TYPE_CHECKING:
    from netspec.layers import Layer

WIDEST = 100


class PageFormat(StrEnum):
    """How pages are printed."""

    text = "text"
    markdown = "markdown"


def layers(
    type: Annotated[
        str | None,
        typer.Argument(
            metavar="[TYPE]",
            autocompletion=complete_layer,
            help="A layer, by netspec's or another framework's name.",
        ),
    ] = None,
    format: Annotated[
        PageFormat, typer.Option(help="Text, or Markdown with the whole pages.")
    ] = PageFormat.text,
) -> None:
    """List the layers, or print the page of one."""
    from netspec.layers import CATALOGUE
    from netspec.layers.page import WIDTH, layers_called, markdown, overview, page

    if format is PageFormat.markdown and type is None:
        wanted = list(CATALOGUE.values())  # docs/layers.md, the same whatever is installed
    elif type is None:
        wanted = [*CATALOGUE.values(), *_custom().values()]
    else:
        wanted = layers_called(type, CATALOGUE) or layers_called(type, _custom())
    if type is not None and not wanted:
        _refuse(type)
    width = min(shutil.get_terminal_size().columns, WIDEST) if is_terminal() else WIDTH
    if format is PageFormat.markdown:
        text = markdown(wanted, _kept)
    elif type is None:
        text = overview(wanted, width)
    else:
        text = "\n\n".join(page(each, width, _kept) for each in wanted)
    typer.echo(text, nl=False)


def _kept(layer: "type[Layer]") -> str | None:
    """What autograd keeps of a layer's example; None where nothing is known of how it runs."""
    from netspec.analysis.kept import kept_by
    from netspec.api import loads
    from netspec.eager.registry import rule_of
    from netspec.layers.page import example

    if rule_of(layer) is None:
        return None
    network = loads(example(layer))
    return kept_by(network, next(node for node in network.nodes if type(node.layer) is layer))


def _custom() -> "dict[str, type[Layer]]":
    """The layers of installed packages; what is wrong with others is said beside."""
    from netspec.plugins import installed
    from netspec.printable import printable

    layers, problems = installed()
    for problem in problems:
        typer.echo(f"warning: {printable(problem)}", err=True)
    return layers


def _refuse(name: str) -> None:
    from netspec.diagnostics import Diagnostic, SpecError
    from netspec.layers import CATALOGUE
    from netspec.layers.foreign import help_for

    help = help_for(name, CATALOGUE) or "`netspec layers` lists them"
    raise SpecError([Diagnostic("unknown-type", f"there is no layer type `{name}`", help=help)])
