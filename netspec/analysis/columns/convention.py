"""What a layer counts for by a convention."""

from netspec.analysis.columns.column import Column, summed
from netspec.analysis.columns.figures import Asked, Figures
from netspec.analysis.columns.wrong import unknown
from netspec.analysis.conventions import CONVENTIONS, Convention
from netspec.graph import Node, Size


def convention(name: str, option: str = "convention") -> Convention:
    """The convention of a name; Wrong where there is none, which names the nearest."""
    if name not in CONVENTIONS:
        raise unknown(option, "convention", "conventions", name, CONVENTIONS)
    return CONVENTIONS[name]


def count(figures: Figures, node: Node) -> Size:
    """Its work, weighed by the convention."""
    assert figures.asked.convention is not None
    return figures.items * node.work.weighed(CONVENTIONS[figures.asked.convention].weights)


def _heading(asked: Asked) -> str:
    return "count" if asked.convention is None else asked.convention


COLUMNS = (
    Column(
        name="count",
        heading=_heading,
        about="what it counts for by `--convention`",
        of=summed(count),
        needs="convention",
    ),
)
