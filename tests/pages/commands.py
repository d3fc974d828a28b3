"""Every command with its options, as the program itself tells of them.

`docs/commands.md` is made of it:

    python -m tests.pages.commands
"""

import re
from collections.abc import Iterator
from inspect import cleandoc
from pathlib import Path
from typing import Any

from typer.main import get_command

from netspec.cli.app import program

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "commands.md"

_INTRODUCTION = """\
# Commands

Every command with its options, as `netspec COMMAND --help` tells of them too. Results go to
standard output, errors and warnings to standard error. The exit status is 0; or 1 where a spec or
another file is at fault, or what was asked for doesn't hold; or 2 for wrong usage.

<!-- Made from netspec/cli by `make pages`. -->
"""
_HEADERS = {"argument": "| argument | is |", "option": "| option | does |"}
"""What a table is of, and its header."""


def page() -> str:
    """The page."""
    app: Any = get_command(program([]))
    with app.make_context("netspec", [], resilient_parsing=True) as context:
        own = "\n".join(_table(app, context, "option"))
        sections = [_section(name, each, context) for name, each in app.commands.items()]
    return "\n".join([_INTRODUCTION, own, "", *sections])


def _section(name: str, command: Any, parent: Any) -> str:
    context = command.make_context(name, [], parent=parent, resilient_parsing=True)
    parts = [f"## {name}", f"`{_usage(command.get_usage(context))}`", cleandoc(command.help)]
    tables = (list(_table(command, context, kind)) for kind in _HEADERS)
    parts += ["\n".join(table) for table in tables if len(table) > 2]
    examples = re.findall(r"^ +(netspec .+)$", command.epilog or "", re.MULTILINE)
    if examples:
        parts.append("\n".join(["```console", *(f"$ {each}" for each in examples), "```"]))
    return "\n\n".join(parts) + "\n"


def _usage(text: str) -> str:
    """How a command is called, on a line of its own: `{SPEC}` and `[[TYPE]]` are Typer's ways."""
    line = " ".join(text.removeprefix("Usage: ").split())
    return re.sub(r"\{([^}]*)\}(\.{3})?|\[(\[[^]]*\])\]", r"\1\3", line)


def _table(command: Any, context: Any, kind: str) -> Iterator[str]:
    """The lines of a table of a command's options, or of its arguments."""
    yield from (_HEADERS[kind], "|---|---|")
    for each in command.params:  # without --help, which all have
        if each.param_type_name == kind:
            term, text = each.get_help_record(context)
            if kind == "argument":
                term = term.partition(" <")[0]
            yield f"| `{_cell(term)}` | {_prose(text)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _prose(text: str) -> str:
    """A help text in a table, where what looks like markup is none."""
    parts = re.split(r"(`[^`]*`)", _cell(text).replace("  [", " ["))
    parts[::2] = [re.sub(r"([*_<\[])", r"\\\1", each) for each in parts[::2]]
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
