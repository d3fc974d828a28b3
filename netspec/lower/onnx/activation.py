"""ReLU and Softmax."""

from netspec.layers.activation import ReLU, Softmax
from netspec.lower.onnx.emitter import Emitter


def relu(layer: ReLU, to: Emitter) -> None:
    if layer.negative_slope:
        to.top("LeakyRelu", to.bottoms, alpha=layer.negative_slope)
    else:
        to.top("Relu", to.bottoms)


def softmax(layer: Softmax, to: Emitter) -> None:
    to.top("Softmax", to.bottoms, axis=layer.axis)
