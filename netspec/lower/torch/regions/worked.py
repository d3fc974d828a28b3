"""What layers give, in terms: each worked out once, however often it stands there alike."""

from dataclasses import replace
from typing import Any

from netspec.graph import Node, TensorType
from netspec.graph.types import Shape
from netspec.layers import Layer, LayerError
from netspec.lower.torch.regions.opened import flat_image, has_open, seen
from netspec.lower.torch.terms.formulas import Formula
from netspec.lower.torch.terms.numbers import Log, Open, OpenTuple, opened, plain
from netspec.lower.torch.terms.terms import Term

Types = tuple[TensorType, ...]


class Worked:
    """What layers give on their bottoms, with what this hangs on.

    It serves the plans of a network one after the other, which differ in a few terms.
    """

    def __init__(self) -> None:
        self._known: dict[object, tuple[Types, list[Term]]] = {}

    def of(self, log: Log, node: Node, layer: Layer, types: Types) -> Types:
        """What the layer gives, its sizes in terms; mere numbers where it can't follow."""
        known = tuple(blob.type for blob in node.tops)
        if not has_open(layer, types):
            return known
        found = self._found(log, layer, types, len(known))
        return tuple(
            flat_image(made, log) if _same(made, type) else type
            for made, type in zip(found, known, strict=True)
        )

    def _found(self, log: Log, layer: Layer, types: Types, count: int) -> Types:
        fields = tuple(_stated(value) for _, value in layer)
        bottoms = tuple(
            (each.dtype, _stated(each.plane), _stated(each.shape.sizes)) for each in types
        )
        key = (type(layer), fields, bottoms, count)
        if key not in self._known:
            start = len(log.decided)
            made = log.trial(lambda: layer.outputs_for(types, count), seen, LayerError)
            self._known[key] = made, log.decided[start:]
            return made
        made, decided = self._known[key]
        log.decided += decided
        return tuple(replace(each, shape=_noted(each.shape, log)) for each in made)


def _stated(value: Any) -> object:
    """What a value is and which term it has, to be compared without a word in a log."""
    match value:
        case OpenTuple() | Open():
            return plain(value), value.term
        case Formula():
            return tuple(map(_stated, value.parts))  # its elements are many
        case tuple() | list():
            return tuple(map(_stated, value))
    return value


def _noted(shape: Shape, log: Log) -> Shape:
    """The sizes, whose part in decisions this log is told of."""
    return Shape(
        tuple(
            opened(plain(size), size.term, log) if isinstance(size, Open) else size
            for size in shape
        )
    )


def _same(made: TensorType, type: TensorType) -> bool:
    return plain(tuple(made.shape)) == tuple(type.shape) and made.dtype == type.dtype
