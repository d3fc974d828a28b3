"""How large the boxes and texts of a drawing are, in pixels."""

from netspec.printable import printable
from netspec.view.layout.text import cut, width
from netspec.view.scene import Box, Kind

TITLE, ABOUT, LABEL = 11.0, 8.0, 8.0
"""Sizes of text: of a box's title, of what stands below it, beside wires."""
LONGEST = 48
"""Letters of a text in a box; the rest is left out."""
BESIDE_TEXT = 8.0
"""Between a text and the side of its box."""
LOW, HIGH = 22.0, 34.0
"""Heights of boxes of one line and of two."""
BLOCK = 96.0
"""The least width of a folded block."""
SIGN = 18.0
"""The diameter of a circle with a sign."""
STACK = 5.0
"""How far those behind the first of a stack look out."""
BESIDE_WIRE, BELOW_BOX = 4.0, 7.0
"""From a wire to its label; from the box that it leaves to the label's middle."""
HEADER = 20.0
"""The room for a frame's title."""
PORT = 12.0
"""Kept free beside a wire over a border."""
MARGIN = 12.0
"""Between what is in a frame and its sides."""


def title(box: Box) -> str:
    return cut(printable(box.title), LONGEST)


def about(box: Box) -> str:
    return cut(printable(box.about), LONGEST)


def times(box: Box) -> str:
    """`×3` for equal neighbours, else nothing."""
    return f"×{box.count}" if box.count > 1 else ""


def size(box: Box) -> tuple[float, float]:
    """The width and height of a closed box, the stack behind it left out."""
    if box.kind is Kind.SIGN:
        return SIGN, SIGN
    text = width(title(box), TITLE)
    if box.count > 1:
        text += width("  " + times(box), TITLE, bold=True)
    wide = max(text, width(about(box), ABOUT)) + 2 * BESIDE_TEXT
    return max(wide, BLOCK if box.kind is Kind.BLOCK else 0), HIGH if box.about else LOW


def header(box: Box) -> tuple[str, str]:
    """What stands at the top of a frame: its name, then the block that it's an instance of."""
    name, block = (about(box), title(box)) if box.about else (title(box), "")
    return name, " ".join(filter(None, (block, times(box))))


def header_width(box: Box) -> float:
    name, more = header(box)
    return width(name, ABOUT + 1, bold=True) + width(f" {more}", ABOUT + 1) + 2 * BESIDE_TEXT


def label(text: str) -> str:
    return cut(printable(text), LONGEST)


def label_size(text: str) -> float:
    """The width of a label."""
    return width(label(text), LABEL)
