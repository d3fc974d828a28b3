"""All columns, by name.

A column is added with an entry here and a `Column` in the `COLUMNS` of its module.
"""

from collections.abc import Iterable
from importlib import import_module
from typing import Any

from netspec.analysis.columns.column import Column
from netspec.analysis.columns.figures import Asked
from netspec.analysis.columns.wrong import Wrong

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
    "share": "counts",
    "flops": "counts",
    "activations": "counts",
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
JSON = ("name", "type", "bottom", "top", "params", "macs", "flops", "activations")
"""What JSON has of each layer, whatever else is asked for."""


WIDE = ("activations", "flops")
"""The columns that a wide terminal has besides, in the order in which they are taken in."""

COUNTING = ("macs", "flops", *(name for name in MODULES if MODULES[name] == "conventions"))
"""The columns that are conventions, any of which may stand where MACs do."""


def column(name: str, option: str = "columns") -> Column:
    """The column of a name; Wrong where there is none, which names the nearest."""
    if name not in MODULES:
        raise Wrong(option, _unknown(name))
    module: Any = import_module(f"netspec.analysis.columns.{MODULES[name]}")
    every: tuple[Column, ...] = module.COLUMNS
    return next(each for each in every if each.name == name)


def columns(names: Iterable[str]) -> tuple[Column, ...]:
    """The columns of names, in that order, each once."""
    return tuple([column(name) for name in dict.fromkeys(names)])


def counted(names: Iterable[str], asked: Asked) -> tuple[str, ...]:
    """The usual columns, with the convention that is asked for in place of MACs."""
    return tuple([asked.convention if name == "macs" else name for name in names])


def require_convention(asked: Asked) -> None:
    """Wrong where there is no convention of the name that is asked for."""
    if asked.convention not in COUNTING:
        from netspec.diagnostics.suggest import did_you_mean

        help = did_you_mean(asked.convention, COUNTING)
        words = f"no convention is called {asked.convention!r}", help
        every = f"the conventions are {', '.join(COUNTING)}"
        raise Wrong("convention", _sentence(*words, every))


def require(chosen: Column, asked: Asked, option: str = "columns") -> None:
    """Wrong where a column needs what isn't given."""
    if chosen.needs is not None and getattr(asked, chosen.needs) is None:
        raise Wrong(option, f"`{chosen.name}` needs a {chosen.needs}: `--{chosen.needs}`")


def _unknown(name: str) -> str:
    from netspec.diagnostics.suggest import did_you_mean

    help = did_you_mean(name, MODULES)
    words = f"no column is called {name!r}", help, f"the columns are {', '.join(MODULES)}"
    return _sentence(*words)


def _sentence(*words: str | None) -> str:
    return "; ".join(filter(None, words)).replace("?; the", "? The")
