"""Random networks whose blocks compute: the module is the network, for every value of its vars."""

import inspect
import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from netspec import SpecError, loads
from netspec.graph import Graph, Node
from netspec.graph import Phase as When
from netspec.lower.torch import Options, instrumented, to_source, to_torch
from tests.layers.recipes.recipe import Draw
from tests.lower.torch.checks import check_init, check_text
from tests.random.reference import COMPUTE, Weights, computed
from tests.random.test_random import SETTINGS
from tests.random.translated import spec

LAYERS, WEIGHTS = 100, 200_000
"""So many at most are tried; more take too long."""
OTHERS: dict[str, list[Any]] = {
    "v": [0, 1, 2, 3, 5, 12],
    "w": [0, 1, 2, 3, 5],
    "t": [[1, 2, 3], [3, 2, 1], [2, 2, 2], [0, 5, 4]],
    "d": [1, 4, 9],
}
"""Values of the vars that may be parameters."""


def _relu(node: Node, own: Weights, read: Sequence[Tensor], training: bool) -> Tensor:
    layer: Any = node.layer
    return F.leaky_relu(read[0], layer.negative_slope)


NUMBERED = COMPUTE | {"ReLU": _relu, "Dropout": lambda node, own, read, training: read[0]}


@st.composite
def specs(draw: Draw) -> str:
    return spec(draw)


@SETTINGS
@given(specs())
def test_what_blocks_compute_is_what_was_written(text: str) -> None:
    try:
        graph = loads(text)
    except SpecError:
        return
    if is_large(graph):
        return
    try:
        check(graph)
        check_values(graph, text)
    except SpecError as error:
        if {each.code for each in error.diagnostics} != {"not-lowerable"}:
            raise
    except Exception as error:
        error.add_note(text)
        raise


def is_large(graph: Graph) -> bool:
    weights = sum(math.prod(parameter.shape) for parameter in graph.parameters)
    return len(graph.nodes) > LAYERS or weights > WEIGHTS


def check(graph: Graph) -> None:
    """As users get it, layer by layer, and with other options."""
    check_text(to_source(graph))
    model = to_torch(graph)
    check_init(type(model))
    weights, inputs, blobs = check_module(graph, model)
    watched = instrumented(graph)
    watched.model.load_state_dict(weights)
    watched.model.eval()(*inputs.values())
    assert {*inputs, *watched.blobs} == blobs.keys()
    for name, each in watched.blobs.items():
        torch.testing.assert_close(each, blobs[name], msg=name)
    for options in (Options(inference=True, channels_last=True), Options(inplace=False)):
        other = to_torch(graph, weights=model, options=options).eval()
        check_results(other(*inputs.values()), graph, blobs, 1e-3)


def check_module(
    graph: Graph, model: nn.Module
) -> tuple[dict[str, Tensor], dict[str, Tensor], dict[str, Tensor]]:
    """The names, shapes and order of the weights, and the results; weights, inputs and blobs."""
    state = model.state_dict()
    found = [(name, tuple(each.shape)) for name, each in state.items()]
    assert found == [(each.name, each.shape) for each in graph.parameters]
    with torch.no_grad():
        for tensor in state.values():
            if tensor.is_floating_point():
                tensor.uniform_(0.1, 0.5)
    weights = {name: each.clone() for name, each in state.items()}
    inputs = {blob.name: torch.randn(2, *_known(blob.shape)) for blob in graph.inputs}
    blobs = computed(graph, weights, inputs, When.TEST, NUMBERED)
    check_results(model.eval()(*inputs.values()), graph, blobs, 1e-4)
    return weights, inputs, blobs


def _known(shape: Any) -> list[int]:
    return [size for size in shape if isinstance(size, int)]


def check_results(found: Any, graph: Graph, blobs: Mapping[str, Tensor], tolerance: float) -> None:
    expected = {graph.result_name(blob): blobs[blob.name] for blob in graph.results}
    named = found if isinstance(found, dict) else dict(zip(expected, [found], strict=True))
    assert list(named) == list(expected)
    for name, each in expected.items():
        torch.testing.assert_close(named[name], each, rtol=tolerance, atol=tolerance)


def check_values(graph: Graph, text: str) -> None:
    """For other values of its parameters the module is what the spec says, or it refuses counts."""
    network = type(to_torch(graph, init=False))
    for name in inspect.signature(network).parameters:
        for other in OTHERS[name]:
            try:
                changed = loads(text, **{name: other})
            except SpecError:
                continue
            if is_large(changed):
                continue
            model = made(network, name, other)
            if model is not None:
                check_module(changed, model)


def made(network: type[nn.Module], name: str, value: Any) -> nn.Module | None:
    """The network with another value of a parameter; None where it refuses a count."""
    try:
        return network(**{name: value})
    except ValueError as error:
        if not str(error).endswith("at least 1"):
            raise
        return None
