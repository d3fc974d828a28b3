"""Weights files: what others wrote is read, what is written others read."""

import io
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
import safetensors.torch
import torch
from torch import nn

from netspec.diagnostics import SpecError
from netspec.graph import Graph, Phase
from netspec.layers.inner_product import InnerProduct
from netspec.layers.normalization import BatchNorm
from netspec.lower.fillers import Array
from netspec.lower.weight_files import read_weights, write_safetensors
from netspec.lower.weights import fresh, given
from tests.graphs import Builder, N

VALUES: dict[str, Any] = {
    "a.weight": np.arange(6, dtype=np.float32).reshape(2, 3),
    "a.count": np.array(7, dtype=np.int64),
}


def read(path: Path) -> dict[str, Array]:
    entries = read_weights(path)
    values = {name: each.read() for name, each in entries.items()}
    assert all(values[name].shape == each.shape for name, each in entries.items())
    return values


def assert_read(path: Path) -> None:
    values = read(path)
    assert values.keys() == VALUES.keys()
    for name, expected in VALUES.items():
        np.testing.assert_array_equal(values[name], expected, strict=True)


def tensors() -> dict[str, torch.Tensor]:
    return {name: torch.from_numpy(values) for name, values in VALUES.items()}


SAVED: dict[str, Callable[[Path], object]] = {
    "w.safetensors": lambda path: safetensors.numpy.save_file(VALUES, path),
    "plain.npz": lambda path: np.savez(path, **VALUES),
    "deflated.npz": lambda path: np.savez_compressed(path, **VALUES),
    "w.pt": lambda path: torch.save(tensors(), path),
    "old.pt": lambda path: torch.save(tensors(), path, _use_new_zipfile_serialization=False),
}
"""How files of every kind are written."""


def codes(path: Path) -> list[str]:
    """The codes of what is said of a file, if it can't be read."""
    try:
        read(path)
    except SpecError as error:
        return [each.code for each in error.diagnostics]
    return []


class TestReading:
    def test_safetensors(self, tmp_path: Path) -> None:
        safetensors.numpy.save_file(VALUES, tmp_path / "w.safetensors")
        assert_read(tmp_path / "w.safetensors")

    def test_npz(self, tmp_path: Path) -> None:
        np.savez_compressed(tmp_path / "w.npz", **VALUES)
        assert_read(tmp_path / "w.npz")

    @pytest.mark.parametrize("suffix", [".pt", ".pth", ".PT"])
    @pytest.mark.parametrize("nested", [True, False], ids=["checkpoint", "state-dict"])
    def test_torch(self, tmp_path: Path, suffix: str, nested: bool) -> None:
        path = tmp_path / f"w{suffix}"
        torch.save({"epoch": 3, "state_dict": tensors()} if nested else tensors(), path)
        assert_read(path)

    @pytest.mark.parametrize("suffix", [".safetensors", ".npz", ".pt"])
    @pytest.mark.parametrize("content", [b"", b"rubbish", b"PK\x03\x04", bytes(5000)])
    def test_rubbish(self, tmp_path: Path, suffix: str, content: bytes) -> None:
        path = tmp_path / f"w{suffix}"
        path.write_bytes(content)
        with pytest.raises(SpecError, match="can't read weights from") as caught:
            read_weights(path)
        assert [each.code for each in caught.value.diagnostics] == ["weights-format"]

    @pytest.mark.parametrize("name", SAVED)
    def test_a_damaged_file(self, tmp_path: Path, name: str) -> None:
        path = tmp_path / name
        SAVED[name](path)
        whole, random = path.read_bytes(), Random(0)
        for _ in range(150):
            damaged = bytearray(whole)
            damaged[random.randrange(len(damaged))] = random.randrange(256)
            del damaged[len(damaged) - random.choice([0, 0, 1, len(damaged) // 2]) :]
            path.write_bytes(damaged)
            assert codes(path) in ([], ["weights-format"])

    def refusal(self, path: Path) -> tuple[str, str | None]:
        with pytest.raises(SpecError) as caught:
            read_weights(path)
        (diagnostic,) = caught.value.diagnostics
        assert diagnostic.code == "weights-format"
        start = f"can't read weights from `{path}`: "
        assert diagnostic.message.startswith(start)
        return diagnostic.message.removeprefix(start), diagnostic.help

    def test_a_whole_module_is_not_unpickled(self, tmp_path: Path) -> None:
        torch.save(nn.Linear(2, 2), tmp_path / "w.pt")
        assert self.refusal(tmp_path / "w.pt") == (
            "it holds other objects than tensors",
            "save `model.state_dict()`",
        )

    @pytest.mark.filterwarnings("ignore:`torch.jit")
    def test_a_torchscript_module(self, tmp_path: Path) -> None:
        torch.jit.script(nn.Linear(2, 2)).save(tmp_path / "w.pt")
        assert self.refusal(tmp_path / "w.pt") == (
            "it holds a TorchScript module",
            "save `model.state_dict()`",
        )

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"", "it is empty"),
            (b"rubbish", "it is damaged, or `torch.save` didn't write it"),
        ],
    )
    def test_no_file_of_torch(self, tmp_path: Path, content: bytes, reason: str) -> None:
        (tmp_path / "w.pt").write_bytes(content)
        assert self.refusal(tmp_path / "w.pt") == (reason, None)

    @pytest.mark.parametrize("content", [torch.zeros(2), {"epoch": 3}, [1, 2]], ids=type)
    def test_no_state_dict(self, tmp_path: Path, content: object) -> None:
        torch.save(content, tmp_path / "w.pt")
        assert self.refusal(tmp_path / "w.pt") == (
            "it holds no state dict",
            "save `model.state_dict()`",
        )

    def test_pickles_in_an_npz(self, tmp_path: Path) -> None:
        np.savez(tmp_path / "w.npz", a=np.array([object()], dtype=object))
        with pytest.raises(SpecError, match="can't read weights from"):
            read_weights(tmp_path / "w.npz")

    def test_an_npy_called_npz(self, tmp_path: Path) -> None:
        with (tmp_path / "w.npz").open("wb") as file:
            np.save(file, np.zeros(3))
        with pytest.raises(SpecError, match="can't read weights from"):
            read_weights(tmp_path / "w.npz")

    def test_an_unknown_suffix(self) -> None:
        with pytest.raises(SpecError, match=r"its suffix is none of \.safetensors, \.npz, \.pt"):
            read_weights(Path("w.bin"))

    @pytest.mark.parametrize("suffix", [".safetensors", ".npz", ".pt"])
    def test_no_file(self, tmp_path: Path, suffix: str) -> None:
        (tmp_path / f"folder{suffix}").mkdir()
        for name in ("missing", "folder"):
            with pytest.raises(SpecError, match="can't read") as caught:
                read_weights(tmp_path / f"{name}{suffix}")
            assert [each.code for each in caught.value.diagnostics] == ["cannot-read"]


class TestWriting:
    def network(self) -> Graph:
        builder = Builder()
        layer = InnerProduct(num_output=3)
        one = builder.layer("one", layer, builder.input("data", N, 3))
        bn = builder.layer("bn", BatchNorm(), one)
        return builder.graph(builder.layer("two", layer, bn, share="one"))

    def written(self) -> bytes:
        graph, file = self.network(), io.BytesIO()
        write_safetensors(graph, fresh(graph), file)
        return file.getvalue()

    def test_the_library_reads_it(self) -> None:
        weights = fresh(self.network())
        loaded = safetensors.numpy.load(self.written())
        assert loaded.keys() == weights.keys()
        for name, values in weights.items():
            np.testing.assert_array_equal(loaded[name], values, strict=True)

    def test_torch_loads_it_strictly(self) -> None:
        module = nn.ModuleDict(
            {"one": nn.Linear(3, 3), "bn": nn.BatchNorm1d(3), "two": nn.Linear(3, 3)}
        )
        module["two"].weight = module["one"].weight
        module["two"].bias = module["one"].bias
        module.load_state_dict(safetensors.torch.load(self.written()), strict=True)
        weight = module.get_parameter("one.weight").detach().numpy()
        np.testing.assert_array_equal(weight, fresh(self.network())["one.weight"])

    def test_what_the_weights_lack_is_left_out(self) -> None:
        builder = Builder()
        data = builder.input("data", N, 3)
        fc = builder.layer("fc", InnerProduct(num_output=2), data)
        aux = builder.layer("aux", InnerProduct(num_output=2), data, phase=Phase.TRAIN)
        graph, file = builder.graph(fc, aux), io.BytesIO()
        source = {name: each for name, each in fresh(graph).items() if name.startswith("fc")}
        write_safetensors(graph, given(graph, source), file)
        assert safetensors.numpy.load(file.getvalue()).keys() == {"fc.weight", "fc.bias"}

    def test_the_bytes_are_the_same_every_time(self) -> None:
        assert self.written() == self.written()

    def test_values_are_aligned(self) -> None:
        data = self.written()
        header = int.from_bytes(data[:8], "little")
        assert header % 8 == 0
        assert data[8:9] == b"{"
