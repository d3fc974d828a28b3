"""What pages show of specs: the network, the text that it's of, and what is to be said of that."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from netspec.api import check_text, open_program, uncollected
from netspec.diagnostics import Diagnostic, Diagnostics, Severity, SourceText, SpecError
from netspec.elaborate import Overrides, Program
from netspec.elaborate.inputs import parse_shape
from netspec.elaborate.variables import read_override
from netspec.graph import Graph
from netspec.printable import printable
from netspec.stock import Location, read_location
from netspec.view.layout.frames import Arranger
from netspec.view.page.content import graph_data, said_data, static_data, text_data
from netspec.view.page.document import to_page

if TYPE_CHECKING:
    from netspec.analysis.difference.result import Difference

LONGEST = 60
"""Letters of a var's value that its control shows."""


def file_of(graph: Graph, phase: str) -> str:
    """The page of a network as a file that stands by itself; SpecError where it can't be drawn."""
    text = graph.text
    said = [] if text is None else _warnings(text)
    return to_page(static_data(graph, phase, text, said))


def file_of_difference(found: "Difference") -> str:
    """The page of what makes one network another; SpecError where it can't be drawn."""
    from netspec.view.page.difference import difference_data

    return to_page(
        {"graph": difference_data(found), "text": None, "diagnostics": [], "live": False}
    )


def _warnings(text: SourceText) -> list[Diagnostic]:
    """What deserves a second look, in every variant; a network that is there has no mistakes."""
    path = Path(text.name)
    location = Location(path if path.is_file() else None, text.name)
    found = check_text(text, location).sorted()
    return [each for each in found if each.severity is Severity.WARNING]


class Live:
    """What a live page shows of a spec's file, as it is whenever it's asked for.

    The page may ask for another `variant` and `phase`, for values of vars (`set NAME`) and shapes
    of inputs (`input NAME`), as text; what it doesn't ask for is as in `location` and `overrides`.
    """

    def __init__(self, location: Location, overrides: Overrides) -> None:
        self._location, self._overrides = location, overrides
        self._arranger = Arranger()
        self._turn = Lock()
        assert location.path is not None
        self.files: tuple[Path, ...] = (location.path,)

    def answer(self, asked: Mapping[str, str]) -> dict[str, Any]:
        """The page's data: the text, what is said of it, the graph unless it's at fault."""
        diagnostics = Diagnostics()
        data: dict[str, Any] = {"graph": None, "text": None, "controls": None}
        with self._turn, uncollected():
            try:
                self._fill(data, asked, diagnostics)
            except SpecError as error:
                with suppress(SpecError):  # after too many mistakes, as the last of them says
                    diagnostics.extend(error.diagnostics)
        return {**data, "diagnostics": said_data(diagnostics.sorted())}

    def _fill(
        self, data: dict[str, Any], asked: Mapping[str, str], diagnostics: Diagnostics
    ) -> None:
        location = self._location
        text = read_location(location)
        data["text"] = text_data(text)
        overrides = self._overridden(asked, diagnostics)
        program = open_program(text, location.folder, diagnostics)
        self._watch(program, text)
        variant = asked.get("variant", location.variant or "") or None
        graph = program.graph(variant, overrides)
        program.check_usage([variant])
        if graph is None or diagnostics.has_errors:
            return
        data["graph"] = graph_data(graph, _phase(asked), self._arranger)
        data["controls"] = _controls(program, graph, variant)

    def _watch(self, program: Program, text: SourceText) -> None:
        assert self._location.path is not None
        used = [each for each in program.document.files if each is not text]
        self.files = (self._location.path, *(Path(each.name) for each in used))

    def _overridden(self, asked: Mapping[str, str], diagnostics: Diagnostics) -> Overrides:
        """What is asked for, on top of what was from the beginning."""
        variables = dict(self._overrides.variables)
        shapes = dict(self._overrides.inputs)
        for key, value in asked.items():
            kind, _, name = key.partition(" ")
            if kind == "set" and name:
                variables[name] = read_override(name, value, diagnostics)
            elif kind == "input" and name:
                shape = parse_shape(value)
                if shape is None:
                    diagnostics.error("bad-value", _NO_SHAPE.format(printable(value)))
                else:
                    shapes[name] = shape
        return replace(self._overrides, variables=variables, inputs=shapes)


_NO_SHAPE = (
    "'{}' is no shape; write sizes and upper-case symbols with x between them, as in 1x3x320x320"
)


def _phase(asked: Mapping[str, str]) -> str:
    return "TRAIN" if asked.get("phase") == "TRAIN" else "TEST"


def _controls(program: Program, graph: Graph, variant: str | None) -> dict[str, Any]:
    """What can be asked for, and what is so unless it is."""
    return {
        "variants": [*program.document.variants],
        "variant": variant,
        "inputs": [[each.name, "x".join(map(str, each.shape.sizes))] for each in graph.inputs],
        "vars": [[name, _shown(value)] for name, value in graph.variables.items()],
    }


def _shown(value: Any) -> str:
    """A var's value as it would be written to set it."""
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
