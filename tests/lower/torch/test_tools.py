"""The catalogue, and stock networks, through PyTorch's tools that look into modules.

What a tool can't do stands in docs/pytorch.md, in its own words; that it still can't is held here.
"""

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from unittest.mock import patch

import pytest
import torch
from torch import Tensor

import netspec
from netspec import Graph, SpecError, loads
from netspec.graph import Phase
from netspec.graph.sizes import symbol
from netspec.layers import CATALOGUE
from netspec.lower.torch import to_torch
from tests.layers.recipes.every import RECIPES
from tests.layers.recipes.recipe import VALUES, Input, Sizes
from tests.layers.recipes.text import spec_text, values
from tests.layers.test_walk import grid
from tests.lower.torch.checks import assert_same
from tests.lower.torch.tools import PAGE, TOOLS, Case, limits, ordered, quiet

OPENED = {7: symbol("H"), 6: symbol("W")}
"""The height and width of the recipes' images, symbolic wherever the layer lets them."""

SIZES: tuple[Mapping[str, int], ...] = (
    {"N": 2, "H": 9, "W": 8, "R": 3},
    {"N": 3, "H": 12, "W": 10, "R": 4},
)
"""The tools see the first; what they make is run on the second too."""

LIMITS = limits()
REFUSALS = (AttributeError, TypeError, RuntimeError)
SLOW = ("export", "compile")
QUICK = [name for name in TOOLS if name not in SLOW]
CHOICE = (
    ("export", "Pooling"),
    ("export", "SPP"),
    ("export", "ROIPooling"),
    ("export", "ROIAlign"),
    ("compile", "SPP"),
    ("compile", "ROIPooling"),
)
"""What the slow tools are tried on in a quick run."""


def opened(shape: Sizes) -> Sizes:
    if len(shape) != 4:
        return shape
    return tuple(OPENED.get(size, size) if isinstance(size, int) else size for size in shape)


def uses(name: str, count: int | None) -> Iterator[tuple[str, Graph, dict[str, Input]]]:
    recipe = RECIPES[name]
    for use in islice(grid(recipe, whole=False), count):
        further = tuple(replace(each, shape=opened(each.shape)) for each in use.further)
        for shape, each in ((opened(recipe.on), replace(use, further=further)), (recipe.on, use)):
            text, inputs = spec_text(name, shape, each)
            try:
                graph = loads(text)
            except SpecError:
                continue
            yield text, graph, inputs
            break


def phases(graph: Graph) -> list[Phase]:
    only = any(node.phase is Phase.TRAIN for node in graph.nodes)
    return [Phase.TRAIN] if only else [Phase.TEST, Phase.TRAIN]


def inputs_at(
    graph: Graph, phase: Phase, inputs: Mapping[str, Input], sizes: Mapping[str, int]
) -> tuple[Tensor, ...]:
    with patch.dict(VALUES, sizes):
        made = {name: torch.from_numpy(values(name, each)) for name, each in inputs.items()}
    read = {blob.name for blob in graph.phase(phase).inputs}
    return tuple(made[blob.name] for blob in ordered(graph) if blob.name in read)


def check_use(tool: str, name: str, text: str, graph: Graph, inputs: dict[str, Input]) -> None:
    """The tool takes the module in each phase; what it makes gives what the module gives."""
    for phase in phases(graph):
        several = [inputs_at(graph, phase, inputs, sizes) for sizes in SIZES]
        model = to_torch(graph).train(phase is Phase.TRAIN)
        words = LIMITS.get((tool, name, phase))
        try:
            if words is None:
                check(tool, Case(model, several[0], graph), several)
                continue
            with quiet(), pytest.raises(REFUSALS, match=re.escape(words)):
                use(tool, Case(model, several[0], graph))
        except Exception as error:
            error.add_note(f"{tool} in {phase}:\n{text}")
            raise


def use(tool: str, case: Case) -> None:
    """Run what the tool makes, if that isn't done."""
    made = TOOLS[tool](case)
    if made is not None:
        made(*case.inputs)


def check(tool: str, case: Case, several: list[tuple[Tensor, ...]]) -> None:
    """The same results at all sizes, from the same random numbers."""
    plain = copy.deepcopy(case.model)
    with quiet():
        made = TOOLS[tool](case)
        if made is None:
            return
        for inputs in several:
            torch.manual_seed(0)
            expected = copy.deepcopy(plain)(*inputs)
            torch.manual_seed(0)
            assert_same(made(*inputs), expected)


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_layer(name: str) -> None:
    for text, graph, inputs in uses(name, 1):
        for tool in QUICK:
            check_use(tool, name, text, graph, inputs)


@pytest.mark.parametrize(("tool", "name"), CHOICE)
def test_a_layer_in_a_slow_tool(tool: str, name: str) -> None:
    for use in uses(name, 1):
        check_use(tool, name, *use)


@pytest.mark.slow
@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("name", CATALOGUE)
def test_every_use_of_a_layer(name: str, tool: str) -> None:
    for use in uses(name, None):
        check_use(tool, name, *use)


def network(name: str) -> tuple[Graph, list[tuple[Tensor, ...]]]:
    """A stock network and batches for it; with labels where training takes them."""
    graph = netspec.load(name)
    sizes = [size if isinstance(size, int) else 64 for size in graph.inputs[0].shape[1:]]
    batches = [(torch.randn(batch, *sizes),) for batch in (2, 3)]
    return graph, list(batches)


def check_network(tool: str, name: str) -> None:
    graph, several = network(name)
    for phase in (Phase.TEST, Phase.TRAIN):
        given = several
        if len(ordered(graph)) > 1 and phase is Phase.TRAIN:
            given = [(data, torch.arange(len(data))) for (data,) in several]
        model = to_torch(graph).train(phase is Phase.TRAIN)
        check(tool, Case(model, given[0], graph), given)


@pytest.mark.parametrize("tool", [*QUICK, "export"])
def test_a_stock_network(tool: str) -> None:
    check_network(tool, "lenet")


@pytest.mark.slow
@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("name", ["alexnet", "googlenet", "resnet18", "resnet20"])
def test_other_stock_networks(name: str, tool: str) -> None:
    check_network(tool, name)


NUMBERED = """
netspec: 1
name: Net
inputs: {data: [N, 3, H, W]}
blocks:
  unit:
    args: {norm: true}
    layers:
      - {type: Convolution, num_output: 3, kernel_size: 3, pad: 1}
      - {type: BatchNorm, when: $norm}
      - {type: ReLU}
      - {type: Convolution, num_output: 3, kernel_size: 3, pad: 1}
      - {type: Eltwise, bottom: [previous, input]}
layers:
  - {type: Convolution, num_output: 3, kernel_size: 1}
  - {name: units, type: unit, repeat: 2, norm: $(i > 0)}
  - name: stack
    layers: [{name: conv$i, type: Convolution, num_output: 3, kernel_size: 1, repeat: 4}]
"""


@pytest.mark.parametrize("tool", [*QUICK, "export"])
def test_modules_with_numbers(tool: str) -> None:
    graph = loads(NUMBERED)
    given: list[tuple[Tensor, ...]] = [(torch.randn(batch, 3, 12, 16),) for batch in (2, 3)]
    for phase in (Phase.TEST, Phase.TRAIN):
        model = to_torch(graph).train(phase is Phase.TRAIN)
        check(tool, Case(model, given[0], graph), given)


def test_several_losses_in_script() -> None:
    """Results that hang on one input or another: both phases, in one scripted module."""
    graph = loads(
        """
netspec: 1
name: Net
inputs:
  data: [N, 6]
  label: {shape: [N], dtype: int64, phase: TRAIN}
  wanted: {shape: [N, 6], phase: TRAIN}
layers:
  - {name: fc, type: InnerProduct, num_output: 6}
  - {name: loss, type: SoftmaxWithLoss, bottom: [fc, label], phase: TRAIN}
  - {name: far, type: EuclideanLoss, bottom: [fc, wanted], phase: TRAIN}
outputs: [fc]
"""
    )
    model = to_torch(graph).train()
    with quiet():
        scripted = torch.jit.script(model)
    data, label, wanted = torch.randn(3, 6), torch.tensor([0, 1, 2]), torch.randn(3, 6)
    for inputs in ((data,), (data, label), (data, None, wanted), (data, label, wanted)):
        assert_same(scripted(*inputs), model(*inputs))
    assert set(model(data, label, wanted)) == {"fc", "loss", "far"}
    assert_same(scripted.eval()(data), model.eval()(data))


def test_the_page_lists_the_tools() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert all(f"| `{tool}` |" in text for tool in TOOLS)
    assert {(tool, name) for tool, name, _ in LIMITS} <= {(t, n) for t in TOOLS for n in CATALOGUE}
