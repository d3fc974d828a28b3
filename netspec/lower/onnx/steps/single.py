"""Layers that compute in float32 whatever the network does, between casts.

In float16 a square of 300 is infinite, one of 0.0001 is 0, and so is the eps that was to keep a
divisor from it; in bfloat16 whole numbers end at 256.
"""

from collections.abc import Sequence
from typing import Any

from netspec.graph import Node, Shape, TensorType
from netspec.lower.onnx.emitter import ELEMENT_TYPES, Emitter, Parts
from netspec.lower.onnx.passes.precision import HALVES, widened
from netspec.lower.onnx.schemas import takes


def in_float32(to: Emitter) -> Emitter:
    """An emitter of the same layer whose every value is of float32 where it was of a half."""
    blobs = (*to.node.bottoms, *to.node.tops)
    if any(blob.type.dtype in HALVES for blob in blobs):
        return _Single(to.node, to.parts)
    return to


def unless_taken(to: Emitter, op_type: str) -> Emitter:
    """An emitter in float32 where the operator, which only chooses among values, doesn't take the
    layer's own type yet.
    """
    taken = takes(op_type, to.opset, to.node.bottoms[0].type.dtype)
    return to if taken else in_float32(to)


class _Single(Emitter):
    """Casts what is read and what is given."""

    def __init__(self, node: Node, parts: Parts) -> None:
        super().__init__(widened(node), parts)
        self._narrow = {top.name: top.type for top in node.tops if top.type.dtype in HALVES}
        self._held = {each.name: each for each in node.parameters}
        self.bottoms = [
            self._widened(blob.name, f"single{number}", wide.type)
            for number, (blob, wide) in enumerate(zip(node.bottoms, self.node.bottoms, strict=True))
        ]

    def weight(self, suffix: str) -> str:
        wide = self._parameter(suffix)
        name = self.parts.hold(self._held[wide.name])
        return self._widened(name, f"single_{suffix}", TensorType(Shape(wide.shape), wide.dtype))

    def _widened(self, name: str, label: str, type: TensorType) -> str:
        if self.parts.types[name] == type.dtype:
            return name
        return self.step(label, "Cast", [name], type, to=ELEMENT_TYPES[type.dtype])

    def _add(
        self,
        op_type: str,
        inputs: Sequence[str],
        outputs: Sequence[str],
        name: str,
        attributes: dict[str, Any],
        doc: str | None = None,
    ) -> None:
        if self._narrow.keys().isdisjoint(outputs):
            super()._add(op_type, inputs, outputs, name, attributes, doc)
            return
        narrow = {each: self._narrow[each] for each in outputs if each in self._narrow}
        path = self.node.path
        wide = {
            each: self.parts.value(f"{path}/wide", TensorType(type.shape, "float32"))
            for each, type in narrow.items()
        }
        inner = [wide.get(each, each) for each in outputs]
        super()._add(op_type, inputs, inner, inner[0], attributes)
        for number, (each, type) in enumerate(narrow.items()):
            kind = {"to": ELEMENT_TYPES[type.dtype]}
            super()._add("Cast", [wide[each]], [each], each if number else name, kind, doc)
