"""The boxes of a network for a page, frame by frame: all blocks can be opened."""

from collections.abc import Sequence
from typing import NamedTuple, cast

from netspec.analysis.columns.catalogue import column
from netspec.analysis.columns.figures import Asked, Figures, Place
from netspec.graph import Blob, Graph, Node, Size
from netspec.printable import printable
from netspec.view import words
from netspec.view.folding import Folding
from netspec.view.scene import Box, Costs, Frame, Kind
from netspec.view.units import Unit, Units
from netspec.view.wiring import Wiring, given, read

MEASURES = ("params", "macs", "activation_bytes")
OPEN = Folding(everything=True)


class Drawn(NamedTuple):
    """A box, the rows that it has in a table, and of a block what is in it."""

    box: Box
    rows: tuple[Node, ...] = ()
    unit: Unit | None = None


class Opened(NamedTuple):
    """The boxes of a frame, and the frame, whose blocks have their ports."""

    drawn: Sequence[Drawn]
    frame: Frame


class Boxes:
    """Makes the frames of a view of one phase."""

    def __init__(self, view: Graph) -> None:
        self.view = view
        self.units = Units(view, OPEN)
        self._figures = Figures(view, Asked())
        self._columns = [column(name) for name in MEASURES]
        self._wiring = Wiring(view)
        self._batch = view.nodes[0].batch if view.nodes else 1

    def outermost(self) -> Opened:
        """The frame of the whole."""
        view = self.view
        inputs = [blob for blob in view.inputs if blob.name in view.readers] or view.inputs
        drawn = [Drawn(_end(blob.name, Kind.INPUT, (), (blob.name,))) for blob in inputs]
        drawn += [self._drawn(unit) for unit in self.units.of(view.root)]
        if len(view.results) > 1:
            drawn += map(self._output, view.results)
        return self._opened(drawn)

    def inside(self, drawn: Drawn) -> Opened:
        """The frame of a block."""
        unit, box = drawn.unit, drawn.box
        assert unit is not None and unit.scope is not None
        units = self.units.of(unit.scope, unit.scope.block is not None)
        return self._opened([self._drawn(each) for each in units], box.ins, box.outs)

    def costs(self, nodes: Sequence[Node], unit: Unit | None = None) -> Costs:
        """The figures of layers."""
        path = nodes[0].path if nodes else ""
        place = Place(path, tuple(nodes), None if unit is None else unit.scope)
        params, macs, memory = (each.of(self._figures, place) for each in self._columns)
        return Costs(cast(int, params), cast(Size, macs), cast(Size, memory))

    def row(self, node: Node, path: str) -> list[str]:
        """A layer's row in a table, its figures left out; `path` is that of the frame around."""
        tops = words.shapes(words.shape(blob, self._batch) for blob in node.tops)
        return [below(node.path, path), node.type, printable(tops)]

    def _opened(
        self, drawn: Sequence[Drawn], ins: tuple[str, ...] = (), outs: tuple[str, ...] = ()
    ) -> Opened:
        return Opened(drawn, self._wiring.frame([each.box for each in drawn], ins, outs))

    def _output(self, blob: Blob) -> Drawn:
        return Drawn(_end(self.view.result_name(blob), Kind.OUTPUT, (blob.name,), ()))

    def _drawn(self, unit: Unit) -> Drawn:
        if unit.scope is not None:
            return self._block(unit)
        main = unit.nodes[0]
        title = words.brief(main)
        box = Box(
            path=main.path,
            kind=Kind.SIGN if len(title) == 1 else Kind.LAYER,
            title=title,
            about=words.fused(unit.nodes),
            color=words.color(main),
            layers=(),
            costs=self.costs(unit.nodes),
            ins=read(unit.nodes),
            outs=given(self.view, unit.nodes),
            doc=main.doc,
        )
        return Drawn(box, tuple(unit.nodes))

    def _block(self, unit: Unit) -> Drawn:
        scope = unit.scope
        assert scope is not None
        title, about = words.block(scope, scope)
        ins, outs = read(unit.nodes), given(self.view, unit.nodes)
        box = Box(
            path=scope.path,
            kind=Kind.BLOCK,
            title=title,
            about=about,
            color="block",
            layers=(),
            costs=self.costs(unit.nodes, unit),
            ins=ins,
            outs=outs,
            doc=scope.doc,
            # Its wires are told apart by their ports, as those of an open one.
            inside=Frame((), (), ins, outs),
        )
        return Drawn(box, unit=unit)


def below(path: str, around: str) -> str:
    """A path as it's called within another."""
    return path[len(around) + 1 :] if around and path.startswith(f"{around}.") else path


def _end(name: str, kind: Kind, ins: tuple[str, ...], outs: tuple[str, ...]) -> Box:
    return Box(name, kind, name, "", str(kind), (), Costs(), ins, outs)
