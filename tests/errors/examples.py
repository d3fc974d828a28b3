"""The example of every code: a spec, or a command, and what netspec prints of it.

`<code>.yaml` is a spec, `<code>.prototxt` one of Caffe's files, `<code>.console` a command on the
files that `prepare` makes; the golden text is in `<code>.txt`. `docs/errors.md` is made of them by

    python -m tests.errors.examples

which renews the golden texts as well: look at the difference before it goes in.
"""

import io
import shlex
import sys
from collections.abc import Iterator
from contextlib import (
    chdir,
    contextmanager,
    nullcontext,
    redirect_stderr,
    redirect_stdout,
    suppress,
)
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from netspec.api import check_text
from netspec.diagnostics import Diagnostic, Diagnostics, SpecError
from netspec.diagnostics.codes import CODES, ERRORS, WARNINGS
from netspec.diagnostics.render import render_text
from netspec.importers.caffe.importing import import_caffe
from netspec.importers.caffe.network import Asked
from netspec.importers.caffe.text import parse
from netspec.source import decode
from netspec.stock import Location, read_location
from tests.importers.caffe.caffemodels import blob, net

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent.parent / "docs" / "errors.md"

_NET = """\
netspec: 1
name: Net
inputs: {data: [N, 8]}
vars: {num_classes: 4}
variants: {small: {}}
layers:
  - {name: fc, type: InnerProduct, num_output: $num_classes}
"""

_PYRAMID = """\
netspec: 1
name: Net
inputs: {data: [N, 8, H, W]}
layers:
  - {name: spp, type: SPP, pyramid_height: 2}
"""

_SHARED = """\
netspec: 1
name: Net
inputs: {data: [N, 8]}
layers:
  - {name: one, type: InnerProduct, num_output: 8, bias_term: false, param: [{name: w}]}
  - {name: two, type: InnerProduct, num_output: 8, bias_term: false, param: [{name: w}]}
"""

_FC = """\
input: "data" input_shape { dim: 1 dim: 8 }
layer { name: "fc" type: "InnerProduct" bottom: "data" top: "fc"
  inner_product_param { num_output: 4 bias_term: false } }
"""

_SOLVER = """\
net: "net.prototxt"
base_lr: 0.01
lr_policy: "poly"
max_iter: 1000
"""

_RECIPE = """\
recipe: 1
data: {format: digits}
batch_size: 64
loss: {fc2: {type: softmax}}
base_lr: 0.01
lr_policy: fixed
epochs: 10
"""

_INTRODUCTION = """\
# Errors and warnings

Every diagnostic has a code, which stays the same; scripts may rely on it. A spec silences a
warning, or keeps a layer that nothing reads, with `allow: [code]`, for the whole file or on an
entry. Each code is shown here with an example and what netspec prints of it.

<!-- Made from tests/errors by `make docs`. -->
"""


def example(code: str) -> Path:
    """The file that shows a code."""
    files = (HERE / f"{code}{suffix}" for suffix in (".yaml", ".prototxt", ".console"))
    return next(each for each in files if each.exists())


def golden(code: str) -> Path:
    return HERE / f"{code}.txt"


def printed(code: str) -> str:
    """What netspec prints of a code's example."""
    path = example(code)
    if path.suffix == ".console":
        return _run(path.read_text().removeprefix("$ "))
    if path.suffix == ".prototxt":
        return "\n".join(map(render_text, _read_prototxt(path)))
    location = Location(path, path.name)
    found = check_text(read_location(location), location).sorted()
    return "\n".join(render_text(each) for each in found)


def _read_prototxt(path: Path) -> list[Diagnostic]:
    """What is wrong with a network of Caffe's, of which a warning's is imported in part."""
    found = Diagnostics()
    asked = Asked(partial=path.stem in WARNINGS)
    try:
        tree = parse(decode(path.read_bytes(), path.name), found)
        import_caffe(tree, asked, "Net", found)
    except SpecError as error:
        found.extend(error.diagnostics)
    return found.sorted()


def _run(command: str) -> str:
    """What a command prints to standard error, in this process."""
    from netspec.cli import main

    output = io.StringIO()
    argv = patch.object(sys, "argv", shlex.split(command))
    signals = patch("netspec.cli.end_on_signals")  # they stay this process's
    library = _without("torch") if "verify" in command else nullcontext()
    shown = redirect_stderr(output), redirect_stdout(output)
    with _prepared(), shown[0], shown[1], argv, signals, library, suppress(SystemExit):
        main()
    return "\n".join(line.rstrip() for line in output.getvalue().splitlines()) + "\n"


@contextmanager
def _without(module: str) -> Iterator[None]:
    """As if a library weren't installed."""
    had = sys.modules.pop(module, None)
    sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[module]
        if had is not None:
            sys.modules[module] = had


@contextmanager
def _prepared() -> Iterator[None]:
    """A folder with the files that the commands read."""
    import numpy as np
    from safetensors.numpy import save_file

    with TemporaryDirectory() as folder, chdir(folder):
        Path("net.yaml").write_text(_NET)
        Path("pyramid.yaml").write_text(_PYRAMID)
        Path("shared.yaml").write_text(_SHARED)
        Path("solver.prototxt").write_text(_SOLVER)
        Path("training.yaml").write_text(_RECIPE)
        Path("fc.prototxt").write_text(_FC)
        Path("net.caffemodel").write_bytes(net(fc=[blob(np.zeros((4, 8)))], old=[blob([1.0])]))
        Path("latin1.yaml").write_bytes("name: Café\n".encode("latin-1"))
        with open("large.yaml", "wb") as file:
            file.truncate(17 * 2**20)
        weight, bias = np.zeros((4, 8), "float32"), np.zeros(4, "float32")
        good = {"fc.weight": weight, "fc.bias": bias}
        save_file({"fc.weight": weight}, "missing.safetensors")
        save_file({**good, "head.weight": weight}, "extra.safetensors")
        save_file({**good, "fc.weight": weight[:, :4]}, "shape.safetensors")
        square = np.eye(8, dtype="float32")
        save_file({"one.weight": square, "two.weight": 2 * square}, "differ.safetensors")
        save_file({f"module.{name}": each for name, each in good.items()}, "parallel.safetensors")
        Path("rubbish.safetensors").write_bytes(b"rubbish")
        Path("other").mkdir()
        save_file(good, "net.safetensors")
        yield


def page() -> str:
    """The page of all codes."""
    parts = [_INTRODUCTION]
    for code, meaning in CODES.items():
        kind = "error" if code in ERRORS else "warning"
        parts.append(f"## `{code}` ({kind})\n\n{meaning}\n\n{_shown(code)}")
    return "\n".join(parts)


def _shown(code: str) -> str:
    path = example(code)
    text, output = path.read_text(), golden(code).read_text()
    if path.suffix == ".console":
        return f"```console\n{text}{output}```\n"
    language = "yaml" if path.suffix == ".yaml" else "text"
    return f"```{language}\n{text}```\n\n```text\n{output}```\n"


def renew() -> None:
    """Write the golden texts and the page anew."""
    for code in CODES:
        golden(code).write_text(printed(code))
    PAGE.write_text(page())


if __name__ == "__main__":
    renew()
