"""What is installed beside netspec, what each extra would add, what this machine's runtimes can do.

Nothing here fails: that a package is missing, or breaks as it is imported, is an answer too.
"""

import os
import platform
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from netspec._version import __version__
from netspec.extras import EXTRAS, NEEDED, Extra


@dataclass(frozen=True, slots=True)
class Package:
    """A package: its version, None where it isn't there; what it can do here; why it can't be
    used, where it can't.
    """

    name: str
    version: str | None
    facts: tuple[str, ...] = ()
    trouble: str | None = None

    @property
    def works(self) -> bool:
        """Whether it is there and can be used."""
        return self.version is not None and self.trouble is None


@dataclass(frozen=True, slots=True)
class Report:
    """All that `netspec doctor` says; `problems` are those of installed packages of layers."""

    netspec: str
    folder: Path
    python: str
    machine: str
    packages: tuple[Package, ...]
    layers: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def faults(self) -> tuple[str, ...]:
        """What is installed, or must be, and doesn't work: an extra that isn't there is none."""
        broken = [
            f"{each.name}: {each.trouble or 'it is missing, and netspec needs it'}"
            for each in self.packages
            if each.trouble or (each.version is None and each.name in NEEDED)
        ]
        return (*broken, *self.problems)

    def broken(self, extra: Extra) -> list[str]:
        """The packages of an extra that are installed and don't work."""
        return [each.name for each in self.packages if each.name in extra.packages and each.trouble]

    def lacking(self, extra: Extra) -> list[str]:
        """The packages of an extra that aren't installed, or don't work."""
        return [
            each.name for each in self.packages if each.name in extra.packages and not each.works
        ]


def examine() -> Report:
    """Look at this machine; PyTorch and ONNX Runtime are imported where they are installed."""
    from netspec.plugins import installed

    layers, problems = installed()
    optional = dict.fromkeys(name for extra in EXTRAS.values() for name in extra.packages)
    return Report(
        __version__,
        Path(__file__).parent,
        f"{platform.python_version()}, {sys.executable}",
        f"{platform.system()} {platform.machine()}, {_cores()} cores",
        tuple(map(_package, (*NEEDED, *optional))),
        tuple(sorted(layers)),
        tuple(problems),
    )


def _cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _package(name: str) -> Package:
    try:
        found = version(name)
    except PackageNotFoundError:
        return Package(name, None)
    module = _MODULES.get(name, name)
    ending = _ending(module) if name not in NEEDED else None
    if ending is not None:
        return Package(name, found, trouble=ending)
    try:
        import_module(module)
        facts = _FACTS[name]() if name in _FACTS else ()
    except (Exception, SystemExit) as error:  # it may raise anything; that it does is the answer
        return Package(name, found, trouble=f"{type(error).__name__}: {error}")
    return Package(name, found, tuple(facts))


def _ending(module: str) -> str | None:
    """How a process ends that imports a module of machine code, where a signal ends it: as that of
    a build for another processor does.
    """
    command = [sys.executable, "-P", "-c", f"import {module}"]
    ran = subprocess.run(command, check=False, capture_output=True)
    if ran.returncode >= 0:
        return None
    return f"Python is ended by {signal.Signals(-ran.returncode).name} as it is imported"


def _torch() -> list[str]:
    import torch

    devices = [torch.cuda.get_device_name(each) for each in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        devices.append("Apple's GPU")
    return [
        f"runs on {', '.join(devices) or 'the CPU alone'}",
        f"{torch.get_num_threads()} threads, {torch.backends.cpu.get_cpu_capability()}",
    ]


def _onnxruntime() -> list[str]:
    import onnxruntime

    from netspec.lower.onnx.runtime import newest_runnable

    providers = [
        each.removesuffix("ExecutionProvider") for each in onnxruntime.get_available_providers()
    ]
    return [f"runs on {', '.join(providers)}", f"opsets up to {newest_runnable()}"]


def _onnx() -> list[str]:
    from netspec.lower.onnx.runtime import newest_known

    return [f"opsets up to {newest_known()}"]


_MODULES = {
    "protobuf": "google.protobuf",
    "pillow": "PIL",
    "pyyaml": "yaml",
    "resvg-py": "resvg_py",
    "scikit-learn": "sklearn",
}
"""What is imported of a package where that has another name."""
_FACTS: dict[str, Callable[[], list[str]]] = {
    "torch": _torch,
    "onnx": _onnx,
    "onnxruntime": _onnxruntime,
}
