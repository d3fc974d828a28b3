"""Where the stock networks and the templates lie: data, not code."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def specs_dir() -> Path:
    """The folder of the stock networks, `*.yaml`, and in `recipes` of how they are trained."""
    return _data_dir("specs")


def stock_files() -> list[Path]:
    """The files of the stock networks."""
    return sorted(specs_dir().glob("*.yaml"))


def recipe_files() -> list[Path]:
    """The files of the stock recipes."""
    return sorted((specs_dir() / "recipes").glob("*.yaml"))


def codegen_dir() -> Path:
    """The folder of the templates, a folder for each target."""
    return _data_dir("codegen")


def _data_dir(name: str) -> Path:
    """Inside the package, where a wheel puts it; else beside it, as in a checkout.

    A build can map a top-level folder into a wheel's package, but neither into a bare checkout
    nor, kept up to date, into an editable install.
    """
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _PACKAGE.parent / name
