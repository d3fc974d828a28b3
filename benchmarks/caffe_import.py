"""How long ResNet-152's prototxt takes, beside other readers, in turn in one process.

netspec makes a graph with shapes and counts of it, and a spec. protobuf's reader for Python makes
messages alone: NNEF's tools begin with it, and then need Caffe2 and a caffemodel, so that they
can't stand here. OpenCV's (up to version 4) makes layers without shapes, in C++; it reads a copy
that says `ceil_mode` for `round_mode`, which it doesn't know. `netspec compile resnet152` writes
the prototxt. What isn't installed is left out.
"""

import importlib.util
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import netspec
from netspec.caffe_files import tree_of
from netspec.diagnostics import Diagnostics
from netspec.importers.caffe.importing import import_caffe
from netspec.importers.caffe.network import Asked
from netspec.importers.caffe.reading import read_network
from netspec.importers.caffe.text import Message
from netspec.importers.caffe.tidy.spec import spec_of
from netspec.lower.prototxt import to_prototxt
from netspec.source import decode

ROUNDS = 9


def ours(path: Path) -> str:
    """The spec of a prototxt."""
    imported = import_caffe(parsed(path), Asked(), "resnet152", Diagnostics())
    assert imported.graph.params == netspec.load("resnet152").params
    return spec_of(imported).text


def parsed(path: Path) -> Message:
    return tree_of(decode(path.read_bytes(), str(path)), Diagnostics())


def cv2_dnn() -> Any:
    import cv2

    return cv2.dnn


def of_opencv(path: Path) -> Any:
    return cv2_dnn().readNetFromCaffe(str(path))


def of_protobuf(path: Path) -> Any:
    from google.protobuf import text_format
    from google.protobuf.descriptor_pool import DescriptorPool
    from google.protobuf.message_factory import GetMessageClass

    from netspec.importers.caffe.messages.descriptor import PACKAGE, file_description

    pool = DescriptorPool()
    pool.Add(file_description())
    network = GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.NetParameter"))
    return text_format.Parse(path.read_text(), network())


def tree(path: Path) -> Any:
    """The checked fields of a prototxt."""
    return read_network(parsed(path), Diagnostics())


def main() -> None:
    """Print each reader's median."""
    with tempfile.TemporaryDirectory() as folder:
        path, plain = Path(folder, "net.prototxt"), Path(folder, "plain.prototxt")
        text = to_prototxt(netspec.load("resnet152"))
        path.write_text(text)
        plain.write_text(text.replace("round_mode: FLOOR", "ceil_mode: false"))
        actions: dict[str, Callable[[], Any]] = {
            "netspec, to a spec": lambda: ours(path),
            "netspec, to fields": lambda: tree(path),
        }
        if importlib.util.find_spec("google.protobuf"):
            actions["protobuf, to fields"] = lambda: of_protobuf(path)
        if importlib.util.find_spec("cv2") and hasattr(cv2_dnn(), "readNetFromCaffe"):
            actions["OpenCV, to layers"] = lambda: of_opencv(plain)
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
        print(f"{name:20} {median(taken) * 1000:8.1f} ms")


if __name__ == "__main__":
    main()
