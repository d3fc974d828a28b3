"""What a name means by the text alone, held against what the graphs of stock networks read."""

from collections.abc import Iterator

import pytest

from netspec.editor.lines import offsets
from netspec.editor.navigation import definition
from netspec.editor.occurrences import Occurrences
from netspec.editor.snapshot import take
from netspec.graph import Node
from netspec.language.document import Entry
from netspec.resources import stock_files
from netspec.source import Scalar, Sequence

STOCK = {path.stem: path for path in stock_files()}
BRANCHED = {"resnet", "googlenet", "fcn", "ssd", "nasnet"}
"""Those of which it is known that layers name their bottoms."""


def bottoms(entry: Entry) -> Iterator[Scalar]:
    """The names of layers among an entry's bottoms."""
    field = entry.fields.get("bottom")
    node = None if field is None else field.node
    for each in node.items if isinstance(node, Sequence) else [node]:
        plain = isinstance(each, Scalar) and "$" not in each.text and "*" not in each.text
        if plain and isinstance(each, Scalar) and each.text not in ("input", "previous"):
            yield each


@pytest.mark.parametrize("name", STOCK)
def test_a_bottom_leads_to_what_the_graph_reads(name: str) -> None:
    path = STOCK[name]
    snapshot = take(path.read_text(encoding="utf-8"), path.name, path.parent)
    names, graph = Occurrences(snapshot), snapshot.graph
    assert graph is not None
    followed = 0
    for _, _, entry in snapshot.entries:
        for scalar in bottoms(entry):
            made = [node for node in snapshot.made_of(entry) if isinstance(node, Node)]
            read = [blob.name for node in made for blob in node.bottoms]
            makers = {graph.makers[each].origin for each in read if each in graph.makers}
            spans = definition(names, offsets(scalar.span)[1])
            assert spans or scalar.text.rpartition(".")[2].isdigit(), scalar.span
            producers = [snapshot.entry_at(offsets(span)[0]) for span in spans]
            plain = [e for e in producers if e and e.body is None and "when" not in e.fields]
            nodes = [n for e in plain for n in snapshot.made_of(e) if isinstance(n, Node)]
            if made and nodes and len(plain) == len(spans):
                followed += 1
                assert makers & {node.origin for node in nodes}, scalar.span
    assert followed or name not in BRANCHED
