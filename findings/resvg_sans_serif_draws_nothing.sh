#!/usr/bin/env bash
# resvg draws no text at all in `font-family="sans-serif"` where there is a sans serif font, but no
# Arial: no other font stands in for it, and nothing is said.
#
# CSS has `sans-serif` stand for some font that is there, so that lists of fonts end in it. resvg
# takes it for Arial (another is named by an argument). The same text in the font's own name is
# drawn; in a list that ends in `sans-serif` and in a generic name alone the picture is blank.
#
# Seen with resvg-py 0.5.0, with DejaVu Sans, as matplotlib 3.10 brings it, as the only font.
#
# Exit status 0: as described. 1: otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q resvg-py==0.5.0 "matplotlib>=3.10,<3.11"
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from pathlib import Path

import matplotlib
import resvg_py

FONT = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20" font-family="{}">'
    '<text x="2" y="16">{}</text></svg>'
)


def picture(family: str, text: str) -> bytes:
    svg = SVG.format(family, text)
    return resvg_py.svg_to_bytes(svg, skip_system_fonts=True, font_files=[str(FONT)])


blank = picture("DejaVu Sans", "")
drawn = {
    family: picture(family, "text") != blank
    for family in ("DejaVu Sans", "Helvetica, sans-serif", "sans-serif")
}
print(drawn)
sys.exit(list(drawn.values()) != [True, False, False])
PYTHON
