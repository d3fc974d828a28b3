"""The public Python interface: load a spec, compare two.

Nothing here imports the front end (pydantic, yaml) before a spec is read.
"""

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from netspec import arguments
from netspec.diagnostics import Diagnostics, SourceText, SpecError
from netspec.graph import Graph
from netspec.network import Network
from netspec.quick import distinct

if TYPE_CHECKING:
    from pathlib import Path

    from netspec.analysis.difference.result import Difference
    from netspec.elaborate import Overrides, Program
    from netspec.stock import Location


def load(
    spec: "str | Path",
    *,
    inputs: Mapping[str, Sequence[int | str]] | None = None,
    outputs: Sequence[str] | None = None,
    **variables: Any,
) -> Network:
    """The network that `spec` names: a stock one, or a file, with `:variant` behind it if wanted.

    `inputs` fix or change shapes, batch first, by the inputs' names; `outputs` are blobs to give
    instead of the network's own, which leave out all that they don't need; other keywords override
    vars, which take NumPy's numbers and arrays too. SpecError carries every mistake in the spec and
    in what is asked of it, TypeError and ValueError one in the call.
    """
    from netspec.stock import locate, read_location

    overrides = overrides_of(variables, inputs, outputs)
    location = locate(arguments.path(spec, "spec"))
    return compile_text(read_location(location), location, overrides)


def loads(
    text: str,
    *,
    variant: str | None = None,
    inputs: Mapping[str, Sequence[int | str]] | None = None,
    outputs: Sequence[str] | None = None,
    **variables: Any,
) -> Network:
    """The network of a spec given as a string, `text`, or of its `variant` of that name; otherwise
    as `load`.
    """
    from netspec.stock import Location

    overrides = overrides_of(variables, inputs, outputs)
    source = SourceText("<string>", arguments.text(text, "text"))
    variant = None if variant is None else arguments.text(variant, "variant")
    return compile_text(source, Location(None, "<string>", variant), overrides)


def diff(a: "str | Path | Graph", b: "str | Path | Graph") -> "Difference":
    """What makes the network `b` of the network `a`; each may be named as for `load`.

    It is false where they are the same. It has the layers that are `added` and `removed`, those
    that are `changed` and `moved`, and the figures of both, `totals`; `text()`, `markdown()` and
    `to_json()` show it. SpecError, TypeError and ValueError as there.
    """
    from netspec.analysis.difference.comparing import compare

    return compare(_network(a, "a"), _network(b, "b"))


def _network(given: Any, name: str) -> Graph:
    return given if isinstance(given, Graph) else load(arguments.path(given, name))


def overrides_of(variables: Mapping[str, Any], inputs: Any, outputs: Any) -> "Overrides":
    """What the caller asks for; TypeError and ValueError for what can't be asked for."""
    from netspec.elaborate import Overrides

    return Overrides(
        arguments.variables(variables),
        arguments.shapes(inputs, "inputs"),
        arguments.names(outputs, "outputs"),
    )


def compile_text(text: SourceText, location: "Location", overrides: "Overrides") -> Network:
    """The network that a text describes; SpecError with everything that is wrong with it."""
    diagnostics = Diagnostics()
    with uncollected():
        program = open_program(text, location.folder, diagnostics)
        graph = program.graph(location.variant, overrides)
        program.check_usage([location.variant])
    diagnostics.raise_errors()
    assert graph is not None  # of what gives none, something was said
    return as_network(graph, files_of(program, location))


def files_of(program: "Program", location: "Location") -> "tuple[Path, ...]":
    """The files that a document was read from; none for text without a file."""
    from pathlib import Path

    texts = program.document.files if location.folder is not None else ()
    return tuple(Path(each.name) for each in texts)


def open_program(text: SourceText, folder: "Path | None", diagnostics: Diagnostics) -> "Program":
    """A text taken apart and checked for form."""
    from netspec.elaborate import Program
    from netspec.language.library import parse_document

    return Program(parse_document(text, diagnostics, folder), diagnostics)


@distinct
class Checked:
    """What is to be said about a text, and as far as it can be read, what it holds: `graph` is the
    network of its own vars.
    """

    diagnostics: Diagnostics
    program: "Program | None" = None
    graph: Graph | None = None


def check_text(
    text: SourceText, location: "Location", overrides: "Overrides | None" = None
) -> Diagnostics:
    """Everything to be said about a text, as `checked` finds it."""
    return checked(text, location, overrides).diagnostics


def checked(
    text: SourceText, location: "Location", overrides: "Overrides | None" = None
) -> Checked:
    """A text checked in its own vars and each variant, or in the one that the location names.

    Overrides make other networks of it, which aren't held to what it expects.
    """
    from netspec.analysis.expectations import Complaints, judge
    from netspec.elaborate import Overrides
    from netspec.elaborate.expectations import Expectations

    diagnostics, said, complaints = Diagnostics(), Diagnostics(), Complaints()
    program, own = None, None
    with uncollected():
        try:
            program = open_program(text, location.folder, diagnostics)
            every: list[str | None] = [None, *program.document.variants]
            # Apart, for it takes no mistake in what is expected to have a network.
            expectations = Expectations(program.document, said, program.budget)
            chosen = [location.variant] if location.variant is not None else every
            for variant in chosen:
                graph = program.graph(variant, overrides or Overrides())
                own = graph if variant is None else own
                if graph is not None and not graph.overrides:
                    expected = expectations.of(variant, graph.variables)
                    complaints.add(judge(graph, expected), variant)
            said.extend(complaints)
            program.check_usage(chosen)
            if len(chosen) == len(every):
                program.check_unused(expectations.names)
        except SpecError as error:
            diagnostics.extend(error.diagnostics)
    with suppress(SpecError):  # after too many mistakes, as the last of them says
        diagnostics.extend(said.sorted())
    return Checked(diagnostics, program, own)


def as_network(graph: Graph, files: "tuple[Path, ...]" = ()) -> Network:
    """A graph with the public verbs, read from these files; its layers needn't have been made."""
    network = object.__new__(Network)
    network.__dict__.update(graph.__dict__, files=files)
    return network


@contextmanager
def uncollected() -> Iterator[None]:
    """Without Python's cyclic garbage collector, which walks all of a large spec again and again.

    Composing 100,000 layers costs six times as much with it.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
