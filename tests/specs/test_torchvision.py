"""Stock networks that torchvision has: the very names, shapes, order and costs."""

from types import ModuleType

import pytest
from torch import nn

from tests.specs.measuring import stock
from tests.specs.parity import theirs_on_meta
from tests.specs.reference import torchvision

NAMES = list(torchvision())


@pytest.mark.parametrize("name", NAMES)
def test_parameters(name: str) -> None:
    """Those of both phases: what torchvision's state_dict holds, in its order."""
    expected = torchvision()[name]
    parameters = stock(name).parameters
    assert [(p.name, p.shape) for p in parameters] == expected.state_dict
    assert [p.name for p in parameters if p.buffer] == expected.buffers
    assert stock(name).phase("TRAIN").params == expected.params


@pytest.mark.parametrize("name", NAMES)
def test_macs(name: str) -> None:
    expected = torchvision()[name]
    network = stock(name)
    assert {node.path: node.macs for node in network if node.macs} == expected.layer_macs
    assert network.macs == expected.macs


@pytest.mark.parametrize("name", NAMES)
def test_output_shapes(name: str) -> None:
    """Every module of torchvision's is a layer here, and gives the same shape."""
    expected = torchvision()[name].shapes
    found = {node.path: (1, *node.top[0][1:]) for node in stock(name)}
    assert {path: found[path] for path in expected} == expected


def test_auxiliary_classifiers_cost_what_torchvisions_do() -> None:
    assert stock("googlenet_bn").phase("TRAIN").macs == 1_506_748_416


@pytest.mark.parametrize("name", NAMES)
def test_the_recorded_figures_are_torchvisions(models: ModuleType, name: str) -> None:
    recorded = torchvision()[name]
    state = theirs_on_meta(models, name).state_dict(keep_vars=True)
    assert [(key, tuple(value.shape)) for key, value in state.items()] == recorded.state_dict
    buffers = [key for key, value in state.items() if not isinstance(value, nn.Parameter)]
    assert buffers == recorded.buffers
    meta = models.get_model_weights(recorded.model).DEFAULT.meta
    assert round(recorded.macs / 1e9, 3) == meta["_ops"]
