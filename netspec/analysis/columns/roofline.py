"""The least time that layers take on a device, and what makes it so long."""

from netspec.analysis.columns.column import Column, Unit, Value
from netspec.analysis.columns.figures import Figures, Place
from netspec.analysis.roofline import Bound, bound, together
from netspec.graph import Node


def bound_of(figures: Figures, node: Node) -> Bound:
    """The lower bound of a layer's time; Wrong where a size isn't a number."""
    assert figures.asked.device is not None
    return bound(node, figures.asked.device, figures.items, figures.asked.precision)


def bound_of_all(figures: Figures) -> Bound:
    """That of the network, whose layers run one after another."""
    return together(figures.of(bound_of, node) for node in figures.graph)


def _bound(figures: Figures, place: Place) -> Bound:
    return together(figures.of(bound_of, node) for node in place.nodes)


def _time(figures: Figures, place: Place) -> Value:
    return _bound(figures, place).time


def _by(figures: Figures, place: Place) -> Value:
    return _bound(figures, place).by


COLUMNS = (
    Column(
        name="time",
        heading="least time",
        about="the least time that it takes on the device, in seconds",
        of=_time,
        unit=Unit.SECONDS,
        needs="device",
    ),
    Column(
        name="bound",
        heading="bound by",
        about="what bounds most of that time: compute or memory",
        of=_by,
        unit=Unit.TEXT,
        needs="device",
    ),
)
