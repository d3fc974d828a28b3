"""Damaged and hostile files: a diagnostic, whatever is wrong, and no more memory than they have."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pytest
import safetensors.numpy
import torch

from netspec.diagnostics import SpecError
from netspec.lower.weights import user_weights, weights_for
from tests.lower.weights.nets import arrays, network, tensors


def sharded(path: Path) -> None:
    shard = path.with_name("shard")
    safetensors.numpy.save_file(arrays(), shard)
    path.write_text(json.dumps({"weight_map": dict.fromkeys(arrays(), shard.name)}))


SAVED: dict[str, Callable[[Path], object]] = {
    "w.safetensors": lambda path: safetensors.numpy.save_file(arrays(), path),
    "plain.npz": lambda path: np.savez(path, **arrays()),
    "deflated.npz": lambda path: np.savez_compressed(path, **arrays()),
    "w.pt": lambda path: torch.save(tensors(), path),
    "checkpoint.ckpt": lambda path: torch.save({"model": tensors(), "epoch": 3}, path),
    "old.pt": lambda path: torch.save(tensors(), path, _use_new_zipfile_serialization=False),
    "model.index.json": sharded,
}
"""How files of every kind are written."""


def codes(path: Path) -> list[str]:
    """The codes of what is said of a file; all of it is read, if it can be."""
    try:
        for prefix in (None, "auto"):
            dict(weights_for(network(), user_weights(path, prefix)))
    except SpecError as error:
        return [each.code for each in error.diagnostics]
    return []


@pytest.mark.filterwarnings("ignore::netspec.SpecWarning")
@pytest.mark.parametrize("name", SAVED)
def test_a_damaged_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    SAVED[name](path)
    whole, random = path.read_bytes(), Random(0)
    assert codes(path) == []
    refused = 0
    for _ in range(100):
        damaged = bytearray(whole)
        for _ in range(random.choice([1, 1, 1, 20])):
            damaged[random.randrange(len(damaged))] = random.randrange(256)
        del damaged[len(damaged) - random.choice([0, 0, 1, random.randrange(len(damaged))]) :]
        path.write_bytes(damaged)
        found = codes(path)
        refused += bool(found)
        assert all(each == "cannot-read" or each.startswith("weights-") for each in found)
    assert refused > 20


LIMIT = 200
"""Megabytes that a process may take beyond what PyTorch takes when it is imported."""

_READ = """
import resource, sys
import torch
from netspec.diagnostics import SpecError
from netspec.lower.weights import given
from tests.lower.weights.nets import network
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
for path in sys.argv[1:]:
    before = peak()
    try:
        dict(given(network(), path))
    except SpecError as error:
        print(peak() - before, *[each.code for each in error.diagnostics])
"""


class Bytes:
    """Pickles to a call that asks for memory."""

    def __reduce__(self) -> tuple[type[bytearray], tuple[int]]:
        return bytearray, (1 << 29,)


def many_zeros(path: Path) -> None:
    """Half a gigabyte under a name that the network has, half a megabyte compressed."""
    header = io.BytesIO()
    described = {"descr": "<f4", "fortran_order": False, "shape": (1 << 14, 1 << 13)}
    np.lib.format.write_array_header_1_0(header, described)
    np.savez(path, **arrays())
    with ZipFile(path) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    with ZipFile(path, "w", ZIP_DEFLATED, compresslevel=1) as archive:
        for name, values in held.items():
            with archive.open(name, "w") as file:
                file.write(header.getvalue() if name == "fc.weight.npy" else values)
                for _ in range(1 << 9 if name == "fc.weight.npy" else 0):
                    file.write(bytes(1 << 20))


def compressed_torch(path: Path) -> None:
    """An archive of PyTorch's whose tensor is half a gigabyte of zeros, compressed."""
    torch.save({"fc.weight": torch.zeros(4, 3)}, path)
    with ZipFile(path) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    with ZipFile(path, "w", ZIP_DEFLATED, compresslevel=1) as archive:
        for name, values in held.items():
            with archive.open(name, "w") as file:
                file.write(values)
                for _ in range(1 << 9 if name.endswith("/data/0") else 0):
                    file.write(bytes(1 << 20))


def long_header(path: Path) -> None:
    """A header of safetensors that announces more than there is."""
    path.write_bytes((1 << 40).to_bytes(8, "little") + b'{"a":' + b" " * 1000)


def expanded(path: Path) -> None:
    """A tensor of a tebibyte with the storage of one number."""
    torch.save({"fc.weight": torch.zeros(1).expand(1 << 19, 1 << 19)}, path)


HOSTILE: dict[str, tuple[Callable[[Path], object], str]] = {
    "zeros.npz": (many_zeros, "weights-shape"),
    "zeros.pt": (compressed_torch, "weights-format"),
    "bytes.pt": (
        lambda path: torch.save({"fc.weight": torch.zeros(4, 3), "b": Bytes()}, path),
        "weights-format",
    ),
    "bytes.old": (
        lambda path: torch.save(
            {"fc.weight": torch.zeros(4, 3), "b": Bytes()},
            path,
            _use_new_zipfile_serialization=False,
        ),
        "weights-format",
    ),
    "header.safetensors": (long_header, "weights-format"),
    "expanded.pt": (expanded, "weights-missing weights-shape"),
}


@pytest.mark.skipif(sys.platform == "win32", reason="a process's peak isn't known")
def test_hostile_files_take_no_memory(tmp_path: Path) -> None:
    for name, (make, _) in HOSTILE.items():
        make(tmp_path / name)
    paths = [str(tmp_path / name) for name in HOSTILE]
    command = [sys.executable, "-c", _READ, *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [line.partition(" ") for line in done.stdout.splitlines()]
    assert [codes for _, _, codes in lines] == [codes for _, codes in HOSTILE.values()], done.stderr
    assert max(int(megabytes) for megabytes, _, _ in lines) < LIMIT
