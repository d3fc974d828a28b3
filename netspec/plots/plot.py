"""A plot that is drawn: shown by notebooks, saved in files."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, SupportsIndex

from netspec import arguments
from netspec.listed import listed
from netspec.output import replacing
from netspec.plots.style import styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_METADATA: dict[str, dict[str, Any]] = {
    "svg": {"Date": None, "Creator": None},
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
"""What matplotlib would write into a file of itself and of the time."""
SUFFIXES = tuple(f".{form}" for form in _METADATA)
DOTS, MOST_DOTS = 200, 1200
"""An inch, in a PNG."""


def suffix_of(path: str | Path) -> str:
    """The suffix of a file for a plot; ValueError where it is of none."""
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise ValueError(f"a plot's file must end in {listed([*SUFFIXES], 'or')}")
    return suffix


class Plot:
    """A plot, which a notebook shows and `save` writes. `figure` is matplotlib's, to be changed."""

    def __init__(self, draw: "Callable[[], Figure]") -> None:
        with styled():
            self.figure = draw()

    @property
    def svg(self) -> str:
        """The plot as SVG, its text as text; the same bytes for the same figures."""
        return self.content(".svg").decode()

    def png(self, dpi: SupportsIndex = DOTS) -> bytes:
        """The plot as PNG, with `dpi` dots an inch, 50 to 1,200.

        ValueError and TypeError for another number.
        """
        dots = arguments.integer(dpi, "dpi", 50)
        if dots > MOST_DOTS:
            raise ValueError(f"`dpi` is at most {MOST_DOTS:,}")
        return self.content(".png", dots)

    def save(self, path: str | Path) -> None:
        """Write it to a `path` that ends in .svg, .png or .pdf, whole or not at all.

        ValueError for another name, TypeError for what is none; SpecError where it can't be
        written.
        """
        path = arguments.path(path, "path")
        content = self.content(suffix_of(path))
        with replacing(path) as file:
            file.write(content)

    def content(self, suffix: str, dots: int = DOTS) -> bytes:
        """The bytes of a file of one of the suffixes."""
        file, form = BytesIO(), suffix.removeprefix(".")
        with styled():
            self.figure.savefig(
                file,
                format=form,
                dpi=dots,
                metadata=_METADATA[form],
                bbox_inches="tight",
                pad_inches=0.04,
            )
        return file.getvalue()

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return "<plot>"
