"""A scene as text for Graphviz, which lays it out itself: frames are its clusters."""

from collections.abc import Iterator

from netspec.printable import printable
from netspec.view.colors import paint
from netspec.view.numbered import numbered
from netspec.view.scene import Box, Frame, Kind, Scene, links

HEAD = """\
  graph [fontname="Helvetica", fontsize=10, style="rounded"]
  node [shape=box, style="rounded,filled", fontname="Helvetica", fontsize=11, fillcolor="#ffffff"]
  edge [fontname="Helvetica", fontsize=8, color="#444444", fontcolor="#6b6b6b"]
"""


def to_dot(scene: Scene) -> str:
    """The graph's text."""
    numbers = numbered(scene.frame)
    lines = [f"digraph {_quoted(scene.name)} {{", HEAD.rstrip("\n")]
    lines.append(f"  label={_quoted(f'{scene.name}: {scene.caption}')}; labelloc=t")
    lines += _boxes(scene.frame, numbers, "  ")
    for link in links(scene.frame):
        told = f" [label={_quoted(link.wire.shapes)}]" if link.wire.told else ""
        lines.append(f"  n{numbers[link.source]} -> n{numbers[link.target]}{told}")
    return "\n".join([*lines, "}"]) + "\n"


def _boxes(frame: Frame, numbers: dict[Box, int], indent: str) -> Iterator[str]:
    for box in frame.boxes:
        colors = paint(box.color)
        if box.inside is None:
            shape = ', shape=circle, margin="0"' if box.kind is Kind.SIGN else ""
            look = f'fillcolor="{colors.fill}", color="{colors.stroke}"{shape}'
            label = _quoted(*filter(None, (_title(box), box.about)))
            yield f"{indent}n{numbers[box]} [label={label}, {look}]"
        else:
            yield f"{indent}subgraph cluster_{numbers[box]} {{"
            yield f"{indent}  label={_quoted(' '.join((_title(box), box.about)).strip())}"
            yield from _boxes(box.inside, numbers, indent + "  ")
            yield f"{indent}}}"


def _title(box: Box) -> str:
    return f"{box.title} ×{box.count}" if box.count > 1 else box.title


def _quoted(*lines: str) -> str:
    """A string of the language, of these lines."""
    escaped = [printable(each).replace("\\", "\\\\").replace('"', '\\"') for each in lines]
    return '"' + "\\n".join(escaped) + '"'
