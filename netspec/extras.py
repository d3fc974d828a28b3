"""Libraries that netspec can do without, and what to say where they are missing."""

from importlib import import_module
from types import ModuleType

from netspec.diagnostics import Diagnostic, SpecError

DISTRIBUTION = "netspec-compiler"
"""What pip installs: the name that the package has on an index, where `netspec` is another's."""


def install_command(extra: str) -> str:
    """The command that adds an extra."""
    return f"pip install '{DISTRIBUTION}[{extra}]'"


def require(module: str, extra: str) -> ModuleType:
    """Import an optional module; where it can't be, name the command that installs it.

    Call it before the `import` statement that gives a type checker the module's types:

        require("torch", "torch")
        import torch
    """
    try:
        return import_module(module)
    except ImportError as error:
        # Also where the module is there but something that it needs isn't: the same command
        # mends that, and the reason tells the two apart.
        reason = str(error)
        message = f"this needs `{module}`, which can't be imported"
        if not (isinstance(error, ModuleNotFoundError) and error.name == module):
            message += f" ({reason})"
        install = f"install it with `{install_command(extra)}`"
        raise SpecError([Diagnostic("missing-extra", message, help=install)]) from error
