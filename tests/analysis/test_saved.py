"""What autograd keeps of every layer of the catalogue is what is predicted, to the byte."""

from collections.abc import Collection, Iterator, Mapping

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from netspec import SpecError, loads
from netspec.analysis.saved import saved
from netspec.eager.open_size import OpenSize
from netspec.eager.registry import rule_of
from netspec.graph import Graph, Phase, Size
from netspec.graph.sizes import rows_of, substitute
from netspec.layers import CATALOGUE
from netspec.lower.torch import to_torch
from tests.analysis.hooks import kept, without_onednn
from tests.layers.recipes.every import RECIPES
from tests.layers.recipes.recipe import VALUES, Input, Sizes, Use, at
from tests.layers.recipes.text import spec_text, values
from tests.layers.test_walk import QUICK, THOROUGH, _uses, grid

every_layer = pytest.mark.parametrize("name", CATALOGUE)


@pytest.fixture(autouse=True)
def _own_kernels() -> Iterator[None]:
    with without_onednn():
        yield


@every_layer
def test_a_layer_has_a_rule(name: str) -> None:
    assert rule_of(CATALOGUE[name]) is not None


@every_layer
def test_the_grid(name: str) -> None:
    for use in grid(RECIPES[name], whole=False):
        check_use(name, RECIPES[name].on, use)


@pytest.mark.slow
@every_layer
def test_the_whole_grid(name: str) -> None:
    for use in grid(RECIPES[name], whole=True):
        check_use(name, RECIPES[name].on, use)


@every_layer
@QUICK
@given(st.data())
def test_drawn(name: str, data: st.DataObject) -> None:
    check_use(name, *data.draw(_uses(RECIPES[name])))


@pytest.mark.slow
@every_layer
@THOROUGH
@given(st.data())
def test_drawn_often(name: str, data: st.DataObject) -> None:
    check_use(name, *data.draw(_uses(RECIPES[name])))


def check_use(name: str, shape: Sizes, use: Use) -> None:
    """Of a layer alone, for batches of several sizes, with and without gradients of what it reads;
    in numbers, and as a formula where there is one.
    """
    text, inputs = spec_text(name, shape, use)
    try:
        graph = loads(text)
    except SpecError:
        return
    model = to_torch(graph).train()
    real = {key for key, each in inputs.items() if each.kind in ("real", "positive", "targets")}
    for needing in ((), real):
        formula = formula_of(graph, "float32", needing)
        for batch in (1, 2, 3):
            sizes = {**{name: at(size) for name, size in VALUES.items()}, "N": batch}
            try:
                found = kept(model, tensors(graph, inputs, sizes, needing))
            except (ValueError, RuntimeError):
                assert batch == 1  # PyTorch has no variance of a single number
                continue
            rows: dict[str, Size] = {str(rows_of("here")): found.matches}
            told = substitute(saved(graph, sizes=sizes, needing=needing).total, rows)
            assert told == found.size, (text, needing, batch)
            if formula is not None and batch > 1:
                assert substitute(formula, {**sizes, **rows}) == told, (text, needing, formula)


def formula_of(graph: Graph, precision: str, needing: Collection[str]) -> Size | None:
    """The same of symbols, where there is such a formula."""
    try:
        return saved(graph, precision, needing=needing).total
    except OpenSize:
        return None


def tensors(
    graph: Graph, inputs: Mapping[str, Input], sizes: dict[str, int], needing: Collection[str]
) -> dict[str, torch.Tensor]:
    """Values for the inputs of the TRAIN phase at numbers for the symbols."""
    found = {}
    for blob in graph.phase(Phase.TRAIN).inputs:
        shape = [int(each) for each in blob.shape.substitute({**sizes})]  # type: ignore[arg-type]
        array = np.resize(values(blob.name, inputs[blob.name]), shape)
        if inputs[blob.name].kind == "regions":
            array[:, 0] %= sizes["N"]
        found[blob.name] = torch.from_numpy(array).requires_grad_(blob.name in needing)
    return found
