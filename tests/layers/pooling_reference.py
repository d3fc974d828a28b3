"""Pooling as a loop over windows, written from Caffe's rules alone."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from netspec.layers.pooling import Pooling

Array = NDArray[np.float64]


def pooled(layer: Pooling, values: Tensor) -> Tensor:
    """The top in the TEST phase."""
    return both(layer, values)[0]


def both(layer: Pooling, values: Tensor) -> tuple[Tensor, Tensor]:
    """The top and, for MAX, the mask."""
    image = values.double().numpy()
    height, width = image.shape[2:]
    rows, columns = spans(layer, 0, height), spans(layer, 1, width)
    shape = (*image.shape[:2], len(rows), len(columns))
    result, mask = np.empty(shape), np.zeros(shape, np.int64)
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            window = image[:, :, row[0] : row[1], column[0] : column[1]]
            padded = row[2] * column[2]
            result[:, :, i, j] = summary(layer, window.reshape(*window.shape[:2], -1), padded)
            if layer.pool == "MAX" and window.size:
                flat = window.reshape(*window.shape[:2], -1).argmax(-1)
                inner = max(1, column[1] - column[0])
                mask[:, :, i, j] = (row[0] + flat // inner) * width + column[0] + flat % inner
    return torch.from_numpy(result), torch.from_numpy(mask)


def summary(layer: Pooling, window: Array, padded: int) -> Array:
    """Of a window's real elements, which are the last axis; `padded` is its size in padding."""
    sums, squares = window.sum(-1), (window**2).sum(-1)
    result: Array
    match layer.pool:
        case "MAX":
            result = window.max(-1, initial=-np.inf)
        case "AVE":
            result = sums / (padded if layer.count_include_pad else max(1, window.shape[-1]))
        case "L2":
            result = np.sqrt(squares)
        case "STOCHASTIC":
            result = np.where(sums > 0, squares / np.where(sums > 0, sums, 1), 0)
    return result


def spans(layer: Pooling, axis: int, size: int) -> list[tuple[int, int, int]]:
    """Of each window along an axis its first and last (exclusive) real element, and its length in
    the padded image.
    """
    if layer.global_pooling:
        return [(0, size, size)]
    if layer.output_size is not None:
        count = layer.output_size[axis]
        ends = [(i * size // count, -(-(i + 1) * size // count)) for i in range(count)]
        return [(start, end, end - start) for start, end in ends]
    assert layer.kernel_size is not None
    kernel, stride, pad = layer.kernel_size[axis], layer.stride[axis], layer.pad[axis]
    room = size + 2 * pad - kernel
    windows = (-(-room // stride) if layer.round_mode == "CEIL" else room // stride) + 1
    while layer.round_mode == "CEIL" and (windows - 1) * stride >= size + pad:
        windows -= 1
    found = []
    for number in range(windows):
        start = number * stride - pad
        end = min(start + kernel, size + pad)
        first, last = min(max(start, 0), size), min(max(end, 0), size)
        found.append((first, last, end - start))
    return found
