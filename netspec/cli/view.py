"""`netspec view`."""

from typing import TYPE_CHECKING, Annotated

import typer

from netspec.cli.options import STANDARD_INPUT, InputOption, SetOption, SpecArgument, read_overrides

if TYPE_CHECKING:
    from netspec.spec_page import Live
    from netspec.view.page.server import Server


def view(
    spec: SpecArgument,
    settings: SetOption = None,
    inputs: InputOption = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where to serve; 0: at a port that is free.")
    ] = 0,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page in a browser.")
    ] = True,
) -> None:
    """Show a spec as a live page on this machine: graph, costs and text, renewed as files change.

    It serves 127.0.0.1 alone, answers nobody but its own page, and writes nothing. Ctrl-C ends it.
    """
    from netspec.extras import require
    from netspec.spec_page import Live
    from netspec.stock import locate, read_location

    if spec == STANDARD_INPUT:
        raise typer.BadParameter("a page needs a file that it can read again", param_hint="SPEC")
    overrides = read_overrides(settings, inputs)
    location = locate(spec)
    read_location(location)
    require("graphlay", "draw")
    server = _serving(Live(location, overrides), port)
    typer.echo(server.url)
    if browser:
        _open(server.url)
    server.serve_forever()


def _serving(source: "Live", port: int) -> "Server":
    from netspec.view.page.server import Server

    try:
        return Server(source, port)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise typer.BadParameter(f"can't serve at {port}: {reason}", param_hint="--port") from None


def _open(url: str) -> None:
    """Open the page beside the server: some browsers return only when they end."""
    import webbrowser
    from threading import Thread

    Thread(target=webbrowser.open, args=(url,), daemon=True).start()
