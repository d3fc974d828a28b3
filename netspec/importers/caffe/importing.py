"""From the text of a prototxt to a graph, and the network that it was made of."""

from dataclasses import dataclass, replace

from netspec.diagnostics import Diagnostic, Diagnostics, Severity, SourceText
from netspec.elaborate import Overrides, Program
from netspec.graph import Graph
from netspec.importers.caffe.check import check
from netspec.importers.caffe.document import as_document, shapes
from netspec.importers.caffe.fields import Fields
from netspec.importers.caffe.network import Asked, CaffeNetwork, read_network
from netspec.importers.caffe.records import Record
from netspec.importers.caffe.text import parse
from netspec.importers.caffe.windows import misfits
from netspec.language.library import document_of
from netspec.source import Mapping


@dataclass
class Imported:
    """A network from a prototxt: its graph, and what it was made of.

    `batch` is false where the network needs the batch that its file declares.
    """

    graph: Graph
    network: CaffeNetwork
    shapes: dict[str, list[int | str]]
    batch: bool


def import_caffe(
    text: SourceText, asked: Asked, default_name: str, diagnostics: Diagnostics
) -> Imported:
    """The network of a prototxt; SpecError with all that is wrong with it."""
    record = _checked(text, asked, diagnostics)
    network = read_network(Fields(record), asked, default_name, diagnostics)
    diagnostics.raise_errors()
    fixed = frozenset(asked.shapes)
    sizes = shapes(network, fixed, batch=True)
    found = Diagnostics()
    graph = _graph(as_document(network, sizes), text, found)
    batch = graph is not None and not found.has_errors
    if not batch:
        declared = shapes(network, fixed, batch=False)
        again = Diagnostics()
        other = _graph(as_document(network, declared), text, again) if declared != sizes else None
        if other is not None and not again.has_errors:
            graph, sizes, found = other, declared, again
    diagnostics.extend(found.sorted())
    diagnostics.raise_errors()
    assert graph is not None  # of what gives none, something was said
    diagnostics.extend(misfits(network.entries, graph))
    diagnostics.raise_errors()
    return Imported(graph, network, sizes, batch)


def _checked(text: SourceText, asked: Asked, diagnostics: Diagnostics) -> Record:
    """The fields of a prototxt; with `partial` those that none knows are only warned of."""
    message = parse(text, diagnostics)
    diagnostics.raise_errors()
    found = Diagnostics()
    record = check(message, "NetParameter", found)
    for each in found.sorted():
        passed_over = asked.partial and each.code == "unknown-field"
        diagnostics.add(as_warning(each) if passed_over else each)
    diagnostics.raise_errors()
    return record


def as_warning(error: Diagnostic) -> Diagnostic:
    """An error about something that is left out."""
    return replace(error, severity=Severity.WARNING, code="left-out")


def _graph(top: Mapping, text: SourceText, diagnostics: Diagnostics) -> Graph | None:
    program = Program(document_of(top, text, diagnostics), diagnostics)
    graph = program.graph(None, Overrides())
    program.check_usage([None])
    return graph
