"""What Snake becomes in ONNX: a node for each step."""

from netspec.lower.onnx.emitter import Emitter
from snake_layer.layer import Snake


def snake(layer: Snake, to: Emitter) -> None:
    bottom, kind = to.bottoms[0], to.node.tops[0].type
    trailing = (1,) * (kind.shape.rank - 2)
    shape = to.constant("shape", [-1, *trailing])
    channels = kind.with_shape(layer.channels([kind]), *trailing)
    alpha = to.step("alpha", "Reshape", [to.weight("alpha"), shape], channels)
    angle = to.step("angle", "Mul", [bottom, alpha], kind)
    sine = to.step("sine", "Sin", [angle], kind)
    square = to.step("square", "Mul", [sine, sine], kind)
    ripple = to.step("ripple", "Div", [square, alpha], kind)
    to.top("Add", [bottom, ripple])
