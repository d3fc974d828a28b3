"""Stock networks as ONNX files: valid at every kind of opset, and equal to PyTorch."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

import netspec
from netspec.diagnostics import SpecError
from netspec.lower.onnx.model import save, to_model
from netspec.lower.onnx.opsets import OLDEST_OPSET
from netspec.lower.onnx.options import Options
from netspec.lower.weights import fresh
from netspec.stock import locate
from tests.lower.onnx.checks import NEWEST, assert_valid, image, run_file
from tests.specs.measuring import IMAGE_NETWORKS, of_known_size

OPSETS = (OLDEST_OPSET, 17, NEWEST)
EXTENTS = (28, 32, 67, 96, 128, 224)


def first_of_each_file() -> Iterator[str]:
    seen: set[str] = set()
    for name in IMAGE_NETWORKS:
        location = locate(name)
        if location.name not in seen:
            seen.add(location.name)
            yield name


LARGE = {"mvit_v1_b", "deconvnet", "deeplab_largefov", "fcn32s", "fcn_resnet50", "segnet"}
"""Families without small members; tests of their own run them at a small size."""
SMALLEST = [
    pytest.param(name, marks=pytest.mark.slow) if name in LARGE else name
    for name in first_of_each_file()
]


def sized(name: str, extents: Iterable[int]) -> netspec.Graph | None:
    """The network at the smallest of these sizes that it allows; of a clip every frame is taken.

    Where labels are as large as images, the size is a var.
    """
    shape = netspec.load(name).inputs[0].shape
    for extent in extents:
        with suppress(SpecError):
            return netspec.load(name, inputs={"data": [*shape[:-2], extent, extent]})
        with suppress(SpecError):
            return netspec.load(name, size=extent)
        with suppress(SpecError):
            return netspec.load(name, height=extent, width=extent)
    return None


def verify_at(net: netspec.Graph, opset: int, folder: Path, fold: bool = False) -> None:
    """Valid by checker and inference; equal to PyTorch with the same weights, at two batches."""
    assert_valid(to_model(net, Options(opset=opset, no_weights=True, fold_batchnorm=fold)))
    weights = fresh(net)
    save(net, folder / "net.onnx", Options(weights, opset=opset, fold_batchnorm=fold))
    onnx.checker.check_model(str(folder / "net.onnx"), full_check=True)
    model = net.to_torch(init=False)
    tensors = {key: torch.from_numpy(np.array(weights[key])) for key in model.state_dict()}
    model.load_state_dict(tensors)
    model.eval()
    sizes = net.inputs[0].shape[1:]
    for batch in (1, 3):
        x = image(batch, *(size for size in sizes if isinstance(size, int)))
        with torch.no_grad():
            given = model(torch.from_numpy(x))
        results = given.values() if isinstance(given, dict) else [given]
        for found, each in zip(run_file(folder / "net.onnx", x), results, strict=True):
            expected = each.numpy()
            assert found.shape == expected.shape
            assert np.abs(found - expected).max() <= 1e-5 * np.abs(expected).max()


@pytest.mark.parametrize("name", SMALLEST)
def test_a_member_of_each_family_at_its_smallest(name: str, tmp_path: Path) -> None:
    net = sized(name, EXTENTS)
    assert net is not None
    verify_at(net, NEWEST, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("opset", OPSETS)
@pytest.mark.parametrize("name", IMAGE_NETWORKS)
def test_every_network(name: str, opset: int, tmp_path: Path) -> None:
    verify_at(of_known_size(name), opset, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", IMAGE_NETWORKS)
def test_every_network_at_a_second_size_and_folded(name: str, tmp_path: Path) -> None:
    extent = of_known_size(name).inputs[0].shape[-1]
    assert isinstance(extent, int)
    larger = sized(name, range(extent + 1, extent + 65))
    verify_at(larger or of_known_size(name), 17, tmp_path, fold=True)
