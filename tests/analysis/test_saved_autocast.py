"""What autograd keeps below autocast is what is predicted, to the byte."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest
import torch

import netspec
from netspec import SpecError, loads
from netspec.analysis.saved import saved
from netspec.analysis.storage import memory
from netspec.graph import Graph, Size
from netspec.graph.sizes import rows_of, substitute
from netspec.layers import CATALOGUE
from netspec.lower.torch import to_torch
from tests.analysis.hooks import kept, without_onednn
from tests.analysis.test_saved import formula_of, tensors
from tests.analysis.test_saved_stock import SIDE, inputs, symbols_of
from tests.layers.recipes.every import RECIPES
from tests.layers.recipes.recipe import VALUES, Input, at
from tests.layers.recipes.text import spec_text
from tests.layers.test_walk import grid

every_layer = pytest.mark.parametrize("name", CATALOGUE)
unfused = pytest.mark.filterwarnings("ignore:Mismatch dtype between input and weight")
WHICH = ("none", "all", "first", "others")
"""Which bottoms come from a layer that autocast runs in the lower type."""
SLOW = {"convnext_tiny", "densenet121", "googlenet_bn", "resnet18", "se_resnext50_32x4d"}


@pytest.fixture(autouse=True)
def _own_kernels() -> Iterator[None]:
    with without_onednn():
        yield


@every_layer
@unfused
def test_the_grid(name: str) -> None:
    check_grid(name, "bfloat16", "all", whole=False)


@pytest.mark.slow
@every_layer
@unfused
@pytest.mark.parametrize("which", WHICH)
@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_the_whole_grid(name: str, precision: str, which: str) -> None:
    check_grid(name, precision, which, whole=True)


def check_grid(name: str, precision: str, which: str, *, whole: bool) -> None:
    """Of a layer behind others that give it what it reads in the lower type: the bytes that are
    kept, and the types of what it gives.
    """
    for use in grid(RECIPES[name], whole=whole):
        text, given = spec_text(name, RECIPES[name].on, use)
        try:
            graph = loads(lowered(text, given, which))
        except SpecError:
            continue
        real = {key for key, each in given.items() if each.kind in ("real", "positive", "targets")}
        sizes = {**{name: at(size) for name, size in VALUES.items()}, "N": 2}
        model = to_torch(graph).train()
        for needing in ((), real) if whole else (real,):
            found = kept(model, tensors(graph, given, sizes, needing), precision)
            rows: dict[str, Size] = {str(rows_of("here")): found.matches}
            told = substitute(saved(graph, precision, sizes=sizes, needing=needing).total, rows)
            assert told == found.size, (graph, needing)
            formula = formula_of(graph, precision, needing)
            assert formula is None or substitute(formula, {**sizes, **rows}) == told
            ran = memory(graph, sizes=sizes, autocast=precision, needing=needing).tensors
            for result, tensor in _named(graph, found.results):
                assert f"torch.{ran[result].dtype}" == str(tensor.dtype), (graph, needing)


def _named(graph: Graph, results: Any) -> Iterable[tuple[str, torch.Tensor]]:
    return results.items() if isinstance(results, dict) else [(next(iter(graph.outputs)), results)]


def lowered(text: str, given: Mapping[str, Input], which: str) -> str:
    """The spec with a PReLU, which the CPU's autocast runs in the lower type, before some bottoms
    of the layer.
    """
    real = [k for k, e in given.items() if e.kind in ("real", "positive") and len(e.shape) > 1]
    layers = ""
    for name in {"none": [], "all": real, "first": real[:1], "others": real[1:]}[which]:
        text = re.sub(rf"(bottom: \[?[^\]}}]*?)\b{name}\b", rf"\1{name}_low", text)
        phase = ", phase: TRAIN" if name != "data" and "phase: TRAIN" in text else ""
        layers += (
            f"  - {{name: {name}_low, type: PReLU, bottom: {name}, channel_shared: true{phase}}}\n"
        )
    return text.replace("layers:\n", f"layers:\n{layers}")


@pytest.mark.parametrize(
    "name",
    ["lenet", "mobilenet_v3_small", "shufflenet_v2_x0_5", "swin_t"]
    + [pytest.param(name, marks=pytest.mark.slow) for name in sorted(SLOW)],
)
def test_a_stock_network(name: str) -> None:
    graph = netspec.load(name)
    sizes = {name: 2 if name == "N" else SIDE for name in symbols_of(graph)}
    found = kept(to_torch(graph, init=True).train(), inputs(graph, sizes, "cpu"), "bfloat16")
    assert saved(graph, "bfloat16", sizes=sizes).total == found.size


@pytest.mark.parametrize(("heads", "causal"), [(4, False), (2, False), (4, True)])
@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_attention_with_dropout_runs_in_float32(heads: int, causal: bool, dropout: float) -> None:
    """PyTorch's steps of it make float32 of what comes in a lower type."""
    graph = loads(f"""
        netspec: 1
        name: Net
        inputs: {{data: {{shape: [2, 5, 8]}}}}
        layers:
          - {{name: q, type: InnerProduct, num_output: 8, axis: 2}}
          - {{name: k, type: InnerProduct, num_output: {2 * heads}, axis: 2, bottom: data}}
          - {{name: here, type: Attention, bottom: [q, k, k], heads: 4,
             kv_heads: {heads}, causal: {str(causal).lower()}, dropout_ratio: {dropout}}}
        outputs: [here]
    """)
    found = kept(to_torch(graph).train(), {"data": torch.zeros(2, 5, 8)}, "bfloat16")
    assert saved(graph, "bfloat16").total == found.size
    ran = memory(graph, autocast="bfloat16").tensors
    assert f"torch.{ran['here'].dtype}" == str(found.results.dtype)


def test_a_weight_is_cast_once() -> None:
    """However often it's used; what the first layer reads and gives is kept, too."""
    graph = loads("""
        netspec: 1
        name: Net
        inputs: {data: {shape: [8, 4]}}
        layers:
          - {name: one, type: InnerProduct, num_output: 4, bias_term: false, param: [{name: w}]}
          - {name: other, type: InnerProduct, num_output: 4, bias_term: false, param: [{name: w}]}
        outputs: [other]
    """)
    found = kept(to_torch(graph).train(), {"data": torch.zeros(8, 4)}, "bfloat16")
    assert saved(graph, "bfloat16").layers == {"one": 2 * (8 * 4 + 4 * 4 + 8 * 4)}
    assert saved(graph, "bfloat16").total == found.size
