"""What can be asked for of a drawing. Imports nothing heavy, so that `--help` can say it."""

from collections.abc import Sequence
from dataclasses import dataclass

from netspec.graph.nodes import Phase
from netspec.lower.options import option

GREATEST_SCALE = 8
PHASE = "Drawings: the phase that is drawn."


@dataclass(frozen=True, slots=True)
class DrawOptions:
    """What of a network a drawing shows."""

    depth: int | None = option(
        None,
        "Drawings: fold what stands this deep, and open all above it; else the first of each kind "
        "of block is open.",
        int,
        least=1,
    )
    open: str | Sequence[str] = option(
        (),
        "Drawings: a block, or the path of one instance, to open in any case. Repeatable.",
        list[str],
        metavar="BLOCK",
    )
    open_all: bool = option(
        False,
        "Drawings: open every block, and draw equal neighbours each by itself.",
    )
    phase: str = option("TEST", PHASE, Phase)

    def __post_init__(self) -> None:
        if self.open_all and self.depth is not None:
            raise ValueError("a drawing with every block open has no depth")


@dataclass(frozen=True, slots=True)
class PngOptions(DrawOptions):
    """What of a network a picture shows, and how large."""

    scale: int = option(2, "PNG: pixels to one of the SVG, 1 to 8.", least=1)

    def __post_init__(self) -> None:
        DrawOptions.__post_init__(self)
        if self.scale > GREATEST_SCALE:
            raise ValueError(f"`scale` is at most {GREATEST_SCALE}")


@dataclass(frozen=True, slots=True)
class PageOptions:
    """What of a network a page shows, whose reader opens and closes its blocks."""

    phase: str = option("TEST", PHASE, Phase)
