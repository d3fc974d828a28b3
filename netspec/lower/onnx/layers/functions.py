"""Elementary functions of each element."""

from math import log

from netspec.graph import TensorType
from netspec.layers.functions import NATURAL, AbsVal, Clip, Exp, Log, Power, Threshold
from netspec.lower.onnx.emitter import ELEMENT_TYPES, Emitter
from netspec.lower.onnx.layers.registry import lowers


@lowers(AbsVal)
def absolute(layer: AbsVal, to: Emitter) -> None:
    to.top("Abs", to.bottoms)


@lowers(Power)
def power(layer: Power, to: Emitter) -> None:
    steps = _line(to, layer.scale, layer.shift)
    if layer.power != 1:
        steps.append(("Pow", to.float_constant("power", layer.power)))
    _chain(to, steps or [("Identity", None)])


@lowers(Exp)
def exponential(layer: Exp, to: Emitter) -> None:
    steps = _line(to, layer.scale, layer.shift)
    if layer.base != NATURAL:
        # A logarithm rounded to float32 would be magnified with the exponent.
        line = _values(to, steps)
        to.top("Pow", [to.float_constant("base", layer.base), line])
        return
    _chain(to, [*steps, ("Exp", None)])


@lowers(Log)
def logarithm(layer: Log, to: Emitter) -> None:
    steps = [*_line(to, layer.scale, layer.shift), ("Log", None)]
    if layer.base != NATURAL:
        steps.append(("Div", to.float_constant("log_base", log(layer.base))))
    _chain(to, steps)


@lowers(Threshold)
def threshold(layer: Threshold, to: Emitter) -> None:
    type = to.node.bottoms[0].type
    flags = TensorType(type.shape, "bool")
    limit = to.float_constant("threshold", layer.threshold)
    above = to.step("above", "Greater", [*to.bottoms, limit], flags)
    to.top("Cast", [above], to=ELEMENT_TYPES[type.dtype])


@lowers(Clip)
def clip(layer: Clip, to: Emitter) -> None:
    ends = {"least": layer.min, "greatest": layer.max}
    given = ["" if end is None else to.float_constant(name, end) for name, end in ends.items()]
    to.top("Clip", [*to.bottoms, *given])


Step = tuple[str, str | None]
"""An operator and its second operand, if it has one."""


def _line(to: Emitter, scale: float, shift: float) -> list[Step]:
    """scale * x + shift, without what changes nothing."""
    steps: list[Step] = []
    if scale != 1:
        steps.append(("Mul", to.float_constant("scale", scale)))
    if shift != 0:
        steps.append(("Add", to.float_constant("shift", shift)))
    return steps


def _values(to: Emitter, steps: list[Step]) -> str:
    """The value of the bottom after some steps."""
    value = to.bottoms[0]
    for operator, operand in steps:
        inputs = [value] if operand is None else [value, operand]
        value = to.step(operator.lower(), operator, inputs, to.node.bottoms[0].type)
    return value


def _chain(to: Emitter, steps: list[Step]) -> None:
    """Steps one behind the other; the last gives the top."""
    *before, (operator, operand) = steps
    value = _values(to, before)
    to.top(operator, [value] if operand is None else [value, operand])
