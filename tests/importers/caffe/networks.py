"""Small networks of Caffe's as a user would import them."""

import textwrap
from typing import Any

from netspec.api import as_network, loads
from netspec.diagnostics import Diagnostics, SourceText, SpecError
from netspec.diagnostics.render import render_text
from netspec.importers.caffe.importing import Imported, import_caffe
from netspec.importers.caffe.network import Asked
from netspec.importers.caffe.text import Message, parse
from netspec.importers.caffe.tidy.spec import Spec, spec_of
from netspec.network import Network

DATA = 'input: "data" input_shape { dim: 2 dim: 3 dim: 8 dim: 8 }\n'


def one(
    kind: str, settings: str = "", bottoms: str = 'bottom: "data"', tops: str = 'top: "x"'
) -> str:
    return f'layer {{ name: "x" type: "{kind}" {bottoms} {tops} {settings} }}'


def imported(text: str, **asked: Any) -> Imported:
    """The network of a text, which has no mistake."""
    diagnostics = Diagnostics()
    found = import_caffe(_tree(text, diagnostics), Asked(**asked), "net", diagnostics)
    assert not diagnostics.has_errors
    return found


def _tree(text: str, diagnostics: Diagnostics) -> Message:
    return parse(SourceText("net.prototxt", text), diagnostics)


def network(text: str, **asked: Any) -> Network:
    return as_network(imported(text, **asked).graph)


def spec(text: str, *, flat: bool = True, **asked: Any) -> Spec:
    """The spec of a text; it is the network that was imported, flat or not."""
    found = imported(text, **asked)
    made = spec_of(found, flat=flat)
    again = loads(made.text)
    same = [made.paths[node.path] for node in found.graph.nodes]
    assert [node.path for node in again.nodes] == same
    assert [node.layer for node in again.nodes] == [node.layer for node in found.graph.nodes]
    for phase in ("TRAIN", "TEST"):
        one, other = again.phase(phase), as_network(found.graph).phase(phase)
        assert (one.params, one.macs) == (other.params, other.macs)
    return made


def entries(text: str, **asked: Any) -> list[str]:
    """The entries of a flat spec, each on a line."""
    body = spec(text, **asked).text.partition("\nlayers:\n")[2].partition("\noutputs:")[0]
    joined = textwrap.dedent(body).replace("\n   ", " ")
    return [line.removeprefix("- {").removesuffix("}") for line in joined.splitlines()]


def layer(text: str, **asked: Any) -> str:
    """The only entry of a network of one layer, but for its name."""
    (entry,) = entries(DATA + text, **asked)
    return entry.partition(", ")[2]


def complaint(text: str, **asked: Any) -> str:
    """What is printed of a text that is refused."""
    diagnostics = Diagnostics()
    try:
        import_caffe(_tree(text, diagnostics), Asked(**asked), "net", diagnostics)
    except SpecError as error:
        return "\n".join(render_text(each) for each in error.diagnostics)
    raise AssertionError("it was taken")


def warnings(text: str, **asked: Any) -> str:
    """What is printed of a text that is imported all the same."""
    diagnostics = Diagnostics()
    import_caffe(_tree(text, diagnostics), Asked(**asked), "net", diagnostics)
    return "\n".join(render_text(each) for each in diagnostics.sorted())
