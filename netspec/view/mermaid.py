"""A scene as a flowchart of Mermaid, which forges and notebooks draw within Markdown."""

from collections.abc import Iterator

from netspec.printable import printable
from netspec.view.colors import PAINTS, PLAIN, paint
from netspec.view.numbered import numbered
from netspec.view.scene import Box, Frame, Kind, Scene, boxes, links

MARKS = '#&"<>`\\'
"""What Mermaid or a browser might read as more than text."""
_SHAPES = {Kind.SIGN: ("((", "))"), Kind.INPUT: ("([", "])"), Kind.OUTPUT: ("([", "])")}


def to_mermaid(scene: Scene) -> str:
    """The flowchart's text, for a block ```` ```mermaid ````."""
    numbers = numbered(scene.frame)
    lines = ["flowchart TB", *_boxes(scene.frame, numbers, "  ")]
    for link in links(scene.frame):
        told = f'|"{_text(link.wire.shapes)}"|' if link.wire.told else ""
        lines.append(f"  n{numbers[link.source]} -->{told} n{numbers[link.target]}")
    lines += _colors(scene.frame, numbers)
    return "\n".join(lines) + "\n"


def _boxes(frame: Frame, numbers: dict[Box, int], indent: str) -> Iterator[str]:
    for box in frame.boxes:
        label = _text(f"{box.title} ×{box.count}" if box.count > 1 else box.title)
        if box.inside is None:
            before, after = _SHAPES.get(box.kind, ("(", ")"))
            label += f"<br>{_text(box.about)}" if box.about else ""
            yield f'{indent}n{numbers[box]}{before}"{label}"{after}'
        else:
            label += f" {_text(box.about)}" if box.about else ""
            yield f'{indent}subgraph n{numbers[box]}["{label}"]'
            yield from _boxes(box.inside, numbers, indent + "  ")
            yield f"{indent}end"


def _colors(frame: Frame, numbers: dict[Box, int]) -> Iterator[str]:
    """A class for each colour that is there."""
    members: dict[str, list[str]] = {}
    for box in boxes(frame):
        if box.inside is None:
            color = box.color if box.color in PAINTS else "plain"
            members.setdefault(color, []).append(f"n{numbers[box]}")
    for color, names in members.items():
        fill, stroke = PLAIN if color == "plain" else paint(color)
        yield f"  classDef {color} fill:{fill},stroke:{stroke},color:#1a1a1a"
        yield f"  class {','.join(names)} {color}"


def _text(text: str) -> str:
    """A text within quotes, its marks as the numbers of their characters."""
    return "".join(f"#{ord(each)};" if each in MARKS else each for each in printable(text))
