"""Softmax and LogSoftmax."""

from netspec.layers.softmax import LogSoftmax, Softmax
from netspec.lower.onnx.emitter import Emitter
from netspec.lower.onnx.layers.registry import lowers


@lowers(Softmax)
def softmax(layer: Softmax, to: Emitter) -> None:
    to.top("Softmax", to.bottoms, axis=layer.axis)


@lowers(LogSoftmax)
def log_softmax(layer: LogSoftmax, to: Emitter) -> None:
    to.top("LogSoftmax", to.bottoms, axis=layer.axis)
