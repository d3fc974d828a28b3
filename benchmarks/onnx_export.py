"""ONNX files of the same network with the same weights: netspec's, and torch.onnx.export's two.

Each way is a process of its own. Printed are its time after imports, its whole time, its peak
memory, the file's size and nodes, and the latency of the result in ONNX Runtime: milliseconds, and
the median ratio to the faster exporter's file of runs that take turns. That file is loaded twice,
so that its ratio to itself shows the machine's noise. Beside them: writing the same bytes raw.
Usage: onnx_export.py [--rounds N] [NETWORK …], of torchvision's names.
"""

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Any

ROUNDS = 3
SECONDS = 20
"""How long latencies are measured, about."""
AGAIN = "the faster exporter's, again"
MEGABYTE = 1e6


def fresh(name: str, folder: Path) -> float:
    """The command line with fresh weights, imports included."""
    from netspec.cli import main

    start = time.perf_counter()
    sys.argv = ["netspec", "compile", name, "-o", str(folder / "net.onnx")]
    with suppress(SystemExit):
        main()
    return time.perf_counter() - start


def copied(name: str, folder: Path) -> float:
    """Weights given as a safetensors file, copied."""
    return _written(name, folder, reference_weights=False)


def referenced(name: str, folder: Path) -> float:
    """The same, referred to."""
    return _written(name, folder, reference_weights=True)


def _written(name: str, folder: Path, reference_weights: bool) -> float:
    import onnx  # noqa: F401 (an import is not what is measured)

    import netspec
    import netspec.lower.onnx.model

    start = time.perf_counter()
    network = netspec.load(name)
    weights = folder / "w.safetensors"
    network.to_onnx(folder / "net.onnx", weights=weights, reference_weights=reference_weights)
    return time.perf_counter() - start


def torchscript(name: str, folder: Path) -> float:
    """torch.onnx.export by tracing."""
    return _exported(name, folder, dynamo=False)


def dynamo(name: str, folder: Path) -> float:
    """torch.onnx.export by torch.export."""
    return _exported(name, folder, dynamo=True)


def _exported(name: str, folder: Path, dynamo: bool) -> float:
    import warnings

    import safetensors.torch
    import torch

    warnings.simplefilter("ignore")
    model = _torchvision(name)
    model.load_state_dict(safetensors.torch.load_file(folder / "w.safetensors"), strict=False)
    model.eval()
    example = (torch.zeros(1, 3, 224, 224),)
    options: dict[str, Any] = {"verbose": False} if dynamo else {"opset_version": 20}
    start = time.perf_counter()
    torch.onnx.export(model, example, str(folder / "net.onnx"), dynamo=dynamo, **options)
    return time.perf_counter() - start


def _torchvision(name: str) -> Any:
    import torch

    # A torchvision without its compiled extension imports once its operators have a schema.
    library = torch.library.Library("torchvision", "FRAGMENT")
    for operator in ("nms", "qnms"):
        if not hasattr(torch.ops.torchvision, operator):
            library.define(f"{operator}(Tensor dets, Tensor scores, float threshold) -> Tensor")
    import torchvision

    return torchvision.models.get_model(name)


WAYS: dict[str, Callable[[str, Path], float]] = {
    "netspec, fresh weights": fresh,
    "netspec, weights copied": copied,
    "netspec, weights referred to": referenced,
    "torch.onnx.export, TorchScript": torchscript,
    "torch.onnx.export, dynamo": dynamo,
}


def measure(way: str, name: str, folder: Path) -> tuple[float, float, float]:
    """Seconds after imports and of the whole process, and the peak memory in megabytes."""
    start = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, __file__, "--one", way, name, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert child.stdout is not None
    text = child.stdout.read()
    if child.wait():
        raise RuntimeError(f"{way} failed")
    whole = time.perf_counter() - start
    after, peak = json.loads(text.splitlines()[-1])
    return after, whole, peak


def peak_memory() -> float:
    """This process's, in megabytes. (What `getrusage` says begins with the parent's; Linux.)"""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024 / MEGABYTE


def raw_write(folder: Path, size: int) -> float:
    """Seconds to write as many bytes into a new file and bring them to the disk."""
    data = memoryview(bytearray(os.urandom(1 << 20)) * (size // (1 << 20) + 1))[:size]
    path = folder / "raw"
    start = time.perf_counter()
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    taken = time.perf_counter() - start
    path.unlink()
    return taken


def latencies(paths: dict[str, Path]) -> dict[str, list[float]]:
    """The milliseconds of each file for one image, run after run, all in turn."""
    import numpy as np
    import onnxruntime

    sessions = {
        way: onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        for way, path in paths.items()
    }
    image = np.random.default_rng(0).standard_normal((1, 3, 224, 224), np.float32)
    taken: dict[str, list[float]] = {way: [] for way in sessions}
    ways = list(sessions)
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        for way in ways:
            session = sessions[way]
            start = time.perf_counter()
            session.run(None, {session.get_inputs()[0].name: image})
            taken[way].append((time.perf_counter() - start) * 1000)
        ways = ways[1:] + ways[:1]
    return {way: each[2:] for way, each in taken.items()}


def compare(name: str, folder: Path, rounds: int) -> None:
    """All ways to a network's file, as a table."""
    places, size = prepared(name, folder)
    raw: list[float] = []
    found: dict[str, list[tuple[float, float, float]]] = {way: [] for way in places}
    for _ in range(rounds):
        raw.append(raw_write(folder, size))
        for way, place in places.items():
            found[way].append(measure(way, name, place))
    print(f"{name}: {size / MEGABYTE:.0f} MB of weights, written raw in {median(raw):.3f} s")
    print_table(places, found)


def prepared(name: str, folder: Path) -> tuple[dict[str, Path], int]:
    """A folder with the same weights for each way that can be gone here, and their bytes."""
    from netspec import load
    from netspec.lower.weights import fresh as drawn
    from netspec.lower.weights.safetensors_file import write_safetensors

    ways = list(WAYS)
    if importlib.util.find_spec("torchvision") is None:
        ways = [way for way in ways if "torch." not in way]
    if importlib.util.find_spec("onnxscript") is None:
        ways = [way for way in ways if "dynamo" not in way]
    network = load(name)
    places = {way: folder / str(number) for number, way in enumerate(ways)}
    for place in places.values():
        place.mkdir()
        with (place / "w.safetensors").open("wb") as file:
            write_safetensors(network, drawn(network), file)
    return places, (folder / "0" / "w.safetensors").stat().st_size


def print_table(
    places: dict[str, Path], found: dict[str, list[tuple[float, float, float]]]
) -> None:
    """A row for each way, with what its file costs in ONNX Runtime."""
    import onnx

    files = {way: place / "net.onnx" for way, place in places.items()}
    exporters = [way for way in places if "torch." in way] or list(places)
    fastest = min(exporters, key=lambda way: median(after for after, _, _ in found[way]))
    speed = latencies(files | {AGAIN: files[fastest]})

    def shown(way: str) -> str:
        ratio = median(a / b for a, b in zip(speed[way], speed[fastest], strict=True))
        return f"{median(speed[way]):8.1f} {ratio:8.2f}"

    titles = ("s", "whole s", "peak MB", "file MB", "nodes", "ms", "ratio")
    print(f"{'':31} {' '.join(f'{title:>8}' for title in titles)}")
    for way, file in files.items():
        after, whole, peak = (median(column) for column in zip(*found[way], strict=True))
        nodes = len(onnx.load(file, load_external_data=False).graph.node)
        written = sum(path.stat().st_size for path in file.parent.glob("net.onnx*")) / MEGABYTE
        print(
            f"{way:31} {after:8.3f} {whole:8.2f} {peak:8.0f} {written:8.2f} {nodes:8} {shown(way)}"
        )
    print(f"{AGAIN:31} {'':44} {shown(AGAIN)}")


def main() -> None:
    """Compare, or be one of the processes compared."""
    if sys.argv[1:2] == ["--one"]:
        way, name, folder = sys.argv[2:]
        taken = WAYS[way](name, Path(folder))
        print(json.dumps([taken, peak_memory()]))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NETWORK", default=["resnet50"])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    for name in given.names:
        with tempfile.TemporaryDirectory(prefix="netspec-") as folder:
            compare(name, Path(folder), given.rounds)


if __name__ == "__main__":
    main()
