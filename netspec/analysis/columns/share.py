"""The share of the whole."""

from collections.abc import Callable

from netspec.analysis.columns.catalogue import column
from netspec.analysis.columns.column import Column, Unit, Value
from netspec.analysis.columns.figures import Figures, Place


def _whole(figures: Figures) -> tuple[Callable[[Figures, Place], Value], Value]:
    """What shares are of: the figure of a row, and that of the network."""
    of = column(figures.asked.principal).of
    return of, of(figures, Place("", tuple(figures.graph)))


def _share(figures: Figures, place: Place) -> Value:
    """The share of the figure by which layers weigh; None where it isn't a number."""
    of, whole = figures.once(_whole)
    part = of(figures, place)
    if not isinstance(part, int | float) or not isinstance(whole, int | float) or not whole:
        return None
    return part / whole


COLUMNS = (
    Column(
        name="share",
        heading="share",
        about="the share of all MACs; of the convention's count, or of the time on the device",
        of=_share,
        unit=Unit.SHARE,
    ),
)
