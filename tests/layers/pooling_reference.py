"""Pooling as a loop over windows, written from Caffe's rules alone."""

from math import prod

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from netspec.layers.fields import spread
from netspec.layers.pooling import Pooling

Array = NDArray[np.float64]


def pooled(layer: Pooling, values: Tensor) -> Tensor:
    """The top in the TEST phase."""
    return both(layer, values)[0]


def both(layer: Pooling, values: Tensor) -> tuple[Tensor, Tensor]:
    """The top and, for MAX, the mask."""
    image = values.double().numpy()
    sizes = image.shape[2:]
    along = [spans(layer, axis, sizes) for axis in range(len(sizes))]
    shape = (*image.shape[:2], *map(len, along))
    result, mask = np.empty(shape), np.zeros(shape, np.int64)
    places = np.arange(prod(sizes)).reshape(sizes)
    for each in np.ndindex(*shape[2:]):
        chosen = [windows[number] for windows, number in zip(along, each, strict=True)]
        inside = tuple(slice(first, last) for first, last, _ in chosen)
        window = image[(slice(None), slice(None), *inside)].reshape(*image.shape[:2], -1)
        padded = prod(length for _, _, length in chosen)
        result[(..., *each)] = summary(layer, window, padded)
        if layer.pool == "MAX" and window.size:
            mask[(..., *each)] = places[inside].ravel()[window.argmax(-1)]
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


def spans(layer: Pooling, axis: int, sizes: tuple[int, ...]) -> list[tuple[int, int, int]]:
    """Of each window along an axis its first and last (exclusive) real element, and its length in
    the padded image.
    """
    size = sizes[axis]
    if layer.global_pooling:
        return [(0, size, size)]
    if layer.output_size is not None:
        count = spread(layer.output_size, len(sizes))[axis]
        ends = [(i * size // count, -(-(i + 1) * size // count)) for i in range(count)]
        return [(start, end, end - start) for start, end in ends]
    kernel, stride, pad = (each[axis] for each in layer.along(len(sizes)))
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
