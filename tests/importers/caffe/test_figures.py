"""Small networks with a real Caffe's numbers: the same come of PyTorch and of ONNX Runtime.

`figures.json` holds facts, measured on a CPU build of BVLC Caffe (9b891540, 2020): what a layer
reads, its blobs, what it gives, in the TEST phase unless the name ends in `@train`.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netspec.api import loads
from netspec.caffe_files import spec_with_weights, tree_of, write_all
from netspec.diagnostics import Diagnostics, SourceText
from netspec.graph import Phase
from netspec.importers.caffe.network import Asked
from netspec.network import Network
from tests.importers.caffe.caffemodels import blob, net

FIGURES: dict[str, Any] = json.loads(Path(__file__).with_name("figures.json").read_text())


def text_of(case: dict[str, Any]) -> str:
    """The network, with its inputs in the form of old."""
    lines = []
    for name, values in case["inputs"].items():
        dims = " ".join(f"dim: {size}" for size in np.shape(values))
        lines.append(f'input: "{name}" input_shape {{ {dims} }}')
    return "\n".join([*lines, *case["layers"]])


def imported(case: dict[str, Any], phases: tuple[str, ...], folder: Path) -> Network:
    """The network's spec, with its weights beside it."""
    model = folder / "net.caffemodel"
    held = {name: [blob(each) for each in blobs] for name, blobs in case["blobs"].items()}
    model.write_bytes(net(**held))
    diagnostics = Diagnostics()
    tree = tree_of(SourceText("net.prototxt", text_of(case)), diagnostics)
    asked = Asked(phases=phases)
    given = model if held else None
    spec, weights = spec_with_weights(tree, asked, "net", diagnostics, model=given)
    assert not diagnostics.sorted()
    write_all(spec, [str(folder / "net.safetensors")] if held else [], weights)
    return loads(spec)


def fed(case: dict[str, Any], network: Network, phase: str) -> dict[str, np.ndarray[Any, Any]]:
    """What the inputs of a phase are given."""
    return {
        each.name: np.asarray(case["inputs"][each.name], each.type.dtype)
        for each in network.phase(phase).inputs
    }


def same(found: list[Any], case: dict[str, Any]) -> None:
    expected = list(case["outputs"].values())
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(np.reshape(one, np.shape(other)), other, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", FIGURES)
def test_what_caffe_gives(name: str, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    case = FIGURES[name]
    training = name.endswith("@train")
    network = imported(case, ("TRAIN",) if training else ("TRAIN", "TEST"), tmp_path)
    weights = tmp_path / "net.safetensors" if case["blobs"] else None
    phase = "TRAIN" if training or network.losses else "TEST"
    inputs = {each: torch.tensor(value) for each, value in fed(case, network, phase).items()}
    later = [each.name for each in network.inputs if each.phase is Phase.TRAIN]
    named = {each: inputs.pop(each) for each in later if each in inputs}
    model = network.to_torch(weights=weights).train(phase == "TRAIN")
    with torch.no_grad():
        given = model(*inputs.values(), **named)
    found = list(given.values()) if isinstance(given, dict) else [given]
    same([each.numpy() for each in found[-len(case["outputs"]) :]], case)


@pytest.mark.parametrize("name", [each for each in FIGURES if not each.endswith("@train")])
def test_what_caffe_gives_in_an_onnx_file(name: str, tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    case = FIGURES[name]
    network = imported(case, ("TRAIN", "TEST"), tmp_path)
    if network.losses:
        pytest.skip("an ONNX file has no losses")
    weights = tmp_path / "net.safetensors" if case["blobs"] else None
    network.to_onnx(tmp_path / "net.onnx", weights=weights)
    session = onnxruntime.InferenceSession(tmp_path / "net.onnx")
    same(session.run(None, fed(case, network, "TEST")), case)
