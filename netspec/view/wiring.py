"""The wires of a frame: who reads what, from box to box and over the border."""

from collections.abc import Sequence

from netspec.graph import Blob, Graph, Node
from netspec.view import words
from netspec.view.scene import Box, End, Frame, Kind, Wire


def read(nodes: Sequence[Node]) -> tuple[str, ...]:
    """The blobs that layers read beyond themselves, in the order in which they do."""
    made = {blob.name for node in nodes for blob in node.tops}
    found = (blob.name for node in nodes for blob in node.bottoms)
    return tuple(dict.fromkeys([name for name in found if name not in made]))


def given(graph: Graph, nodes: Sequence[Node]) -> tuple[str, ...]:
    """The blobs that layers give beyond themselves: to other layers, or to the outputs' boxes."""
    own = {node.path for node in nodes}
    # A single result ends the drawing; several are boxes that read them.
    results = {blob.name for blob in graph.results} if len(graph.results) > 1 else ()
    return tuple(
        blob.name
        for node in nodes
        for blob in node.tops
        if blob.name in results
        or any(each.path not in own for each in graph.readers.get(blob.name, ()))
    )


class Wiring:
    """Wires the boxes of frames of a graph, a view of one phase."""

    def __init__(self, graph: Graph) -> None:
        self._blobs: dict[str, tuple[Blob, Node | None]] = {b.name: (b, None) for b in graph.inputs}
        self._blobs |= {blob.name: (blob, node) for node in graph.nodes for blob in node.tops}
        self._batch = graph.nodes[0].batch if graph.nodes else 1
        self._told: set[str] = set()

    def frame(
        self, boxes: Sequence[Box], ins: tuple[str, ...] = (), outs: tuple[str, ...] = ()
    ) -> Frame:
        """The frame of boxes, with the ports that its border has."""
        givers = {name: End(None, port) for port, name in enumerate(ins)}
        for number, box in enumerate(boxes):
            givers |= {name: End(number, port) for port, name in enumerate(box.outs)}
        pairs = [
            (givers[name], End(number, port), name)
            for number, box in enumerate(boxes)
            for port, name in enumerate(box.ins)
            if name in givers
        ]
        pairs += [(givers[name], End(None, port), name) for port, name in enumerate(outs)]
        together: dict[tuple[End, End], list[str]] = {}
        for source, target, name in pairs:
            together.setdefault((_at(boxes, source), _at(boxes, target)), []).append(name)
        wires = [self._wire(boxes, *ends, names) for ends, names in together.items()]
        return Frame(tuple(boxes), tuple(wires), ins, outs)

    def _wire(self, boxes: Sequence[Box], source: End, target: End, names: list[str]) -> Wire:
        shapes = words.shapes(self._shape(name) for name in names)
        crosses = source.box is None or target.box is None
        told = not crosses and self._tells(boxes[source.box or 0], names)
        return Wire(source, target, tuple(names), shapes, told)

    def _tells(self, box: Box, names: Sequence[str]) -> bool:
        """Whether a wire's shapes are worth telling: for the first time, and other than before."""
        fresh = self._told.isdisjoint(names)
        self._told.update(names)
        before = {self._shape(name) for name in box.ins}
        changed = any(self._shape(name) not in before for name in names)
        return fresh and (box.kind is Kind.INPUT or changed)

    def _shape(self, name: str) -> str:
        blob, node = self._blobs[name]
        return words.shape(blob, self._batch if node is None else node.batch)


def _at(boxes: Sequence[Box], end: End) -> End:
    """An end as it's drawn: a closed box is one place, whatever the port."""
    if end.box is None or boxes[end.box].inside is not None:
        return end
    return End(end.box, 0)
