"""How long ResNet-152's prototxt takes to a graph, beside the readers of OpenCV and NNEF.

`netspec compile resnet152` writes the prototxt. OpenCV reads a copy that says `ceil_mode` for
`round_mode`, which it doesn't know. Its reader makes a network that is ready to have its weights,
NNEF's a graph of NNEF's operations, netspec's a graph with shapes and counts, and then a spec.
All run in turn in one process; those that aren't installed are left out.
"""

import importlib.util
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import netspec
from netspec.diagnostics import Diagnostics
from netspec.importers.caffe.importing import import_caffe
from netspec.importers.caffe.network import Asked
from netspec.importers.caffe.tidy.spec import spec_of
from netspec.lower.prototxt import to_prototxt
from netspec.source import decode

ROUNDS = 9


def ours(path: Path) -> str:
    """The spec of a prototxt."""
    text = decode(path.read_bytes(), str(path))
    imported = import_caffe(text, Asked(), "resnet152", Diagnostics())
    assert imported.graph.params == netspec.load("resnet152").params
    return spec_of(imported).text


def of_opencv(path: Path) -> Any:
    import cv2

    return cv2.dnn.readNetFromCaffe(str(path))


def of_nnef(path: Path) -> Any:
    from nnef_tools.io.caffe.reader import Reader

    return Reader(legacy=False)(str(path))


def main() -> None:
    """Print each reader's median."""
    with tempfile.TemporaryDirectory() as folder:
        path, plain = Path(folder, "net.prototxt"), Path(folder, "plain.prototxt")
        text = to_prototxt(netspec.load("resnet152"))
        path.write_text(text)
        plain.write_text(text.replace("round_mode: FLOOR", "ceil_mode: false"))
        actions: dict[str, Callable[[], Any]] = {"netspec": lambda: ours(path)}
        if importlib.util.find_spec("cv2"):
            actions["OpenCV"] = lambda: of_opencv(plain)
        if importlib.util.find_spec("nnef_tools"):
            actions["NNEF's tools"] = lambda: of_nnef(path)
        measure(actions)


def measure(actions: dict[str, Callable[[], Any]]) -> None:
    """Run the actions in turn and print how long each takes."""
    for action in actions.values():
        action()
    times: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(ROUNDS):
        for name, action in actions.items():
            start = time.perf_counter()
            action()
            times[name].append(time.perf_counter() - start)
    for name, taken in times.items():
        print(f"{name:14} {median(taken) * 1000:8.1f} ms")


if __name__ == "__main__":
    main()
