"""Every layer of the catalogue at the oldest, a middle and the newest opset that runs: valid, and
equal to PyTorch. (`tests/layers/test_walk.py` has all its fields.)
"""

import numpy as np
import pytest
import torch

import netspec
from netspec.layers import CATALOGUE
from netspec.lower.onnx.layers.catalogue import LOWERINGS
from netspec.lower.onnx.model import to_model
from netspec.lower.onnx.opsets import OLDEST_OPSET
from netspec.lower.onnx.options import Options
from tests.layers.recipes.every import RECIPES
from tests.layers.recipes.recipe import VALUES
from tests.layers.recipes.text import spec_text, values
from tests.layers.test_walk import grid
from tests.lower.onnx.checks import NEWEST, assert_valid, run, weights_at_random

LOWERED = [name for name, layer in CATALOGUE.items() if layer in LOWERINGS]


@pytest.mark.parametrize("opset", [OLDEST_OPSET, 17, NEWEST])
@pytest.mark.parametrize("name", LOWERED)
def test_equal_to_torch(name: str, opset: int, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = RECIPES[name]
    text, inputs = spec_text(name, recipe.on, next(grid(recipe, whole=False)))
    net = netspec.loads(text)
    weights = weights_at_random(net)
    model = to_model(net, Options(weights, opset=opset))
    assert_valid(model)
    module = net.to_torch(init=False)
    module.load_state_dict({key: torch.from_numpy(weights[key].copy()) for key in weights})
    module.eval()
    for batch in (2, 3):
        monkeypatch.setitem(VALUES, "N", batch)
        arrays = {key: values(key, each) for key, each in inputs.items()}
        with torch.no_grad():
            made = module(**{key: torch.from_numpy(each) for key, each in arrays.items()})
        results = list(made.values()) if isinstance(made, dict) else [made]
        # What a Parameter layer gives is the parameter itself.
        expected = [each.detach() for each in results]
        found = run(model, *(arrays[each.name] for each in model.graph.input))
        for ours, theirs in zip(found, expected, strict=True):
            scale = max(1.0, float(theirs.abs().max()))
            np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-5, atol=1e-5 * scale)
