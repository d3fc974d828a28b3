"""How wide text is, whatever fonts a machine has: by the widths of Helvetica.

The widths are those of its metrics (Adobe's AFM files, in thousandths of the size), which Arial and
Liberation Sans share. A little more is counted, since machines without any of these draw with wider
ones.
"""

from unicodedata import east_asian_width

_LETTERS = {
    222: "ijl",
    260: "|",
    278: " !,./:;I[]\\ft·",
    333: "()-`r",
    355: '"',
    389: "*",
    469: "^",
    500: "Jcksvxyz",
    556: "#$0123456789?L_abdeghnopqu",
    584: "+<=>~−×÷±",
    611: "FTZ",
    667: "&ABEKPSVXY",
    722: "CDHNRUw",
    778: "GOQ",
    833: "Mm",
    889: "%",
    944: "W",
    1000: "…—",
    1015: "@",
}
_WIDTHS = {letter: width for width, letters in _LETTERS.items() for letter in letters}
UNKNOWN = 0.65
WIDE = 1.05
"""Of the size: letters of other alphabets; those of East Asia, and signs as wide as they."""
BOLD = 1.08
ROOM = 1.08


def width(text: str, size: float, bold: bool = False) -> float:
    """The width of a line of text at a size, in its units."""
    return ROOM * size * sum(map(_width, text)) * (BOLD if bold else 1)


def _width(letter: str) -> float:
    known = _WIDTHS.get(letter)
    if known is not None:
        return known / 1000
    return WIDE if east_asian_width(letter) in "WF" else UNKNOWN


def cut(text: str, longest: int) -> str:
    """The text, or its beginning where it's longer than so many letters."""
    return text if len(text) <= longest else text[: longest - 1] + "…"
