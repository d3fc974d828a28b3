"""Training as a real Caffe's solvers do it: the same weights after every step."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from netspec import Network, loads
from netspec.caffe_files import recipe_of, spec_with_weights, tree_of
from netspec.diagnostics import Diagnostics, SourceText
from netspec.importers.caffe.network import Asked
from netspec.lower.torch import to_torch
from tests.lower.training.scripts import loaded, steps_of

FACTS = json.loads((Path(__file__).parent / "caffe_solver.json").read_text())
CASES: list[dict[str, Any]] = FACTS["cases"]


@cache
def network(number: int) -> Network:
    tree = tree_of(SourceText("net.prototxt", FACTS["nets"][number]), Diagnostics())
    asked = Asked(phases=("TRAIN", "TEST"), stages=frozenset(), level=0, shapes={}, partial=False)
    return loads(spec_with_weights(tree, asked, "Net", Diagnostics())[0])


def recipe(case: dict[str, Any]) -> str:
    """The solver as `netspec import` has it, and what a script needs to know besides."""
    tree = tree_of(SourceText("solver.prototxt", case["solver"]), Diagnostics())
    text = recipe_of(tree, Diagnostics())
    if "max_iter" not in text:
        text += f"max_iter: {len(case['weights'])}\n"
    return (
        text
        + "data: {format: npz, train: data.npz, shuffle: false}\nbatch_size: 4\nsnapshot: 1\n"
        + "precision: float64\nweights: [start.safetensors]\n"
    )


def names(graph: Network, blobs: list[str]) -> dict[str, str]:
    """Caffe's blobs by the names of the module's parameters."""
    found = {}
    for name, _ in to_torch(graph, init=False).named_parameters():
        layer, _, kind = name.rpartition(".")
        # Caffe has BatchNorm's scale in a layer of its own.
        found[name] = f"{'sc' if layer == 'bn' else layer}/{int(kind == 'bias')}"
    assert set(found.values()) <= set(blobs)
    return found


@pytest.mark.parametrize("case", CASES, ids=[each["name"] for each in CASES])
def test_every_step(case: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    graph = network(case["net"])
    initial = FACTS["initial"][case["initial"]]
    passes = FACTS["batches"][case["batches"]]
    model = to_torch(graph, init=True).double()
    known = names(graph, case["blobs"])
    with torch.no_grad():
        for name, blob in known.items():
            model.get_parameter(name).copy_(torch.tensor(initial[blob], dtype=torch.float64))
    start = {name: value.clone() for name, value in model.state_dict().items()}
    save_file(start, "start.safetensors")
    arrays: dict[str, Any] = {
        name: np.concatenate([each[name] for each in passes]) for name in passes[0]
    }
    np.savez("data.npz", **arrays)
    with loaded(graph, recipe(case)) as script:
        saved = steps_of(script, tmp_path / "run", tmp_path)
    assert len(saved) == len(case["weights"])
    for step, (state, blobs) in enumerate(zip(saved, case["weights"], strict=True)):
        expected = dict(zip(case["blobs"], blobs, strict=True))
        for name, blob in known.items():
            wanted = torch.tensor(expected[blob], dtype=torch.float64)
            off = (state["model"][name] - wanted).abs().max().item()
            assert off < 1e-6, f"{name} after step {step + 1}"
