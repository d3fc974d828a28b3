"""What stands in a plot's file."""

from typing import Any
from xml.etree import ElementTree


def texts(svg: str) -> list[str]:
    """The texts of an SVG, as a reader sees them."""
    root = ElementTree.fromstring(svg)
    found = (each for each in root.iter() if each.tag.endswith("}text"))
    return ["".join(each.itertext()).strip() for each in found]


def kinds(svg: str) -> set[str]:
    """The names of an SVG's elements."""
    return {each.tag.partition("}")[2] for each in ElementTree.fromstring(svg).iter()}


def points(line: Any) -> list[tuple[float, float]]:
    """Where a line of matplotlib's goes."""
    return [(float(x), float(y)) for x, y in line.get_xydata()]
