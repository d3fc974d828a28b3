"""LRN and LCN."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from netspec.graph import TensorType
from netspec.layers.lrn import LCN, LRN
from netspec.lower.onnx.emitter import Emitter
from netspec.lower.onnx.layers.registry import lowers
from netspec.lower.onnx.steps.axes import mean, without
from netspec.lower.onnx.steps.single import in_float32
from netspec.lower.onnx.steps.sizes import sizes_of


@lowers(LRN)
def lrn(layer: LRN, to: Emitter) -> None:
    if layer.norm_region == "WITHIN_CHANNEL":
        _within_channel(layer, to)
        return
    settings = {"alpha": layer.alpha, "beta": layer.beta, "bias": layer.k}
    type = to.node.bottoms[0].type
    if type.shape.rank == 4:
        to.top("LRN", to.bottoms, size=layer.local_size, **settings)
        return
    # ONNX Runtime's takes images alone; it's all the same to the sums how positions are laid out.
    image = type.with_shape(*type.shape[:2], type.shape[2:].elements, 1)
    target = to.constant("image", [0, 0, -1, 1])
    laid = to.step("laid", "Reshape", [*to.bottoms, target], image)
    normal = to.step("normal", "LRN", [laid], image, size=layer.local_size, **settings)
    shape = sizes_of(to, "shape", 0, 0, type.shape.rank)
    to.top("Reshape", [normal, shape])


def _within_channel(layer: LRN, to: Emitter) -> None:
    """ONNX's LRN knows channels alone: an average of squares, with zeros beyond the border."""
    to = in_float32(to)
    type = to.node.bottoms[0].type
    size = layer.local_size
    square = to.step("square", "Mul", [*to.bottoms, *to.bottoms], type)
    axes = type.shape.rank - 2
    window = {
        "kernel_shape": [size] * axes,
        "pads": [size // 2] * 2 * axes,
        "count_include_pad": 1,
    }
    energy = to.step("energy", "AveragePool", [square], type, **window)
    weighted = to.step("weighted", "Mul", [energy, to.float_constant("alpha", layer.alpha)], type)
    raised = to.step("raised", "Add", [weighted, to.float_constant("one", 1)], type)
    divisor = to.step("divisor", "Pow", [raised, to.float_constant("beta", layer.beta)], type)
    to.top("Div", [*to.bottoms, divisor])


@lowers(LCN)
def lcn(layer: LCN, to: Emitter) -> None:
    to = in_float32(to)
    type = to.node.bottoms[0].type
    position = without(type, [1])
    window = to.float_constant("window", _gaussian(layer)[None, None])
    average = _blurred(layer, to, "mean", to.bottoms[0], window)
    centred = to.step("centred", "Sub", [*to.bottoms, average], type)
    square = to.step("square", "Mul", [centred, centred], type)
    variance = _blurred(layer, to, "variance", square, window)
    least = to.float_constant("least", layer.eps**2)
    raised = to.step("raised", "Max", [variance, least], position)
    deviation = to.step("deviation", "Sqrt", [raised], position)
    usual = mean(to, "usual", deviation, position, [2, 3])
    divisor = to.step("divisor", "Max", [deviation, usual], position)
    to.top("Div", [centred, divisor])


def _blurred(layer: LCN, to: Emitter, label: str, value: str, window: str) -> str:
    """The weighted mean over all channels in the window around each position."""
    type: TensorType = to.node.bottoms[0].type
    flat = mean(to, f"{label}_of_channels", value, type, [1])
    pads = [layer.local_size // 2] * 4
    return to.step(label, "Conv", [flat, window], without(type, [1]), pads=pads)


def _gaussian(layer: LCN) -> NDArray[Any]:
    """The window, of the sum 1."""
    offsets = np.arange(layer.local_size) - layer.local_size // 2
    profile = np.exp(-(offsets**2) / (2 * layer.std**2))
    window = np.outer(profile, profile)
    return np.asarray(window / window.sum())
