"""Activations, and functions of single elements."""

from netspec.graph import Node
from netspec.graph.fillers import Filler
from netspec.layers import activation, functions, sigmoids
from netspec.layers.base import Layer
from netspec.layers.regularization import Dropout
from netspec.layers.softmax import Softmax
from netspec.lower.prototxt.pieces import Piece, filler
from netspec.lower.prototxt.registry import writes

_PLAIN = (sigmoids.Sigmoid, sigmoids.TanH, functions.AbsVal, sigmoids.BNLL)
_WITH_FIELDS: dict[type[Layer], str] = {
    activation.ReLU: "relu_param",
    activation.ELU: "elu_param",
    sigmoids.Swish: "swish_param",
    functions.Power: "power_param",
    functions.Exp: "exp_param",
    functions.Log: "log_param",
    functions.Threshold: "threshold_param",
    functions.Clip: "clip_param",
    Dropout: "dropout_param",
    Softmax: "softmax_param",
}
"""Layers with fields of the same names and meanings."""
_SLOPE = Filler(type="constant", value=0.25)


@writes(*_PLAIN)
def plain(layer: Layer, node: Node) -> Piece:
    return Piece(node.type)


@writes(*_WITH_FIELDS)
def with_fields(layer: Layer, node: Node) -> Piece:
    return Piece(node.type, {_WITH_FIELDS[type(layer)]: dict(layer)})


@writes(activation.PReLU)
def prelu(layer: activation.PReLU, node: Node) -> Piece:
    fields = {"channel_shared": layer.channel_shared}
    drawn = {} if layer.filler == _SLOPE else {"filler": filler(layer.filler)}
    return Piece("PReLU", {"prelu_param": drawn | fields}, weights=("weight",))


@writes(activation.ReLU6)
def relu6(layer: activation.ReLU6, node: Node) -> Piece:
    return Piece("Clip", {"clip_param": {"min": 0.0, "max": 6.0}})


@writes(sigmoids.Softplus)
def softplus(layer: sigmoids.Softplus, node: Node) -> Piece:
    return Piece("BNLL")
