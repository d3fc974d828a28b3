"""A drawing as SVG: one file that stands by itself, in the style of papers.

Names and docs are anybody's text: they're escaped, and nothing of them is markup. Nothing is
fetched from elsewhere, and the same drawing has the same bytes.
"""

from collections.abc import Iterator
from html import escape

from netspec.analysis.columns.column import Unit
from netspec.analysis.units import short
from netspec.printable import printable
from netspec.view.colors import Paint, paint
from netspec.view.layout import sizes
from netspec.view.layout.crossings import Point
from netspec.view.layout.drawing import Drawing, PlacedBox, PlacedWire
from netspec.view.layout.frames import Rectangle
from netspec.view.layout.text import cut, width
from netspec.view.scene import Box, Kind

FONT = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', 'Noto Sans', Verdana, sans-serif"
EDGE = 14.0
"""Around the whole."""
HEAD = 34.0
"""The room for the network's name."""
NAME, CAPTION = 12.0, 9.0
WIDER = 1.1
"""How much wider a line this long is in DejaVu Sans than counted; a box has room for it anyhow."""
ROUND = 5.0
"""The radius of wires' corners."""
LINE, GRAY, DARK = "#444444", "#6b6b6b", "#1a1a1a"
FRAME = Paint("#5b6f8a", "#a9b4c2")
LONGEST = 300
"""Letters of a doc in the text that a viewer shows for a box."""
ARROW = (
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7.2" refY="4" markerWidth="6.5" '
    'markerHeight="6.5" orient="auto"><path d="M0.6 0.8L7.4 4L0.6 7.2L2.2 4z" '
    f'fill="{LINE}"/></marker></defs>'
)


def to_svg(drawing: Drawing) -> str:
    """The file's text."""
    name, caption = _line(drawing.scene.name), drawing.scene.caption
    heading = WIDER * (width(name, NAME, bold=True) + width(caption, CAPTION)) + 10
    wide = max(drawing.width, heading) + 2 * EDGE
    high = drawing.height + HEAD + EDGE
    x, y = (wide - drawing.width) / 2, HEAD
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_n(wide)}" height="{_n(high)}" '
        f'viewBox="0 0 {_n(wide)} {_n(high)}" font-family="{FONT}" role="img">',
        f"<title>{_text(name)}</title>",
    ]
    if drawing.scene.doc:
        lines.append(f"<desc>{_text(cut(printable(drawing.scene.doc), LONGEST))}</desc>")
    lines += [
        ARROW,
        f'<rect width="{_n(wide)}" height="{_n(high)}" fill="#ffffff"/>',
        f'<text x="{_n(EDGE)}" y="20" font-size="{NAME:g}" fill="{DARK}">'
        f'<tspan font-weight="bold">{_text(name)}</tspan>'
        f'<tspan dx="8" font-size="{CAPTION:g}" fill="{GRAY}">{_text(caption)}</tspan></text>',
        f'<g transform="translate({_n(x)} {_n(y)})">',
        *_group("frames", [under for each in drawing.boxes if (under := _under(each))]),
        *_group("wires", map(_wire, drawing.wires)),
        *_group("boxes", [_box(each) for each in drawing.boxes if each.box.inside is None]),
        *_group("headers", [_header(each) for each in drawing.boxes if each.box.inside]),
        *_group("shapes", [label for each in drawing.wires if (label := _label(each))]),
        "</g>",
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _group(name: str, members: "Iterator[str] | list[str] | map[str]") -> Iterator[str]:
    lines = [*members]
    if lines:
        yield f'<g class="{name}">'
        yield from lines
        yield "</g>"


def _under(placed: PlacedBox) -> str:
    """What wires run over: a frame, or what a stack has behind its first."""
    if placed.box.inside is None:
        return _stack(placed, paint(placed.box.color), 4)
    stack = _stack(placed, FRAME._replace(fill="#ffffff"), 6)
    look = f'fill="{FRAME.fill}" fill-opacity=".07" stroke="{FRAME.stroke}" stroke-width=".8"'
    return f"{stack}{_rect(placed.at, look, 6)}"


def _header(placed: PlacedBox) -> str:
    name, more = sizes.header(placed.box)
    at = placed.at
    more = f'<tspan dx="4">{_text(more)}</tspan>' if more else ""
    return (
        f'<text x="{_n(at.x + sizes.BESIDE_TEXT)}" y="{_n(at.y + 12)}" '
        f'font-size="{sizes.ABOUT + 1:g}" fill="#4b5a6e" {_halo("#f4f6f8")}>'
        f'<tspan font-weight="bold">{_text(name)}</tspan>{more}{_tooltip(placed.box)}</text>'
    )


def _box(placed: PlacedBox) -> str:
    drawn = _sign(placed) if placed.box.kind is Kind.SIGN else _plain(placed)
    return f"<g>{_tooltip(placed.box)}{drawn}</g>"


def _plain(placed: PlacedBox) -> str:
    box, at = placed.box, placed.at
    colors = paint(box.color)
    look = f'fill="{colors.fill}" stroke="{colors.stroke}"'
    dash = ' stroke-dasharray="3 2"' if box.kind is Kind.OUTPUT else ""
    x, middle = at.middle
    times = f'<tspan dx="5" font-weight="bold">{sizes.times(box)}</tspan>' if box.count > 1 else ""
    first = middle - 3 if box.about else middle + 4
    text = _centred(x, first, sizes.TITLE, DARK, _text(sizes.title(box)) + times)
    if box.about:
        text += _centred(x, middle + 10, sizes.ABOUT, GRAY, _text(sizes.about(box)))
    return f"{_rect(at, look + dash, 4)}{text}"


def _sign(placed: PlacedBox) -> str:
    box, (x, y) = placed.box, placed.at.middle
    colors = paint(box.color)
    radius = placed.at.width / 2
    circle = (
        f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" fill="{colors.fill}" '
        f'stroke="{colors.stroke}"/>'
    )
    sign = _centred(x, y + 4.5, 13, DARK, _text(sizes.title(box)))
    if not box.about:
        return circle + sign
    beside = (
        f'<text x="{_n(x + radius + 4)}" y="{_n(y + 3)}" font-size="{sizes.ABOUT:g}" '
        f'fill="{GRAY}" {_halo()}>{_text(sizes.about(box))}</text>'
    )
    return circle + sign + beside


def _stack(placed: PlacedBox, colors: Paint, radius: int) -> str:
    """What looks out behind the first of several."""
    if placed.box.count < 2:
        return ""
    look = f'fill="{colors.fill}" stroke="{colors.stroke}"'
    return "".join(_rect(placed.at.moved(by, -by), look, radius) for by in (sizes.STACK, 2.5))


def _wire(placed: PlacedWire) -> str:
    arrow = ' marker-end="url(#arrow)"' if placed.ends else ""
    return f'<path d="{_path(placed.points)}" fill="none" stroke="{LINE}"{arrow}/>'


def _label(placed: PlacedWire) -> str:
    if placed.label is None:
        return ""
    x, y = placed.label
    text = _text(sizes.label(placed.wire.shapes))
    return (
        f'<text x="{_n(x)}" y="{_n(y + 3)}" font-size="{sizes.LABEL:g}" fill="{GRAY}" '
        f"{_halo()}>{text}</text>"
    )


def _path(points: tuple[Point, ...]) -> str:
    """The wire's path, its corners rounded."""
    parts = [f"M{_n(points[0][0])} {_n(points[0][1])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        near, far = _toward(corner, before), _toward(corner, after)
        parts.append(f"L{_n(near[0])} {_n(near[1])}")
        parts.append(f"Q{_n(corner[0])} {_n(corner[1])} {_n(far[0])} {_n(far[1])}")
    parts.append(f"L{_n(points[-1][0])} {_n(points[-1][1])}")
    return "".join(parts)


def _toward(corner: Point, other: Point) -> Point:
    """Where the rounding of a corner begins."""
    length = abs(other[0] - corner[0]) + abs(other[1] - corner[1])
    part = min(ROUND, length / 2) / length if length else 0
    return corner[0] + (other[0] - corner[0]) * part, corner[1] + (other[1] - corner[1]) * part


def _rect(at: Rectangle, look: str, radius: int) -> str:
    return (
        f'<rect x="{_n(at.x)}" y="{_n(at.y)}" width="{_n(at.width)}" height="{_n(at.height)}" '
        f'rx="{radius}" {look}/>'
    )


def _centred(x: float, y: float, size: float, fill: str, markup: str, more: str = "") -> str:
    look = f'font-size="{size:g}" fill="{fill}" text-anchor="middle"'
    return f'<text x="{_n(x)}" y="{_n(y)}" {look}{more and " " + more}>{markup}</text>'


def _halo(color: str = "#ffffff") -> str:
    return f'stroke="{color}" stroke-width="2.4" stroke-linejoin="round" paint-order="stroke"'


def _tooltip(box: Box) -> str:
    """What a viewer shows for a box: its path, figures and doc."""
    path = box.path if box.count < 2 else f"{box.path} … {box.last}"
    lines = [path]
    if box.costs.params:
        lines.append(f"{short(box.costs.params, Unit.COUNT)} parameters")
    if box.costs.macs:
        lines.append(f"{short(box.costs.macs, Unit.COUNT)} MACs")
    if box.doc:
        lines.append(cut(box.doc, LONGEST))
    return f"<title>{_text(_line(' · '.join(lines)))}</title>"


def _line(text: str) -> str:
    return printable(" ".join(text.split()))


def _text(text: str) -> str:
    return escape(text)


def _n(number: float) -> str:
    """A number with one place at most."""
    text = f"{number:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text
