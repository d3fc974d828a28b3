"""Random networks of blocks: whatever shares a class, the module is the network that was written.

`make random RUNS=2000` tries as many as it is told, other ones each time.
"""

from collections.abc import Mapping
from typing import Any

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from netspec import SpecError, loads
from netspec.graph import Graph, Phase
from netspec.lower.torch import Options, instrumented, to_source, to_torch
from tests.layers.recipes.recipe import Draw
from tests.lower.torch.checks import check_backward, check_init, check_trainable
from tests.random.nested import CHANNELS, spec
from tests.random.reference import computed
from tests.random.test_random import SETTINGS


@st.composite
def specs(draw: Draw) -> str:
    return spec(draw)


@SETTINGS
@given(specs())
def test_instances_of_a_block_are_what_was_written(text: str) -> None:
    check_spec(text)


def check_spec(text: str) -> None:
    """The network of a text is what was written, if the language and PyTorch take it."""
    try:
        graph = loads(text)
    except SpecError:
        return
    try:
        check(graph)
    except SpecError as error:
        # Parameters among modules, or a reuse that's joined otherwise: it says so.
        if {each.code for each in error.diagnostics} != {"not-lowerable"}:
            raise
    except Exception as error:
        error.add_note(text)
        raise


def check(graph: Graph) -> None:
    """Names, fillers, and what both phases give, layer by layer and as users get it."""
    compile(to_source(graph), "net.py", "exec")
    torch.manual_seed(0)
    model = to_torch(graph)
    check_parameters(graph, model)
    shake(model)
    weights = {name: each.clone() for name, each in model.state_dict().items()}
    watched = instrumented(graph)
    for phase in Phase:
        inputs = {blob.name: torch.randn(2, CHANNELS, 4, 4) for blob in graph.phase(phase).inputs}
        blobs = computed(graph, weights, inputs, phase)
        check_phase(graph.phase(phase), model, inputs, blobs)
        model.load_state_dict(weights)
        watched.model.load_state_dict(weights)
        watched.model.train(phase is Phase.TRAIN)(**inputs)
        for name, each in watched.blobs.items():
            torch.testing.assert_close(each, blobs[name], msg=name)
        assert {*inputs, *watched.blobs} == blobs.keys()
    # What is folded for use alone has classes of its own, and rounds otherwise.
    used = to_torch(graph, weights=model, options=Options(inference=True))
    check_phase(graph.phase(Phase.TEST), used, inputs, blobs, 1e-3)
    model = to_torch(graph, weights=model, options=Options(tuple_outputs=True, inplace=False))
    for phase in Phase:
        inputs = {blob.name: torch.randn(2, CHANNELS, 4, 4) for blob in graph.phase(phase).inputs}
        blobs = computed(graph, weights, inputs, phase)
        check_phase(graph.phase(phase), model, inputs, blobs)
        model.load_state_dict(weights)


def check_parameters(graph: Graph, model: nn.Module) -> None:
    """They have the names, shapes, order and constants of the graph, and are frozen or not."""
    expected = [(each.name, each.shape) for each in graph.parameters]
    state = model.state_dict()
    assert [(name, tuple(each.shape)) for name, each in state.items()] == expected
    check_trainable(graph, model)
    check_init(type(model))
    for each in graph.parameters:
        if each.filler.type == "constant":
            assert (state[each.name] == each.filler.value).all(), each.name


def shake(model: nn.Module) -> None:
    """Weights that are all different."""
    with torch.no_grad():
        for tensor in model.state_dict().values():
            if tensor.is_floating_point():
                tensor.uniform_(0.2, 0.6)


def check_phase(
    view: Graph,
    model: nn.Module,
    inputs: Mapping[str, Tensor],
    blobs: Mapping[str, Tensor],
    tolerance: float = 1e-5,
) -> None:
    """The results of one phase; inputs are left as they were, and a pass back finds all it needs.

    A loss is given beside the outputs.
    """
    given = {name: each.clone() for name, each in inputs.items()}
    found: Any = model.train(view.view is Phase.TRAIN)(**given)
    losses = [name for name in view.losses if name in blobs]
    expected = {view.result_name(blob): blobs[blob.name] for blob in view.results}
    expected |= {name: blobs[name] for name in losses}
    if isinstance(found, Tensor):
        found = (found,)
    named = found if isinstance(found, dict) else dict(zip(expected, found, strict=True))
    assert list(named) == list(expected)
    for name, each in expected.items():
        torch.testing.assert_close(named[name], each, rtol=tolerance, atol=tolerance)
    for name, each in given.items():
        assert torch.equal(each, inputs[name])
    check_backward(found)
