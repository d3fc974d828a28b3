"""What holds for every spec that `check` accepts, whatever it says, in each of its variants."""

import copy
import pickle
from collections.abc import Callable
from typing import TypeVar

import onnx
import torch
import yaml

import netspec
from netspec import SpecError
from netspec.analysis.bars import Bars
from netspec.analysis.summary import summarize
from netspec.analysis.table import Layout, render
from netspec.api import check_text
from netspec.diagnostics import SourceText
from netspec.graph import Graph
from netspec.graph.sizes import symbols
from netspec.lower.flat import to_flat
from netspec.lower.onnx.model import to_model
from netspec.lower.onnx.options import Options
from netspec.lower.torch.memory.compiled import run
from netspec.network import Network
from netspec.stock import Location
from tests.whole import check_whole

Made = TypeVar("Made")

LARGEST = 2**24
"""Elements of a network's weights that are worth building it."""


def check_promises(text: str) -> int:
    """How many networks a text describes, each of which keeps what is promised; none where `check`
    refuses it.
    """
    checked = check_text(SourceText("x.yaml", text), Location(None, "x.yaml"))
    networks = {}
    for variant in _variants(text) if not checked.has_errors else ():
        try:
            networks[variant] = netspec.loads(text, variant=variant)
        except SpecError as error:
            raise AssertionError(f"`check` accepts it, but {variant} fails") from error
    for variant, network in _few(networks).items():
        source = check_network(network)
        if source is not None:
            check_copies(network, source)
        if network.nodes:
            middle = network.nodes[len(network.nodes) // 2].path
            part = netspec.loads(text, variant=variant, outputs=[middle])
            check_part(network, part)
    return len(networks)


def _variants(text: str) -> list[str | None]:
    """All ways to compile a text that `check` has accepted."""
    document = yaml.load(text, yaml.CBaseLoader)
    return [None, *document.get("variants", {})]


def _few(networks: dict[str | None, Network]) -> dict[str | None, Network]:
    """The first and the last two: compiling them takes longer than telling that they're right."""
    chosen = [*networks][:1] + [*networks][1:][-2:]
    return {variant: networks[variant] for variant in chosen}


def check_part(whole: Network, part: Network) -> None:
    """A part is a network in which everything is needed, and whose weights are the whole's."""
    read = {blob.name for node in part.nodes for blob in node.bottoms}
    read.update(blob.name for blob in part.results)
    needed = [node for node in part.nodes if read & {blob.name for blob in node.tops}]
    modules = {node.module for node in needed}
    owners = {parameter.owner for node in needed for parameter in node.parameters}
    for node in part.nodes:
        assert node.module in modules or owners & {each.name for each in node.parameters}
    assert {blob.name for blob in part.inputs} <= read or len(part.inputs) == 1
    names = [parameter.name for parameter in whole.parameters]
    assert {parameter.name for parameter in part.parameters} | part.left_out.keys() == {*names}
    check_network(part)


def check_network(network: Network) -> str | None:
    """What each target promises of a network; its source, unless that is refused."""
    check_whole(network)
    check_flat(network)
    check_summary(network)
    check_onnx(network)
    return check_source(network)


def assert_same(first: Graph, second: Graph) -> None:
    """Two graphs are one network, wherever their texts come from."""
    assert second.class_name == first.class_name
    assert (second.doc, second.source) == (first.doc, first.source)
    assert second.inputs == first.inputs
    assert second.nodes == first.nodes
    assert [node.doc for node in second.nodes] == [node.doc for node in first.nodes]
    assert second.results == first.results
    for blob in first.results:
        name, again = first.result_name(blob), second.result_name(blob)
        # A scope that gives something else than its last layer does can't be said by dotted names.
        assert again == name or (again == blob.name and _is_scope(first, name))
    assert second.losses == first.losses
    assert second.parameters == first.parameters
    for phase in ("TRAIN", "TEST"):
        assert second.phase(phase).parameters == first.phase(phase).parameters


def _is_scope(graph: Graph, name: str) -> bool:
    return any(node.path.startswith(f"{name}.") for node in graph.nodes)


def check_flat(network: Graph) -> None:
    """The flat spec is the same network, and its own flat spec."""
    flat = to_flat(network)
    again = netspec.loads(flat)
    assert_same(network, again)
    assert to_flat(again) == flat
    found = check_text(SourceText("flat.yaml", flat), Location(None, "flat.yaml"))
    assert not found.has_errors, found.sorted()


def lowered(lower: Callable[[], Made]) -> Made | None:
    """What a target makes; None where it says that it can't."""
    try:
        return lower()
    except SpecError as error:
        codes = {each.code for each in error.diagnostics}
    assert codes == {"not-lowerable"}
    return None


def check_summary(network: Network) -> None:
    """Every layer of the phase has its line, which is no wider than a terminal."""
    lines = network.summary().splitlines()
    assert all(any(line.startswith(node.path) for line in lines) for node in network)
    network.summary(depth=1)
    fitted = render(summarize(network), Layout(60, Bars.BLOCKS)).splitlines()
    assert max(map(len, fitted)) <= 60
    assert len(fitted) >= len(network)


def check_source(network: Network) -> str | None:
    """The source runs, and its module holds what the graph says; None where it's refused."""
    source = lowered(network.to_source)
    if source is None:
        return None
    defined = run(source, network.class_name)
    if network.params <= LARGEST:
        with torch.device("meta"):
            model = defined[network.class_name]()
        expected = [(each.name, each.shape) for each in network.parameters]
        found = [(name, tuple(each.shape)) for name, each in model.state_dict().items()]
        assert found == expected
    return source


def check_copies(network: Network, source: str) -> None:
    """A copy is the network, and is written as it is."""
    copied = copy.deepcopy(network)
    pickled = pickle.loads(pickle.dumps(network))
    assert copied == pickled == network
    assert pickled.to_source() == source


def check_onnx(network: Network) -> None:
    """The file is valid; a network that can't be one is refused."""
    model = lowered(lambda: to_model(network, Options(no_weights=True)))
    if model is None:
        return
    onnx.checker.check_model(model, full_check=True)
    view = network.phase("TEST")
    assert [each.name for each in model.graph.output] == list(view.outputs)
    for value, blob in zip(model.graph.output, view.results, strict=True):
        sizes = [d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim]
        assert sizes == blob.shape.to_json() or any(map(symbols, blob.shape))
