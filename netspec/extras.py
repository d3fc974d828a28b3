"""Libraries that netspec can do without, and what to say where they are missing."""

from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

from netspec.diagnostics import Diagnostic, SpecError

DISTRIBUTION = "netspec-compiler"
"""What pip installs: the name that the package has on an index, where `netspec` is another's."""

NEEDED = (
    "jinja2",
    "ml_dtypes",
    "numpy",
    "onnx",
    "platformdirs",
    "protobuf",
    "pydantic",
    "pyyaml",
    "rich",
    "safetensors",
    "typer",
)
"""The packages that come with netspec."""


@dataclass(frozen=True, slots=True)
class Extra:
    """An extra: what can be done with it, and the packages that it brings."""

    adds: str
    packages: tuple[str, ...]


EXTRAS = {
    "torch": Extra("networks as PyTorch modules (`to_torch`), weights from .pt files", ("torch",)),
    "lsp": Extra("`netspec lsp` serves editors", ("pygls",)),
    "draw": Extra(
        "networks as drawings and pages: .svg, .png, .html, `netspec view`",
        ("graphlay", "resvg-py"),
    ),
    "plot": Extra("costs, sweeps and runs as plots, .svg, .png and .pdf", ("matplotlib",)),
    "train": Extra(
        "`netspec train`; scikit-learn has its digits, Pillow reads images",
        ("torch", "pillow", "scikit-learn"),
    ),
    "tensorboard": Extra(
        "figures of training for TensorBoard", ("torch", "pillow", "scikit-learn", "tensorboard")
    ),
    "verify": Extra("`netspec verify` runs PyTorch and ONNX Runtime", ("torch", "onnxruntime")),
}


def install_command(extra: str) -> str:
    """The command that adds an extra."""
    return f"pip install '{DISTRIBUTION}[{extra}]'"


def reinstall_command(package: str) -> str:
    """The command for a package that is there and doesn't work: to ask for it changes nothing."""
    return f"pip install --force-reinstall {package}"


def require(module: str, extra: str) -> ModuleType:
    """Import an optional module; where it can't be, name the command that installs it.

    Call it before the `import` statement that gives a type checker the module's types:

        require("torch", "torch")
        import torch
    """
    try:
        return import_module(module)
    except Exception as error:  # a library that can't be loaded is an OSError, and so on
        message = f"this needs `{module}`, which can't be imported"
        help = f"install it anew with `{reinstall_command(module)}`"
        if not (isinstance(error, ModuleNotFoundError) and error.name == module):
            message += f" ({error})"
        if isinstance(error, ModuleNotFoundError):
            # Also where something is missing that it needs: the same command brings that.
            help = f"install it with `{install_command(extra)}`"
        raise SpecError([Diagnostic("missing-extra", message, help=help)]) from error
