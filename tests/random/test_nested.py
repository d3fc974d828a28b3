"""Random networks of blocks: whatever shares a class, the module is the network that was written.

`make random RUNS=2000` tries as many as it is told, other ones each time.
"""

from typing import Any

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from netspec import Graph, SpecError, loads
from netspec.graph import Phase
from netspec.lower.torch import instrumented, to_source, to_torch
from netspec.lower.torch.options import Options
from tests.layers.recipes.recipe import Draw
from tests.lower.torch_checks import check_backward, check_trainable
from tests.random.nested import CHANNELS, spec
from tests.random.reference import computed
from tests.random.test_random import SETTINGS


@st.composite
def specs(draw: Draw) -> str:
    return spec(draw)


@SETTINGS
@given(specs())
def test_instances_of_a_block_are_what_was_written(text: str) -> None:
    try:
        graph = loads(text)
    except SpecError:
        return
    try:
        check(graph)
    except Exception as error:
        error.add_note(text)
        raise


def check(graph: Graph) -> None:
    """Names, fillers, and what both phases give, layer by layer and as users get it."""
    try:
        compile(to_source(graph), "net.py", "exec")
    except SpecError as error:
        assert {each.code for each in error.diagnostics} == {"not-lowerable"}
        return
    torch.manual_seed(0)
    model = to_torch(graph)
    expected = [(each.name, each.shape) for each in graph.parameters]
    assert [(name, tuple(each.shape)) for name, each in model.state_dict().items()] == expected
    check_trainable(graph, model)
    for each in graph.parameters:
        if each.filler.type == "constant":
            assert (model.state_dict()[each.name] == each.filler.value).all(), each.name
    shake(model)
    weights = {name: each.clone() for name, each in model.state_dict().items()}
    watched = instrumented(graph)
    for phase in Phase:
        data = torch.randn(2, CHANNELS, 4, 4)
        blobs = computed(graph, weights, data, phase)
        check_phase(graph.phase(phase), model, data, blobs)
        model.load_state_dict(weights)
        watched.model.load_state_dict(weights)
        watched.model.train(phase is Phase.TRAIN)(data)
        for name, each in watched.blobs.items():
            torch.testing.assert_close(each, blobs[name], msg=lambda told, name=name: name + told)
        assert {data_name(graph), *watched.blobs} == blobs.keys()
    # What is folded for use alone has classes of its own.
    used = to_torch(graph, weights=model, options=Options(inference=True))
    check_phase(graph.phase(Phase.TEST), used, data, computed(graph, weights, data, Phase.TEST))


def data_name(graph: Graph) -> str:
    return graph.inputs[0].name


def shake(model: nn.Module) -> None:
    """Weights that are all different."""
    with torch.no_grad():
        for tensor in model.state_dict().values():
            if tensor.is_floating_point():
                tensor.uniform_(0.5, 1)


def check_phase(view: Graph, model: nn.Module, data: Tensor, blobs: dict[str, Tensor]) -> None:
    """The results of one phase; the input is left as it was, and a pass back finds all it needs."""
    given = data.clone()
    found: Any = model.train(view.view is Phase.TRAIN)(given)
    named = found if isinstance(found, dict) else {view.result_name(view.results[0]): found}
    assert list(named) == [view.result_name(blob) for blob in view.results]
    for blob in view.results:
        torch.testing.assert_close(named[view.result_name(blob)], blobs[blob.name])
    assert torch.equal(given, data)
    check_backward(found)
