"""Results that don't fit the disk or memory: told with their size, before anything is written."""

import io
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

import netspec
from netspec.cli import _run
from netspec.diagnostics import SpecError
from netspec.graph.fillers import Filler
from netspec.lower.weights import weights_for
from netspec.lower.weights.fillers import draw
from netspec.lower.weights.safetensors_file import write_safetensors
from netspec.output import replacing
from netspec.room import in_units, require_room, requiring_memory
from netspec.verify import verify

WIDE = netspec.loads(
    "netspec: 1\nname: Net\ninputs: {data: [N, 1048576]}\n"
    "layers: [{name: fc, type: InnerProduct, num_output: 1048576}]\n"
)


def save_onnx(path: Path) -> None:
    WIDE.to_onnx(path)


def save_safetensors(path: Path) -> None:
    with replacing(path) as file:
        write_safetensors(WIDE, weights_for(WIDE, None, 0), file)


@pytest.fixture
def small_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk with three GiB left."""
    left = SimpleNamespace(f_bavail=3 * 2**18, f_frsize=4096)
    monkeypatch.setattr(os, "fstatvfs", lambda descriptor: left)


@pytest.mark.usefixtures("small_disk")
@pytest.mark.parametrize("save", [save_onnx, save_safetensors])
def test_what_does_not_fit_the_disk(save: Callable[[Path], None], tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        save(tmp_path / "x")
    (found,) = caught.value.diagnostics
    assert found.code == "cannot-write"
    assert found.message == "the result can't be written: 4.0 TiB, where 3.0 GiB are free"
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("small_disk")
def test_what_fits_or_goes_elsewhere(tmp_path: Path) -> None:
    with (tmp_path / "x").open("wb") as file:
        require_room(file, 3 * 2**30)
        with pytest.raises(SpecError):
            require_room(file, 3 * 2**30 + 1)
    require_room(io.BytesIO(), 2**50)
    with open(os.devnull, "wb") as device:
        require_room(device, 2**50)


def test_a_tensor_for_which_there_is_no_memory() -> None:
    with pytest.raises(SpecError) as caught:
        draw("fc.weight", (2**30, 2**28), Filler(type="msra"), 0, "float32")
    (found,) = caught.value.diagnostics
    assert found.code == "too-large"
    assert found.message == "there is no memory for `fc.weight`: 1048576.0 TiB"


@pytest.mark.parametrize("seed", [None, 0])
def test_a_module_for_which_there_is_no_memory(
    monkeypatch: pytest.MonkeyPatch, seed: int | None
) -> None:
    """As the user makes it, and as `verify` does."""
    torch = pytest.importorskip("torch")

    def refused(*shape: object, **options: object) -> None:
        message = "[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory"
        raise RuntimeError(message)

    text = "inputs: {data: [N, 3]}\nlayers: [{name: fc, type: InnerProduct, num_output: 5}]\n"
    network = netspec.loads(f"netspec: 1\nname: Net\n{text}")
    for name in ("empty", "empty_strided"):
        monkeypatch.setattr(torch, name, refused)
    for run in (lambda: network.to_torch(seed=seed), lambda: verify(network)):
        with pytest.raises(SpecError) as caught:
            run()
        (found,) = caught.value.diagnostics
        assert found.code == "too-large"
        assert found.message == "there is no memory for the module's tensors"


def test_other_errors_of_pytorch_are_no_lack_of_memory() -> None:
    with pytest.raises(RuntimeError, match="something"), requiring_memory("this"):
        raise RuntimeError("something else")


def test_no_traceback_where_memory_ends(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def program(arguments: list[str]) -> None:
        raise MemoryError

    monkeypatch.setattr("netspec.cli.app.program", program)
    with pytest.raises(SystemExit) as ended:
        _run()
    assert ended.value.code == 1
    assert capsys.readouterr().err == "error[too-large]: there is no memory for this\n"


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (1024, "1.0 KiB"),
        (3 * 2**29, "1.5 GiB"),
        (2**52, "4096.0 TiB"),
    ],
)
def test_sizes_in_units(size: int, text: str) -> None:
    assert in_units(size) == text
