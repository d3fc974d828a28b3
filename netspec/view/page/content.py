"""What a page shows, as plain data: the graph with its figures, the text, what is said of it."""

from collections.abc import Iterable
from typing import Any

from netspec.diagnostics import Diagnostic, SourceText
from netspec.diagnostics.render import to_json
from netspec.graph import Graph, Phase
from netspec.printable import encodable, is_printable, printable
from netspec.view import words
from netspec.view.colors import PAINTS
from netspec.view.layout.frames import Arranger
from netspec.view.page.templates import Templates, figures

HIDDEN = "\ufffd"
LINES = 20_000
"""Lines of a text that a page shows."""


def graph_data(
    graph: Graph, phase: Phase | str, arranger: Arranger | None = None
) -> dict[str, Any]:
    """A graph in one phase; one that is a view of a phase keeps to that.

    SpecError where the library for layouts is missing, or a frame is too large for it.
    """
    arranger = arranger or Arranger()
    arranger.begin()
    view = graph if graph.view is not None else graph.phase(phase)
    made = Templates(view, arranger)
    root = made.whole()
    return {
        "name": printable(view.name),
        "caption": words.figures(view.params, view.macs),
        "doc": None if view.doc is None else printable(view.doc),
        "phase": str(view.view),
        "templates": made.made,
        "root": root,
        "total": figures(made.boxes.costs(view.nodes)),
        "paints": {name: [*paint] for name, paint in PAINTS.items()},
    }


def text_data(text: SourceText) -> dict[str, Any]:
    """A spec's text, line by line."""
    lines = [_shown(each) for each in text.lines[:LINES]]
    return {"name": encodable(text.name), "lines": lines}


def _shown(line: str) -> str:
    """A line as wide as it is, without what would turn or hide some of it."""
    if line.isprintable():
        return line
    return "".join(char if is_printable(char) or char == "\t" else HIDDEN for char in line)


def said_data(diagnostics: Iterable[Diagnostic]) -> list[dict[str, Any]]:
    """Diagnostics, with the chain of blocks that led there."""
    return [{**to_json(each), "notes": [*map(encodable, each.notes)]} for each in diagnostics]


def static_data(
    graph: Graph,
    phase: Phase | str,
    text: SourceText | None,
    diagnostics: Iterable[Diagnostic],
) -> dict[str, Any]:
    """What a file shows that stands by itself."""
    return {
        "graph": graph_data(graph, phase),
        "text": None if text is None else text_data(text),
        "diagnostics": said_data(diagnostics),
        "live": False,
    }
