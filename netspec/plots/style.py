"""How plots look, and matplotlib, which draws them.

Why matplotlib: everybody who plots in Python knows it and can change what it gives; it writes SVG,
PDF and PNG itself, the same bytes each time, and carries its fonts. It is 9 MB of wheels with all
that it needs, hence an extra; no module but those of this folder imports it, and none needs a
display, for its `pyplot` stays out.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from warnings import catch_warnings, filterwarnings

from netspec.extras import require

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 6.5
"""Inches: the text of a page."""
SIZE, SMALL = 8, 7
"""Points: the text of a plot, and what stands at a bar or a point."""
INK, PALE = "#1f3a5f", "#b9c4d0"
"""What a plot is about, and what stands behind it."""
RULE, FAINT = "#8a8a86", "#dcdcd8"
"""Axes, and lines that part what they are along."""
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#6a51a3", "#000000")
"""Of lines in one plot: those of Okabe and Ito 2008, Color Universal Design, which eyes that see
few colours tell apart too; a violet for their yellow, which paper swallows.
"""

_STYLE: dict[str, Any] = {
    "font.family": ["DejaVu Sans"],  # it comes with matplotlib: the same plot on each machine
    "font.size": SIZE,
    "axes.titlesize": SIZE,
    "axes.labelsize": SIZE,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": RULE,
    "axes.linewidth": 0.6,
    "xtick.color": RULE,
    "ytick.color": RULE,
    "xtick.labelcolor": "black",
    "ytick.labelcolor": "black",
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "lines.linewidth": 1.2,
    "lines.solid_joinstyle": "round",
    "text.parse_math": False,  # `$` in a name is a dollar
    "svg.fonttype": "none",  # text stays text: it can be searched for, and set in a paper's font
    "svg.hashsalt": "netspec",
    "pdf.fonttype": 42,
}


@contextmanager
def styled() -> Iterator[None]:
    """Let matplotlib draw in our style, whatever a user's own settings say.

    SpecError where it is missing. A character that its font lacks is a box in pixels, and no
    warning: a name may be in any script.
    """
    require("matplotlib", "plot")
    from matplotlib import style

    with style.context(["default", _STYLE]), catch_warnings():
        filterwarnings("ignore", message="Glyph .* missing from")
        yield


def new_figure(height: float, width: float = WIDTH) -> "Figure":
    """An empty figure of so many inches, whose parts find their places by themselves."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def bare(axes: "Axes", *sides: str) -> None:
    """Take away the line and the ticks of some sides."""
    for side in sides:
        axes.spines[side].set_visible(False)
    off: Any = dict.fromkeys(sides, False)
    axes.tick_params(**off)
