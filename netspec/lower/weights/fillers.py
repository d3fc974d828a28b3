"""Fresh weights from fillers, with NumPy: the semantics of Caffe's `filler.hpp`.

A tensor depends on the seed, its own name, shape and filler, and on nothing else: adding a layer
leaves every other layer's weights as they were, and any tensor can be drawn alone.
"""

import hashlib
from collections.abc import Callable
from math import ceil, prod, sqrt
from typing import TypeAlias

import numpy as np

from netspec.diagnostics import Diagnostic, SpecError
from netspec.graph.fillers import Filler
from netspec.lower.values import Array
from netspec.room import in_units, requiring_memory

_Fill: TypeAlias = Callable[[Array, Filler, np.random.Generator], None]

_CHUNK = 1 << 15
"""Normal numbers drawn at a time: as many as the processor has at hand."""


def draw(name: str, shape: tuple[int, ...], filler: Filler, seed: int, dtype: str) -> Array:
    """A fresh tensor of the given shape and NumPy dtype; the same bytes every time.

    ValueError where the filler doesn't suit the shape (bilinear on anything but square kernels),
    SpecError where it gives more than float32 can hold (`bad-value`), and where there is no memory
    for it (`too-large`).
    """
    size = 4 * prod(shape)
    with requiring_memory(f"`{name}`: {in_units(size)}", size):
        values = np.empty(shape, np.float32)
    try:
        with np.errstate(over="raise"):
            _FILLS[filler.type](values, filler, generator(seed, name))
    except FloatingPointError as error:
        message = f"the filler of `{name}` gives values too large for float32"
        raise SpecError([Diagnostic("bad-value", message)]) from error
    return values.astype(dtype, copy=False)


def generator(seed: int, name: str) -> np.random.Generator:
    """The random numbers that belong to a name: SFC64, NumPy's fastest, keyed by SHA-256."""
    key = hashlib.sha256(f"{seed}:{name}".encode()).digest()
    return np.random.Generator(np.random.SFC64(int.from_bytes(key, "little")))


def fan(shape: tuple[int, ...], variance_norm: str) -> float:
    """The n of xavier and msra, counted as Caffe does whatever the layer is.

    >>> fan((96, 3, 11, 11), "FAN_IN"), fan((96, 3, 11, 11), "FAN_OUT")
    (363, 11616)
    """
    count = prod(shape)
    fan_in = count // shape[0] if shape else 1
    fan_out = count // shape[1] if len(shape) > 1 else count
    return {"FAN_IN": fan_in, "FAN_OUT": fan_out, "AVERAGE": (fan_in + fan_out) / 2}[variance_norm]


def _constant(values: Array, filler: Filler, random: np.random.Generator) -> None:
    values.fill(filler.value)


def _gaussian(values: Array, filler: Filler, random: np.random.Generator) -> None:
    _normal(values, filler.mean, filler.std, random)


def _uniform(values: Array, filler: Filler, random: np.random.Generator) -> None:
    _between(values, filler.min, filler.max, random)


def _xavier(values: Array, filler: Filler, random: np.random.Generator) -> None:
    scale = sqrt(3 / fan(values.shape, filler.variance_norm))
    _between(values, -scale, scale, random)


def _msra(values: Array, filler: Filler, random: np.random.Generator) -> None:
    _normal(values, 0.0, sqrt(2 / fan(values.shape, filler.variance_norm)), random)


def _positive_unitball(values: Array, filler: Filler, random: np.random.Generator) -> None:
    _between(values, 0.0, 1.0, random)
    rows = values.reshape(values.shape[0] if values.shape else 1, -1)
    # Summed in double: the order of the additions is the machine's and must not show.
    rows /= rows.sum(axis=1, dtype=np.float64, keepdims=True).astype(np.float32)


def _bilinear(values: Array, filler: Filler, random: np.random.Generator) -> None:
    shape = values.shape
    if len(shape) != 4 or shape[2] != shape[3]:
        raise ValueError(f"a bilinear filler needs square kernels (four axes), not {shape}")
    size = shape[3]
    half = ceil(size / 2)
    centre = (size - 1) / (2 * half)
    ramp = 1 - np.abs(np.arange(size) / half - centre)
    values[...] = np.outer(ramp, ramp)


def _between(values: Array, low: float, high: float, random: np.random.Generator) -> None:
    random.random(out=values, dtype=np.float32)
    values *= np.float32(high - low)
    values += np.float32(low)


def _normal(values: Array, mean: float, std: float, random: np.random.Generator) -> None:
    # In double, rounded at the end: what the tails of the distribution owe to the machine's
    # logarithm lies far below float32. In pieces, so that no second tensor is held.
    flat = values.reshape(-1)
    buffer = np.empty(min(flat.size, _CHUNK))
    for start in range(0, flat.size, _CHUNK):
        piece = flat[start : start + _CHUNK]
        drawn = random.standard_normal(out=buffer[: piece.size])
        if mean:
            drawn *= std
            np.add(drawn, mean, out=piece, casting="same_kind")
        else:
            np.multiply(drawn, std, out=piece, casting="same_kind")


_FILLS: dict[str, _Fill] = {
    "constant": _constant,
    "gaussian": _gaussian,
    "uniform": _uniform,
    "xavier": _xavier,
    "msra": _msra,
    "positive_unitball": _positive_unitball,
    "bilinear": _bilinear,
}
