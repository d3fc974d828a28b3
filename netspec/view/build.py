"""A scene of a network: `scene_of`."""

from typing import cast

from netspec.analysis.columns.catalogue import column
from netspec.analysis.columns.figures import Asked, Figures, Place
from netspec.graph import Blob, Graph, Phase, Size
from netspec.view import words
from netspec.view.folding import Folding
from netspec.view.scene import Box, Costs, Frame, Kind, Scene
from netspec.view.units import Unit, Units
from netspec.view.wiring import Wiring, given, read

PAPER = Folding()
MEASURES = ("params", "macs", "activation_bytes")


def scene_of(graph: Graph, folding: Folding = PAPER, phase: Phase | str = Phase.TEST) -> Scene:
    """The scene of a graph in one phase, folded as asked; a graph of one phase keeps to that."""
    view = graph if graph.view is not None else graph.phase(phase)
    caption = words.figures(view.params, view.macs)
    return Scene(view.name, caption, view.doc, _Builder(view, folding).whole())


class _Builder:
    """Makes the boxes and frames of a view of one phase."""

    def __init__(self, view: Graph, folding: Folding) -> None:
        self.view = view
        self.units = Units(view, folding)
        self.folding = folding
        self.figures = Figures(view, Asked())
        self.columns = [column(name) for name in MEASURES]
        self.seen: set[object] = set()
        self.wiring = Wiring(view)

    def whole(self) -> Frame:
        inputs = [blob for blob in self.view.inputs if blob.name in self.view.readers]
        boxes = [self._input(blob) for blob in inputs or self.view.inputs]
        boxes += [self._box(unit, level=1) for unit in self.units.of(self.view.root)]
        if len(self.view.results) > 1:
            boxes += map(self._output, self.view.results)
        return self.wiring.frame(boxes)

    def _input(self, blob: Blob) -> Box:
        return Box(blob.name, Kind.INPUT, blob.name, "", "input", (), Costs(), (), (blob.name,))

    def _output(self, blob: Blob) -> Box:
        name = self.view.result_name(blob)
        return Box(name, Kind.OUTPUT, name, "", "output", (), Costs(), (blob.name,), ())

    def _box(self, unit: Unit, level: int) -> Box:
        return self._layer(unit) if unit.scope is None else self._block(unit, level)

    def _layer(self, unit: Unit) -> Box:
        main = unit.nodes[0]
        title = words.brief(main)
        return Box(
            path=main.path,
            kind=Kind.SIGN if len(title) == 1 else Kind.LAYER,
            title=title,
            about=words.fused(unit.nodes),
            color=words.color(main),
            layers=_paths(unit),
            costs=self._costs(unit),
            ins=read(unit.nodes),
            outs=given(self.view, unit.nodes),
            doc=main.doc,
        )

    def _block(self, unit: Unit, level: int) -> Box:
        scope, last = unit.scope, unit.last
        assert scope is not None and last is not None
        key = scope.block if scope.block is not None else self.units.kin(unit)
        fresh = key not in self.seen
        self.seen.add(key)
        title, about = words.block(scope, last)
        ins, outs = read(unit.nodes), given(self.view, unit.nodes)
        inside = None
        if self.folding.opens(scope, level, fresh):
            in_block = scope.block is not None
            boxes = [self._box(each, level + 1) for each in self.units.of(scope, in_block)]
            inner = given(self.view, unit.first)
            inside = self.wiring.frame(boxes, read(unit.first), inner)
            first = frozenset(inside.ins)
            ins = (*inside.ins, *(name for name in ins if name not in first))
        return Box(
            path=scope.path,
            kind=Kind.BLOCK,
            title=title,
            about=about,
            color="block",
            layers=_paths(unit),
            costs=self._costs(unit),
            ins=ins,
            outs=outs,
            doc=scope.doc,
            count=unit.count,
            last=last.path,
            inside=inside,
        )

    def _costs(self, unit: Unit) -> Costs:
        place = Place(unit.nodes[0].path, tuple(unit.nodes), unit.scope)
        params, macs, memory = (each.of(self.figures, place) for each in self.columns)
        return Costs(cast(int, params), cast(Size, macs), cast(Size, memory))


def _paths(unit: Unit) -> tuple[str, ...]:
    return tuple([node.path for node in unit.nodes])
