"""`netspec doctor`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from netspec.cli.options import PlainFormat

if TYPE_CHECKING:
    from netspec.doctor import Package, Report


def doctor(
    format: Annotated[PlainFormat, typer.Option(help="How to print it.")] = PlainFormat.text,
) -> None:
    """Say what is installed, what each extra would add, and what the runtimes here can do.

    The exit status is 1 where something that is installed doesn't work.
    """
    from netspec.doctor import examine

    report = examine()
    if format is PlainFormat.json:
        import json

        typer.echo(json.dumps(_json(report), indent=2))
    else:
        typer.echo("\n".join(report_lines(report)))
    if report.faults:
        raise typer.Exit(1)


def report_lines(report: "Report") -> Iterator[str]:
    """What is printed for a person."""
    from netspec.extras import EXTRAS, install_command, reinstall_command
    from netspec.printable import printable

    yield f"netspec {report.netspec}  {printable(str(report.folder))}"
    yield f"Python {printable(report.python)}"
    yield report.machine
    yield ""
    width = max(len(each.name) for each in report.packages)
    for each in report.packages:
        yield f"{each.name:{width}}  {printable(_state(each))}"
    for name, extra in EXTRAS.items():
        yield ""
        lacking = report.lacking(extra)
        yield f"[{name}]  {extra.adds}: {'there' if not lacking else 'lacks ' + ', '.join(lacking)}"
        broken = report.broken(extra)
        if lacking != broken:
            yield f"  {install_command(name)}"
        yield from (f"  {reinstall_command(each)}" for each in broken)
    if report.layers:
        yield ""
        yield f"layers of installed packages: {', '.join(map(printable, report.layers))}"
    if report.faults:
        yield ""
        yield "What doesn't work"
        yield from (f"  {printable(each)}" for each in report.faults)


def _state(package: "Package") -> str:
    if package.version is None:
        return "not installed"
    said = (package.version, *package.facts, *(["can't be imported"] if package.trouble else []))
    return ", ".join(said)


def _json(report: "Report") -> dict[str, object]:
    from dataclasses import asdict

    from netspec.extras import EXTRAS, install_command

    extras = {
        name: {"adds": extra.adds, "lacks": report.lacking(extra), "install": install_command(name)}
        for name, extra in EXTRAS.items()
    }
    said = asdict(report)
    return said | {"folder": str(report.folder), "extras": extras, "faults": report.faults}
