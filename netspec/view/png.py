"""A drawing as PNG, by resvg.

Why resvg: its wheel (resvg-py, MIT, 1.5 MB, the renderer in Rust within) is all that it needs;
CairoSVG, the other one in use, wants the system's cairo library. It fetches nothing. Text is set in
a font of the machine: two machines with other fonts give other pixels, where the SVG's bytes are
the same. One without any would give boxes without a word, and no complaint: that is found out.
"""

from netspec.diagnostics import Diagnostic, SpecError
from netspec.extras import require
from netspec.view.layout.drawing import Drawing
from netspec.view.svg import FONT, to_svg

MOST = 100_000_000
"""Pixels of a picture."""
_PROBE = (
    f'<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20" font-family="{FONT}">'
    '<text x="0" y="16">%s</text></svg>'
)


def to_png(drawing: Drawing, scale: int) -> bytes:
    """The file's bytes, `scale` pixels to one of the SVG; SpecError where it's too large, resvg is
    missing, or any font is.
    """
    require("resvg_py", "draw")
    import resvg_py

    pixels = round(drawing.width * drawing.height * scale**2)
    if pixels > MOST:
        message = f"the picture would have {pixels:,} pixels, and {MOST:,} are the most"
        help = "fold more (`--depth`), lower `--scale`, or write .svg"
        raise SpecError([Diagnostic("too-large", message, help=help)])
    if resvg_py.svg_to_bytes(_PROBE % "M") == resvg_py.svg_to_bytes(_PROBE % ""):
        message = "there is no font here to set the text of a picture in"
        help = "install one (Debian: fonts-dejavu-core), or write .svg"
        raise SpecError([Diagnostic("missing-extra", message, help=help)])
    return bytes(resvg_py.svg_to_bytes(to_svg(drawing), zoom=scale))
