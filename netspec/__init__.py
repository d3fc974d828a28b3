"""netspec: a compiler for neural-network definitions.

>>> import netspec
>>> net = netspec.load("lenet")
>>> net.params
431080
"""

from netspec._version import __version__ as __version__
from netspec.api import Network as Graph
from netspec.api import load as load
from netspec.api import loads as loads
from netspec.diagnostics import Diagnostic as Diagnostic
from netspec.diagnostics import SpecError as SpecError
from netspec.diagnostics import SpecWarning as SpecWarning
from netspec.graph import Shape as Shape

__all__ = [
    "Diagnostic",
    "Graph",
    "Shape",
    "SpecError",
    "SpecWarning",
    "__version__",
    "load",
    "loads",
]
