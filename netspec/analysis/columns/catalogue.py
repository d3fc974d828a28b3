"""All columns, by name.

A column is added with an entry here and a `Column` in the `COLUMNS` of its module.
"""

from collections.abc import Iterable
from importlib import import_module
from typing import Any

from netspec.analysis.columns.column import Column
from netspec.analysis.columns.figures import Asked
from netspec.analysis.columns.wrong import Wrong, unknown

MODULES = {
    "name": "identity",
    "type": "identity",
    "bottom": "identity",
    "top": "identity",
    "params": "counts",
    "trainable_params": "counts",
    "weights": "counts",
    "buffers": "counts",
    "macs": "counts",
    "share": "share",
    "flops": "counts",
    "activations": "counts",
    "activation_bytes": "traffic",
    "read_bytes": "traffic",
    "written_bytes": "traffic",
    "intensity": "traffic",
    "saved_bytes": "saved",
    "receptive_field": "receptive",
    "time": "roofline",
    "bound": "roofline",
    "torch": "conventions",
    "fvcore": "conventions",
    "torchinfo": "conventions",
    "ptflops": "conventions",
    "thop": "conventions",
    "calflops": "conventions",
    "calflops_macs": "conventions",
}
"""Each column's module, in the order in which they are listed."""

TABLE = ("name", "type", "top", "params", "macs", "share")
"""The columns of a table where none are asked for."""
JSON = (
    *("name", "type", "bottom", "top", "params", "macs", "flops", "activations"),
    *("activation_bytes", "read_bytes", "written_bytes", "receptive_field"),
)
"""What JSON has of each layer, whatever else is asked for."""
WIDE = ("receptive_field", "activations", "flops")
"""The columns that a wide terminal has besides, in the order in which they are taken in."""


COUNTING = ("macs", "flops", *(name for name in MODULES if MODULES[name] == "conventions"))
"""The columns that are conventions, any of which may stand where MACs do."""


def usual(asked: Asked, more: int = 0) -> tuple[str, ...]:
    """The columns of a table where none are named: those of `TABLE`, so many of `WIDE`, and what a
    convention or a device is asked for.
    """
    names = counted((*TABLE[:4], *WIDE[:more], *TABLE[4:]), asked)
    return tuple(dict.fromkeys((*names, *besides(asked)[1:])))


def besides(asked: Asked) -> tuple[str, ...]:
    """The columns that stand for what was asked for: what is counted, and times on a device."""
    return (asked.convention, *(("time", "bound") if asked.device is not None else ()))


def counted(names: Iterable[str], asked: Asked) -> tuple[str, ...]:
    """The usual columns, with the convention that is asked for in place of MACs."""
    return tuple([asked.convention if name == "macs" else name for name in names])


def require_convention(asked: Asked) -> None:
    """Wrong where there is no convention of the name that is asked for."""
    if asked.convention not in COUNTING:
        raise unknown("convention", "convention", "conventions", asked.convention, COUNTING)


def column(name: str, option: str = "columns") -> Column:
    """The column of a name; Wrong where there is none, which names the nearest."""
    if name not in MODULES:
        raise unknown(option, "column", "columns", name, MODULES)
    module: Any = import_module(f"netspec.analysis.columns.{MODULES[name]}")
    every: tuple[Column, ...] = module.COLUMNS
    return next(each for each in every if each.name == name)


def columns(names: Iterable[str]) -> tuple[Column, ...]:
    """The columns of names, in that order, each once."""
    return tuple([column(name) for name in dict.fromkeys(names)])


def require(chosen: Column, asked: Asked, option: str = "columns") -> None:
    """Wrong where a column needs what isn't given."""
    if chosen.needs is not None and getattr(asked, chosen.needs) is None:
        raise Wrong(option, f"`{chosen.name}` needs a {chosen.needs}: `--{chosen.needs}`")
