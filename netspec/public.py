"""The names of the Python interface, which `netspec` gives on when they are asked for."""

from netspec._version import __version__
from netspec.api import diff, load, loads
from netspec.diagnostics import Diagnostic, Severity, Span, SpecError, SpecWarning
from netspec.families import Family, family
from netspec.graph import Blob, Node, Parameter, Phase, Shape, SymbolicSize
from netspec.network import Network
from netspec.plots.runs import plot_runs
from netspec.sweeping.plotting import plot_sweep
from netspec.sweeping.sweep import sweep
from netspec.trained import train

Graph = Network
"""What a network is also called."""

__all__ = [
    "Blob",
    "Diagnostic",
    "Family",
    "Graph",
    "Network",
    "Node",
    "Parameter",
    "Phase",
    "Severity",
    "Shape",
    "Span",
    "SpecError",
    "SpecWarning",
    "SymbolicSize",
    "__version__",
    "diff",
    "family",
    "load",
    "loads",
    "plot_runs",
    "plot_sweep",
    "sweep",
    "train",
]
