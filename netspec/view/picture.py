"""What `Network.draw` gives: a drawing that notebooks show, and that can be saved."""

from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import SupportsIndex

from netspec import arguments
from netspec.graph import Graph
from netspec.listed import listed
from netspec.output import replacing
from netspec.view.asked import scene_for
from netspec.view.dot import to_dot
from netspec.view.layout.drawing import Drawing, arranged
from netspec.view.mermaid import to_mermaid
from netspec.view.options import DrawOptions, PngOptions
from netspec.view.png import to_png
from netspec.view.scene import Scene
from netspec.view.svg import to_svg

SUFFIXES = (".svg", ".png", ".dot", ".mmd")


class Picture:
    """A drawing of a network, which `Network.draw` gives: a notebook shows it, `save` writes it.

    Where the extra `draw` is missing, what needs it raises SpecError: all but `dot` and `mermaid`.
    """

    def __init__(self, graph: Graph, options: DrawOptions) -> None:
        self._scene = scene_for(graph, options)

    @property
    def scene(self) -> Scene:
        """What is drawn, before anyone says where."""
        return self._scene

    @cached_property
    def drawing(self) -> Drawing:
        """Everything at its place."""
        return arranged(self.scene)

    @cached_property
    def svg(self) -> str:
        """The drawing as SVG."""
        return to_svg(self.drawing)

    @property
    def dot(self) -> str:
        """The drawing for Graphviz, which lays it out itself."""
        return to_dot(self.scene)

    @property
    def mermaid(self) -> str:
        """The drawing as a flowchart of Mermaid, for Markdown."""
        return to_mermaid(self.scene)

    def png(self, scale: SupportsIndex = 2) -> bytes:
        """The drawing as PNG, `scale` pixels to one of the SVG, 1 to 8.

        SpecError where it would be too large; ValueError and TypeError for another scale.
        """
        options = arguments.options(PngOptions, **asdict(DrawOptions()), scale=scale)
        return to_png(self.drawing, options.scale)

    def save(self, path: str | Path) -> None:
        """Write it to a `path` that ends in .svg, .png, .dot or .mmd, whole or not at all.

        ValueError for another name, TypeError for what is none; SpecError where it can't be
        written.
        """
        path = arguments.path(path, "path")
        suffix = Path(path).suffix.lower()
        if suffix not in SUFFIXES:
            raise ValueError(f"`path` must end in {listed([*SUFFIXES], 'or')}")
        content = self.content(suffix)
        with replacing(path) as file:
            file.write(content)

    def content(self, suffix: str, scale: int = 2) -> bytes:
        """The bytes of a file of one of the suffixes."""
        if suffix == ".png":
            return self.png(scale)
        text = {".svg": lambda: self.svg, ".dot": lambda: self.dot, ".mmd": lambda: self.mermaid}
        return text[suffix]().encode()

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f"<drawing of {self.scene.name}>"
