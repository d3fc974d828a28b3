"""From the tree of a prototxt to a graph, and the network that it was made of."""

from dataclasses import dataclass

from netspec.diagnostics import Diagnostics, SourceText
from netspec.elaborate import Overrides, Program
from netspec.graph import Graph
from netspec.importers.caffe.document import as_document, shapes
from netspec.importers.caffe.fields import Fields
from netspec.importers.caffe.later import settle
from netspec.importers.caffe.lints import folded
from netspec.importers.caffe.network import Asked, CaffeNetwork, network_of
from netspec.importers.caffe.reading import read_network
from netspec.importers.caffe.text import Message
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
    tree: Message, asked: Asked, default_name: str, diagnostics: Diagnostics
) -> Imported:
    """The network of a prototxt; SpecError with all that is wrong with it."""
    text = tree.place.source
    record = read_network(tree, diagnostics, partial=asked.partial)
    network = network_of(Fields(record), asked, default_name, diagnostics)
    if not network.entries and not diagnostics.has_errors:
        message = "nothing of this network is left to import: it has no layer that reads anything"
        diagnostics.error("not-importable", message, network.place.span)
    diagnostics.raise_errors()
    fixed = frozenset(asked.shapes)
    declared = shapes(network, fixed, batch=False)
    settle(network, lambda part: _part(part, declared, text), diagnostics)
    diagnostics.raise_errors()
    sizes = shapes(network, fixed, batch=True)
    found = Diagnostics()
    graph = _graph(as_document(network, sizes), text, found)
    batch = graph is not None and not found.has_errors
    if not batch:
        again = Diagnostics()
        other = _graph(as_document(network, declared), text, again) if declared != sizes else None
        if declared != sizes and (not again.has_errors or _places(again) != _places(found)):
            # What is wrong for any batch is told in these terms; else in those of the file.
            graph, sizes, found = other, declared, again
    diagnostics.extend(folded(found.sorted()))
    diagnostics.raise_errors()
    assert graph is not None  # of what gives none, something was said
    diagnostics.extend(misfits(network.entries, graph))
    diagnostics.raise_errors()
    return Imported(graph, network, sizes, batch)


def _places(diagnostics: Diagnostics) -> list[object]:
    return [(each.code, each.span) for each in diagnostics.sorted()]


def _part(network: CaffeNetwork, shapes: dict[str, list[int | str]], text: SourceText) -> Graph:
    """The graph of some of a network's layers; SpecError with what is wrong with them."""
    diagnostics = Diagnostics()
    program = Program(document_of(as_document(network, shapes), text, diagnostics), diagnostics)
    graph = program.graph(None, Overrides())
    diagnostics.raise_errors()
    assert graph is not None
    return graph


def _graph(top: Mapping, text: SourceText, diagnostics: Diagnostics) -> Graph | None:
    program = Program(document_of(top, text, diagnostics), diagnostics)
    graph = program.graph(None, Overrides())
    program.check_usage([None])
    return graph
