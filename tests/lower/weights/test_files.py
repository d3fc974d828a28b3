"""Weights files: what others wrote is read, what is written others read."""

import io
import os
import pickle
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import ml_dtypes
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
from netspec.lower.values import Array
from netspec.lower.weights import fresh, given
from netspec.lower.weights.files import files_of, read_weights
from netspec.lower.weights.safetensors_file import write_safetensors
from tests.graphs import Builder, N


def tied() -> nn.Module:
    """A module two of whose layers share their weights."""
    layers = {"one": nn.Linear(3, 3), "bn": nn.BatchNorm1d(3), "two": nn.Linear(3, 3)}
    module = nn.ModuleDict(layers)
    module["two"].weight = module["one"].weight
    module["two"].bias = module["one"].bias
    return module


VALUES: dict[str, Any] = {
    "a.weight": np.arange(6, dtype=np.float32).reshape(2, 3),
    "a.count": np.array(7, dtype=np.int64),
}


def read(path: Path) -> dict[str, Array]:
    (entries,) = read_weights(path).values()
    values = {name: each.read() for name, each in entries.items()}
    assert all(values[name].shape == each.shape for name, each in entries.items())
    assert all(values[name].dtype.name == each.dtype for name, each in entries.items())
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


class TestReading:
    """Files by their content, whatever they are called."""

    @pytest.mark.parametrize("suffix", ["", ".bin", ".ckpt", ".pth.tar", ".safetensors", ".npz"])
    @pytest.mark.parametrize("kind", SAVED)
    def test_the_content_says_what_it_is(self, tmp_path: Path, kind: str, suffix: str) -> None:
        SAVED[kind](tmp_path / kind)
        (tmp_path / kind).rename(tmp_path / f"weights{suffix}")
        assert_read(tmp_path / f"weights{suffix}")

    @pytest.mark.parametrize("old", [False, True], ids=["zip", "old"])
    def test_a_checkpoint(self, tmp_path: Path, old: bool) -> None:
        momentum = {0: {"momentum_buffer": torch.zeros(3)}}
        checkpoint = {
            "epoch": 3,
            "loss": torch.tensor(0.5),
            "optimizer": {"state": momentum, "param_groups": [{"lr": 0.1, "params": [0, 1]}]},
            "model": tensors(),
        }
        path = tmp_path / "last.ckpt"
        torch.save(checkpoint, path, _use_new_zipfile_serialization=not old)
        assert list(read_weights(path)) == ["model."]
        assert_read(path)

    def test_state_dicts_below_one_another(self, tmp_path: Path) -> None:
        path = tmp_path / "w.ckpt"
        torch.save({"callbacks": {"EMA": {"state": tensors()}}, "state_dict": tensors()}, path)
        assert list(read_weights(path)) == ["callbacks.EMA.state.", "state_dict."]

    def test_bfloat16_in_an_npz(self, tmp_path: Path) -> None:
        values = np.array([1, -0.5, 3], ml_dtypes.bfloat16)
        np.savez(tmp_path / "w.npz", a=values)
        np.testing.assert_array_equal(read(tmp_path / "w.npz")["a"], values, strict=True)

    @pytest.mark.parametrize("order", ["C", "F"])
    def test_orders_and_byte_orders_in_an_npz(self, tmp_path: Path, order: Any) -> None:
        values = np.arange(6, dtype=">f4").reshape(2, 3, order=order)
        np.savez_compressed(tmp_path / "w.npz", a=values, b=np.float64(2))
        found = read(tmp_path / "w.npz")
        np.testing.assert_array_equal(found["a"], values)
        assert found["b"] == 2

    def test_bfloat16_of_torch(self, tmp_path: Path) -> None:
        torch.save({"a": torch.ones(2).bfloat16()}, tmp_path / "w.pt")
        ((entry,),) = (each.values() for each in read_weights(tmp_path / "w.pt").values())
        assert entry.dtype == "bfloat16"
        assert entry.read().tolist() == [1, 1]

    def test_what_save_model_left_out_is_known_by_both_names(self, tmp_path: Path) -> None:
        path = tmp_path / "w.safetensors"
        safetensors.torch.save_model(tied(), str(path))
        entries = read_weights(path)[""]
        assert entries["two.weight"].alias
        assert not entries["one.weight"].alias
        one, two = entries["one.weight"].read(), entries["two.weight"].read()
        np.testing.assert_array_equal(one, two, strict=True)


class TestRefusing:
    """What is no file of weights, told in words."""

    def refusal(self, path: Path) -> tuple[str, str | None]:
        with pytest.raises(SpecError) as caught:
            read_weights(path)
        (diagnostic,) = caught.value.diagnostics
        assert diagnostic.code == "weights-format"
        start = f"can't read weights from `{path}`: "
        assert diagnostic.message.startswith(start)
        return diagnostic.message.removeprefix(start), diagnostic.help

    @pytest.mark.parametrize(
        ("content", "reason", "help"),
        [
            (b"", "it is empty", None),
            (
                b"rubbish",
                "it is damaged, or not written by safetensors, `torch.save` or `numpy.savez`",
                None,
            ),
            (
                bytes(5000),
                "it is damaged, or not written by safetensors, `torch.save` or `numpy.savez`",
                None,
            ),
            (b"PK\x03\x04", "File is not a zip file", None),
            (b"\x1f\x8b\x08" + bytes(50), "it is compressed", "unpack it first"),
            (b"\x89HDF\r\n\x1a\n", "it is an HDF5 file, as Keras writes them", None),
            (b"x" * 257 + b"ustar" + bytes(250), "it is a tar archive", "unpack it first"),
            (
                b"version https://git-lfs.github.com/spec/v1\noid sha256:0",
                "it is a pointer of Git LFS",
                "fetch it with `git lfs pull`",
            ),
            (
                b"<!DOCTYPE html><html>",
                "it is a web page or another text",
                "download it again",
            ),
            (
                pickle.dumps({"a": [1.0]}),
                "it is a pickle that `torch.save` didn't write",
                "save `model.state_dict()`",
            ),
            (
                b"9\0\0\0\0\0\0\0{}",
                "Error while deserializing header: invalid header length",
                None,
            ),
            (
                (1 << 26).to_bytes(8, "little") + b"{" + bytes(100),
                "its header has 67108864 bytes, of which 33554432 are read",
                None,
            ),
            (b"{", "it is no index in JSON (Expecting property name", None),
            (b'{"a": {}}', "it has no `weight_map` from names to files", None),
        ],
        ids=str,
    )
    def test_other_content(
        self, tmp_path: Path, content: bytes, reason: str, help: str | None
    ) -> None:
        (tmp_path / "w.pt").write_bytes(content)
        found, advice = self.refusal(tmp_path / "w.pt")
        assert found.startswith(reason)
        assert advice == help

    @pytest.mark.parametrize("old", [False, True], ids=["zip", "old"])
    @pytest.mark.parametrize(
        ("content", "name"),
        [
            (nn.Linear(2, 2), "torch.nn.modules.linear.Linear"),
            ({"model": tensors(), "args": Namespace(lr=0.1)}, "argparse.Namespace"),
        ],
        ids=["module", "arguments"],
    )
    def test_other_objects_are_not_unpickled(
        self, tmp_path: Path, content: object, name: str, old: bool
    ) -> None:
        torch.save(content, tmp_path / "w.pt", _use_new_zipfile_serialization=not old)
        assert self.refusal(tmp_path / "w.pt") == (
            f"it holds other objects than tensors: `{name}`",
            "save `model.state_dict()`",
        )

    @pytest.mark.filterwarnings("ignore:`torch.jit")
    def test_a_torchscript_module(self, tmp_path: Path) -> None:
        torch.jit.script(nn.Linear(2, 2)).save(tmp_path / "w.pt")
        assert self.refusal(tmp_path / "w.pt") == (
            "it holds a TorchScript module",
            "save `model.state_dict()`",
        )

    @pytest.mark.parametrize("old", [False, True], ids=["zip", "old"])
    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (torch.zeros(2), "it holds no state dict"),
            ({"epoch": 3}, "it holds no state dict"),
            ([1, 2], "it holds no state dict"),
            ({"a": torch.zeros(1), "epoch": 3}, "`epoch` is no tensor but int"),
            ({"a": torch.zeros(1), 7: torch.zeros(1)}, "the name of an entry is no text but 7"),
        ],
        ids=str,
    )
    def test_no_state_dict(self, tmp_path: Path, content: object, reason: str, old: bool) -> None:
        path = tmp_path / "w.pt"
        torch.save(content, path, _use_new_zipfile_serialization=not old)
        assert self.refusal(path) == (reason, "save `model.state_dict()`")

    def test_pickles_in_an_npz(self, tmp_path: Path) -> None:
        np.savez(tmp_path / "w.npz", a=np.array([object()], dtype=object))
        assert self.refusal(tmp_path / "w.npz")[0] == "`a.npy` holds other objects than numbers"

    def test_an_array_without_a_name(self, tmp_path: Path) -> None:
        with (tmp_path / "w.npz").open("wb") as file:
            np.save(file, np.zeros(3))
        assert self.refusal(tmp_path / "w.npz") == (
            "it holds one array without a name",
            "save it with `numpy.savez`",
        )

    @pytest.mark.filterwarnings("ignore:Duplicate name")
    def test_a_name_twice_in_an_archive(self, tmp_path: Path) -> None:
        np.savez(tmp_path / "w.npz", a=np.zeros(1))
        with ZipFile(tmp_path / "w.npz", "a") as archive:
            archive.writestr("a.npy", archive.read("a.npy"))
        assert self.refusal(tmp_path / "w.npz")[0] == "it holds `a.npy` 2 times"

    def test_other_members_of_an_archive(self, tmp_path: Path) -> None:
        with ZipFile(tmp_path / "w.keras", "w") as archive:
            archive.writestr("config.json", "{}")
        assert self.refusal(tmp_path / "w.keras")[0] == (
            "it is a zip file with `config.json`, which is no array"
        )

    def test_a_member_that_announces_more_than_it_has(self, tmp_path: Path) -> None:
        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(
            header, {"descr": "<f4", "fortran_order": False, "shape": (1 << 40,)}
        )
        with ZipFile(tmp_path / "w.npz", "w") as archive:
            archive.writestr("a.npy", header.getvalue() + bytes(8))
        assert self.refusal(tmp_path / "w.npz")[0].startswith("`a.npy` has 136 bytes, not ")

    @pytest.mark.parametrize("suffix", [".safetensors", ".npz", ".pt"])
    def test_no_file(self, tmp_path: Path, suffix: str) -> None:
        (tmp_path / f"folder{suffix}").mkdir()
        for name in ("missing", "folder"):
            with pytest.raises(SpecError, match="can't read") as caught:
                read_weights(tmp_path / f"{name}{suffix}")
            assert [each.code for each in caught.value.diagnostics] == ["cannot-read"]

    @pytest.mark.parametrize("name", ["w\0.npz", "\0", "w\ud800.npz"])
    def test_a_name_that_no_file_can_have(self, name: str) -> None:
        with pytest.raises(SpecError, match="can't read") as caught:
            read_weights(Path(name))
        (found,) = caught.value.diagnostics
        assert (found.code, found.message) == ("cannot-read", f"can't read `{name}`: it is no path")
        assert files_of(Path(name)) == (Path(name),)

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
    def test_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "w.npz")
        with pytest.raises(SpecError, match="it is no regular file"):
            read_weights(tmp_path / "w.npz")


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
        assert weights.keys() - loaded.keys() == {"two.weight", "two.bias"}
        for name, values in loaded.items():
            np.testing.assert_array_equal(values, weights[name], strict=True)

    def test_it_is_what_save_model_writes(self, tmp_path: Path) -> None:
        path = tmp_path / "theirs.safetensors"
        safetensors.torch.save_model(tied(), str(path), metadata={"format": "pt"})
        (tmp_path / "ours.safetensors").write_bytes(self.written())
        with (
            safetensors.safe_open(path, "numpy") as theirs,
            safetensors.safe_open(tmp_path / "ours.safetensors", "numpy") as ours,
        ):
            assert set(ours.keys()) == set(theirs.keys())
            assert ours.metadata() == theirs.metadata()

    def test_load_model_takes_it(self, tmp_path: Path) -> None:
        path, module = tmp_path / "w.safetensors", tied()
        path.write_bytes(self.written())
        assert tuple(map(list, safetensors.torch.load_model(module, path))) == ([], [])
        for name, values in fresh(self.network()).items():
            np.testing.assert_array_equal(module.state_dict()[name].numpy(), values)

    def test_it_is_read_again(self, tmp_path: Path) -> None:
        (tmp_path / "w.safetensors").write_bytes(self.written())
        found = given(self.network(), tmp_path / "w.safetensors")
        for name, values in fresh(self.network()).items():
            np.testing.assert_array_equal(found[name], values, strict=True)

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
