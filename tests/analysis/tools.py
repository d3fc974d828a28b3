"""Other programs that count, where they are installed: each as a function of a module and inputs.

They patch PyTorch, or the module, for as long as they count: a module is for one count.
"""

import logging
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from io import StringIO
from typing import Any

import pytest
import torch
from packaging.version import Version
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from netspec.analysis.conventions import CONVENTIONS
from tests.specs.parity import torchvision_models

Counts = Mapping[str, int]


def counts(name: str, model: nn.Module, inputs: list[Tensor]) -> Counts:
    """What a tool counts, by the conventions that its numbers are; skips the test where it isn't
    installed as it was measured.
    """
    require(name)
    with _quiet(), _restored():
        return _TOOLS[name](model.eval(), inputs)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without what tools print and warn of: thop of `distutils`, fvcore of what it doesn't know."""
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _restored() -> Iterator[None]:
    """PyTorch's names as they were: not every tool takes all of its patches back."""
    places: tuple[Any, ...] = (torch, torch.Tensor, torch.nn.functional)
    before = [(place, dict(vars(place))) for place in places]
    try:
        yield
    finally:
        for place, names in before:
            for name, value in names.items():
                if vars(place).get(name) is not value:
                    setattr(place, name, value)


def require(name: str) -> None:
    """Skip the test where a tool isn't there in the version of its convention."""
    if name == "torch":
        return
    stated = str(CONVENTIONS[name].tool).split(",")[0].removeprefix(f"{name} ")
    try:
        there = version(name)
    except PackageNotFoundError:
        pytest.skip(f"{name} isn't installed")
    if Version(there) != Version(stated):
        pytest.skip(f"{name} {stated} was measured, but {there} is installed")
    torchvision_models()  # ptflops and fvcore import it, which takes what stands there
    try:
        with _quiet():
            import_module(name)
    except ImportError as error:
        pytest.skip(f"{name} can't be imported: {error}")


def _torch(model: nn.Module, inputs: list[Tensor]) -> Counts:
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        model.to("meta")(*[each.to("meta") for each in inputs])
    return {"torch": int(counter.get_total_flops())}


def _fvcore(model: nn.Module, inputs: list[Tensor]) -> Counts:
    counted = _tool("fvcore.nn").FlopCountAnalysis(model, tuple(inputs))
    counted.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
    logging.getLogger("fvcore").setLevel(logging.ERROR)
    return {"fvcore": int(counted.total())}


def _torchinfo(model: nn.Module, inputs: list[Tensor]) -> Counts:
    summary = _tool("torchinfo").summary(model, input_data=inputs, verbose=0)
    return {"torchinfo": int(summary.total_mult_adds)}


def _ptflops(model: nn.Module, inputs: list[Tensor]) -> Counts:
    (tensor,) = inputs
    found, _ = _tool("ptflops").get_model_complexity_info(
        model,
        (1,),
        print_per_layer_stat=False,
        as_strings=False,
        backend="pytorch",
        input_constructor=lambda _: tensor,
    )
    return {"ptflops": int(found)}


def _thop(model: nn.Module, inputs: list[Tensor]) -> Counts:
    return {"thop": int(_tool("thop").profile(model, inputs=tuple(inputs), verbose=False)[0])}


def _calflops(model: nn.Module, inputs: list[Tensor]) -> Counts:
    flops, macs, _ = _tool("calflops").calculate_flops(
        model, args=inputs, print_results=False, output_as_string=False
    )
    return {"calflops": int(flops), "calflops_macs": int(macs)}


def _tool(name: str) -> Any:
    return import_module(name)


_TOOLS: dict[str, Callable[[nn.Module, list[Tensor]], Counts]] = {
    "torch": _torch,
    "fvcore": _fvcore,
    "torchinfo": _torchinfo,
    "ptflops": _ptflops,
    "thop": _thop,
    "calflops": _calflops,
}
