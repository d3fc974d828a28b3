"""The colours of boxes, by what they are coloured by: a fill and a stroke that print well."""

from typing import NamedTuple


class Paint(NamedTuple):
    """A fill and the stroke around it."""

    fill: str
    stroke: str


PLAIN = Paint("#f4f4f2", "#8a8a86")
PAINTS = {
    "filters": Paint("#dbe8f6", "#4a7ab0"),
    "weights": Paint("#fbe3cd", "#c08035"),
    "pooling": Paint("#dcefdc", "#5a9a62"),
    "normalization": Paint("#ece2f4", "#8565a8"),
    "activation": Paint("#fdf3cf", "#b79b2f"),
    "attention": Paint("#f8dde3", "#b5566c"),
    "recurrent": Paint("#d8eeee", "#3f8f8f"),
    "losses": Paint("#f6d9d5", "#b24d42"),
    "arithmetic": Paint("#ffffff", "#444444"),
    "block": Paint("#eef1f6", "#66758c"),
    "input": Paint("#ffffff", "#8a8a86"),
    "output": Paint("#ffffff", "#8a8a86"),
}
"""By family (`netspec.layers`), the filters among layers of weights by themselves."""


def paint(color: str) -> Paint:
    """The colours of a box; those of other families are plain."""
    return PAINTS.get(color, PLAIN)
