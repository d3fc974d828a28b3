"""From the tree of a prototxt to a graph, and the network that it was made of."""

from dataclasses import dataclass
from functools import partial

from netspec.diagnostics import Diagnostics, SourceText
from netspec.elaborate import Overrides, Program
from netspec.graph import Graph
from netspec.importers.caffe.document import as_document, shapes
from netspec.importers.caffe.fields import Fields
from netspec.importers.caffe.later import settle
from netspec.importers.caffe.lints import folded
from netspec.importers.caffe.network import Asked, CaffeNetwork, network_of, refuse_strangers
from netspec.importers.caffe.reading import read_network
from netspec.importers.caffe.records import Record
from netspec.importers.caffe.text import Message
from netspec.importers.caffe.windows import misfits
from netspec.importers.caffe.wiring import Unfit
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
    record = read_network(tree, diagnostics, partial=asked.partial)
    text = tree.place.source
    network, declared = _settled(record, asked, default_name, text, diagnostics)
    sizes = shapes(network, frozenset(asked.shapes), batch=True)
    found = Diagnostics()
    graph = _graph(as_document(network, sizes), text, found)
    batch = graph is not None and not found.has_errors and _steps_are_single(network, graph)
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


def _settled(
    record: Record, asked: Asked, default_name: str, text: SourceText, diagnostics: Diagnostics
) -> tuple[CaffeNetwork, dict[str, list[int | str]]]:
    """The network of a file, all of whose layers are known, and its inputs' shapes. What the shapes
    of its bottoms rule out is left out, if so asked, as if that were known beforehand.
    """
    unfit: Unfit = {}
    while True:
        found = Diagnostics()
        network = network_of(Fields(record), asked, default_name, found, unfit)
        declared = shapes(network, frozenset(asked.shapes), batch=False)
        more = {} if found.has_errors else settle(network, partial(_part, declared, text), found)
        if not more or not asked.partial:
            break
        unfit |= more
    diagnostics.extend(found.sorted())
    for error in more.values():
        diagnostics.extend(error.diagnostics)
    refuse_strangers(asked, network, diagnostics)
    diagnostics.raise_errors()
    return network, declared


def _steps_are_single(network: CaffeNetwork, graph: Graph) -> bool:
    """Whether no recurrent layer has the batch where its steps are: of an only step it might."""
    steps = {entry.name for entry in network.entries if entry.member is not None}
    return all(node.tops[0].shape[0] == 1 for node in graph.nodes if node.path in steps)


def _places(diagnostics: Diagnostics) -> list[object]:
    return [(each.code, each.span) for each in diagnostics.sorted()]


def _part(shapes: dict[str, list[int | str]], text: SourceText, network: CaffeNetwork) -> Graph:
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
