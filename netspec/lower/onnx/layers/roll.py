"""Roll."""

import numpy as np

from netspec.graph import Shape, Size, TensorType
from netspec.layers.roll import Roll
from netspec.lower.onnx.emitter import Emitter
from netspec.lower.onnx.layers.registry import lowers
from netspec.lower.onnx.steps.sizes import SCALAR, vector


@lowers(Roll)
def roll(layer: Roll, to: Emitter) -> None:
    """Along one axis after the other."""
    shape = to.node.bottoms[0].shape
    moves = [(axis, shift) for axis, shift in layer.moves(shape.rank) if _moves(shape[axis], shift)]
    if not moves:
        to.top("Identity", to.bottoms)
    value = to.bottoms[0]
    for number, (axis, shift) in enumerate(moves, start=1):
        op_type, inputs = _moved(to, value, axis, shift)
        if number == len(moves):
            to.top(op_type, inputs, axis=axis)
        else:
            value = to.step(f"rolled{axis}", op_type, inputs, to.node.tops[0].type, axis=axis)


def _moves(size: Size, shift: int) -> bool:
    return shift % size != 0 if isinstance(size, int) else shift != 0


def _moved(to: Emitter, value: str, axis: int, shift: int) -> tuple[str, list[str]]:
    """The operator that moves a value's elements along an axis, and its inputs: two parts, joined
    the other way round; where their sizes hang on one that isn't known, single elements.
    """
    type, label = to.node.bottoms[0].type, f"axis{axis}"
    size = type.shape[axis]
    if not isinstance(size, int):
        return "Gather", [value, _order(to, label, axis, shift)]
    sizes = [size - shift % size, shift % size]
    parts = to.steps(
        [f"{label}_front", f"{label}_behind"],
        "Split",
        [value, to.constant(f"{label}_sizes", sizes)],
        [type.with_shape(*type.shape.replace(axis, part)) for part in sizes],
        axis=axis,
    )
    return "Concat", parts[::-1]


def _order(to: Emitter, label: str, axis: int, shift: int) -> str:
    """Which element comes to each place: (i - shift) mod n."""
    places = TensorType(Shape((to.node.bottoms[0].shape[axis],)), "int64")
    whole = to.step(f"{label}_shape", "Shape", to.bottoms, vector(to.node.bottoms[0].shape.rank))
    inputs = [whole, to.constant(label, np.array(axis))]
    size = to.step(f"{label}_size", "Gather", inputs, SCALAR, axis=0)
    zero = to.constant(f"{label}_zero", np.array(0))
    one = to.constant(f"{label}_one", np.array(1))
    numbers = to.step(f"{label}_numbers", "Range", [zero, size, one], places)
    back = to.constant(f"{label}_shift", [shift])
    earlier = to.step(f"{label}_earlier", "Sub", [numbers, back], places)
    return to.step(f"{label}_order", "Mod", [earlier, size], places)
