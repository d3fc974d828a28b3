"""Tries every consumer of ONNX files with every layer and with stock networks.

    python -m tests.consumers.measure [--extra-index-url URL] [CONSUMER …]

Each gets an environment of its own, of the versions in `netspec/lower/onnx/consumers.py`, below
build/consumers; what ran there isn't run again. The numbers are compared with ONNX Runtime's. What
is found goes into `netspec/lower/onnx/consumers.json`, and from there into docs/consumers.md.
"""

import argparse
import json
import os
import subprocess
import sys
import time
import venv
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from netspec.lower.onnx.consumers import CONSUMERS, MEASURED, Consumer
from tests.consumers.facts import facts, write
from tests.consumers.files import Way, chains, layers, networks, probes
from tests.download import files, size

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / "build" / "consumers"
FILES = BUILD / "files"
RUNNERS = Path(__file__).parent / "runners.py"
NPM = "npm:"
"""What stands before a package of node's."""


def environment(name: str, consumer: Consumer, sources: list[str]) -> Path:
    """The Python of the consumer's own environment, which is made the first time; `sources` are
    arguments of pip.
    """
    folder = BUILD / "environments" / name
    python = folder / "bin" / "python"
    made = folder / "packages.txt"
    wanted = "\n".join(consumer.packages)
    if not made.exists() or made.read_text() != wanted:
        for old in FILES.rglob(f"*.{name}.npz"):
            old.unlink()
        venv.create(folder, with_pip=True, clear=True)
        theirs = [each.removeprefix(NPM) for each in consumer.packages if each.startswith(NPM)]
        ours = [each for each in consumer.packages if not each.startswith(NPM)]
        asked = [*sources, "numpy", *ours]
        amount = sum(map(size, files(asked, str(python)))) / 1e6
        print(f"{name}: fetching {', '.join(consumer.packages)}: {amount:.0f} MB", flush=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        alone = os.environ | {"PIP_REQUIRE_VIRTUALENV": "1"}
        subprocess.run([*pip, *asked], check=True, env=alone)
        if theirs:
            npm = ["npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", str(folder)]
            subprocess.run([*npm, *theirs], check=True)
        made.write_text(wanted)
    return python


def surroundings(python: Path) -> dict[str, str]:
    """What a consumer finds around it: a bare `pip` of its own is this environment's."""
    path = os.pathsep.join([str(python.parent), "/usr/bin", "/bin"])
    return {
        "PATH": path,
        "HOME": str(BUILD),
        "PIP_REQUIRE_VIRTUALENV": "1",
        "OMP_NUM_THREADS": "2",
        "NODE_PATH": str(python.parent.parent / "node_modules"),
    }


def tried(name: str, python: Path, paths: Iterable[Path]) -> Iterator[tuple[Path, str | None]]:
    """What the consumer says of each file, None where it runs; a new process where one ends."""
    waiting = list(paths)
    command = [str(python), str(RUNNERS), name]
    while waiting:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=surroundings(python),
            cwd=BUILD,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        while waiting:
            path = waiting.pop(0)
            try:
                process.stdin.write(f"{path}\n")
                process.stdin.flush()
                answer = process.stdout.readline()
            except BrokenPipeError:
                answer = ""
            if not answer:
                process.kill()
                yield path, f"the process ends by signal {-process.wait()}"
                break
            yield path, json.loads(answer)["error"]
        process.stdin.close()
        process.wait()


def judged(name: str, path: Path, error: str | None) -> str | None:
    """What is wrong with what a consumer gives, or what it said; None where all is well."""
    if error is not None:
        return error
    expected = list(np.load(path.with_suffix(".expected.npz")).values())
    found = list(np.load(path.with_suffix(f".{name}.npz")).values())
    if len(found) != len(expected):
        return f"differs: {len(found)} outputs, not {len(expected)}"
    for ours, theirs in zip(found, expected, strict=True):
        if ours.shape != theirs.shape and (ours.shape, theirs.shape) != ((1,), ()):  # no scalars
            return f"differs: of shape {ours.shape}, not {theirs.shape}"
        wide, rest = ours.astype(np.float64), np.isfinite(theirs)
        scale = max(1.0, float(np.abs(theirs[rest]).max(initial=0)))
        if not np.allclose(wide, theirs, rtol=1e-3, atol=1e-3 * scale, equal_nan=True):
            with np.errstate(invalid="ignore"):
                far = np.fmax.reduce(np.abs(wide - theirs), axis=None)
            return f"differs: by {far:.2g} at {scale:.2g}"
    return None


def measured(name: str, consumer: Consumer, sources: list[str]) -> dict[str, Any]:
    """What a consumer says of all files: None, or what is wrong, by what was tried; `sources` are
    arguments of pip.
    """
    python, way = environment(name, consumer, sources), Way.of(consumer)
    small = {"probes": [*probes(way, FILES)], "chains": [*chains(way, FILES)]}
    asked = {kind: [*dict.fromkeys(path for _, path in pairs)] for kind, pairs in small.items()}
    asked["layers"] = [*layers(way, FILES, consumer.brief)]
    asked["networks"] = [*networks(way, FILES, consumer.brief)]
    found: dict[str, Any] = {}
    reference(asked)
    for kind, paths in asked.items():
        labels = small.get(kind) or [(path.stem, path) for path in paths]
        done = [each for each in paths if each.with_suffix(f".{name}.npz").exists()]
        rest = [each for each in paths if each not in done]
        said: dict[Path, str | None] = {}
        for path, error in chain(((each, None) for each in done), tried(name, python, rest)):
            said[path] = judged(name, path, error)
            if said[path]:
                print(f"{name}: {path.stem}: {said[path]}", flush=True)
        found[kind] = {label: said[path] for label, path in labels}
    return found


def reference(asked: dict[str, list[Path]]) -> None:
    """Let the ONNX Runtime here run what it hasn't run."""
    for paths in asked.values():
        rest = [each for each in paths if not each.with_suffix(".expected.npz").exists()]
        for path, error in tried("onnxruntime", Path(sys.executable), rest):
            if error is not None:
                raise RuntimeError(f"ONNX Runtime: {path}: {error}")
            path.with_suffix(".onnxruntime.npz").rename(path.with_suffix(".expected.npz"))


def told(name: str, consumer: Consumer) -> str:
    """What there is to say of a consumer before it is tried."""
    fetched = "" if (BUILD / "environments" / name).exists() else ", an environment to be made"
    much = "a file for each layer" if consumer.brief else "a file for every field of every layer"
    return f"{name}: {consumer.called}, {much}{fetched}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", metavar="CONSUMER", help=", ".join(CONSUMERS))
    parser.add_argument("--extra-index-url", help="of builds of PyTorch without CUDA")
    asked = parser.parse_args()
    if unknown := [each for each in asked.names if each not in CONSUMERS]:
        parser.error(f"no consumer is called {unknown[0]}; there are {', '.join(CONSUMERS)}")
    names = asked.names or [*CONSUMERS]
    sources = [f"--extra-index-url={url}"] if (url := asked.extra_index_url) else []
    print(f"{len(names)} to try, each for a few minutes; what is done is kept in {BUILD}")
    print(*(told(name, CONSUMERS[name]) for name in names), sep="\n", flush=True)
    for name in names:
        begun = time.monotonic()
        found = measured(name, CONSUMERS[name], sources)
        (BUILD / f"{name}.json").write_text(json.dumps(found, indent=1))
        known = facts(found, FILES / Way.of(CONSUMERS[name]).folder)
        write(MEASURED, name, known)
        taken, every = known["layers"]
        minutes = (time.monotonic() - begun) / 60
        print(f"{name}: takes {taken} of {every} files of layers; {minutes:.0f} min", flush=True)


if __name__ == "__main__":
    main()
