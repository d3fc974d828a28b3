"""Attention with ONNX's operator, or with those that it is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, Protocol

import numpy as np

from netspec.graph import Shape, Size, TensorType
from netspec.lower.onnx.emitter import Emitter
from netspec.lower.onnx.steps.sizes import joined, length_of, places

ATTENTION = 23
"""The opset that brought Attention."""

SWAPPED = [0, 2, 1, 3]
TURNED = [0, 2, 3, 1]
LENGTHS = ("rows", "columns")


class Give(Protocol):
    """What writes the last node."""

    def __call__(self, op_type: str, inputs: Sequence[str], **attributes: Any) -> str: ...


@dataclass(frozen=True, slots=True)
class Value:
    """The name of a value, and its type."""

    name: str
    type: TensorType


@dataclass(frozen=True, slots=True)
class Given:
    """What attends. `places` are the numbers of the layer's bottoms that have the query's length
    and the key's.
    """

    query: Value
    key: Value
    value: Value
    mask: Value | None
    places: tuple[int, int]

    @property
    def sequences(self) -> tuple[Value, Value, Value]:
        return self.query, self.key, self.value

    @property
    def lengths(self) -> tuple[Size, Size]:
        """The lengths of the query and of the key."""
        return self.query.type.shape[1], self.key.type.shape[1]


@dataclass(frozen=True, slots=True)
class Heads:
    """How many heads the query has and how many the key, and what is done with their scores."""

    query: int
    key: int
    causal: bool
    scale: float | None


def known(channels: Size) -> int:
    """A number of channels, which the shape rule has seen to be one."""
    assert isinstance(channels, int)
    return channels


def attend(to: Emitter, given: Given, heads: Heads, give: Give) -> str:
    """Write what each place of the query takes of the value, N×L×C, as `give` gives it its name."""
    if to.opset < ATTENTION:
        return _in_steps(to, given, heads, give)
    inputs = [given.query.name, given.key.name, given.value.name]
    if given.mask is not None:
        inputs.append(_whole(to, given, given.mask))
    settings: dict[str, Any] = {"q_num_heads": heads.query, "kv_num_heads": heads.key}
    if heads.causal:
        settings["is_causal"] = 1
    if heads.scale is not None:
        settings["scale"] = heads.scale
    return give("Attention", inputs, **settings)


def _whole(to: Emitter, given: Given, mask: Value) -> str:
    """The mask with a column for each key: what is missing the operator takes for hidden."""
    shape = mask.type.shape
    if shape[-2:] == given.lengths:
        return mask.name
    sizes = [length_of(to, *each, 1) for each in zip(LENGTHS, given.places, strict=True)]
    if shape.rank > 2:
        sizes.insert(0, to.constant("mask_before", [1] * (shape.rank - 2)))
    target = joined(to, "mask_shape", sizes, shape.rank)
    whole = mask.type.with_shape(*shape[:-2], *given.lengths)
    return to.step("mask", "Expand", [mask.name, target], whole)


def _in_steps(to: Emitter, given: Given, heads: Heads, give: Give) -> str:
    query = given.query.type
    width = known(query.shape[2]) // heads.query
    channels = known(given.value.type.shape[2]) // heads.key
    # The query is scaled, not the scores: products of large numbers could leave float16's range.
    scale = 1 / sqrt(width) if heads.scale is None else heads.scale
    factor = to.float_constant("scale", scale, query.dtype)
    scaled = to.step("scaled", "Mul", [given.query.name, factor], query)
    q = _split(to, "query", Value(scaled, query), heads.query)
    k = _split(to, "key", given.key, heads.key, turned=True)
    v = _split(to, "value", given.value, heads.key)
    if heads.key < heads.query:
        k, v = _copied(to, "key", k, heads), _copied(to, "value", v, heads)
    whole = query.with_shape(query.shape[0], heads.query, *given.lengths)
    scores = to.step("scores", "MatMul", [q.name, k.name], whole)
    weights = _weights(to, given, heads, scores, whole)
    shape = (query.shape[0], heads.query, query.shape[1], channels)
    taken = to.step("taken", "MatMul", [weights, v.name], query.with_shape(*shape))
    apart = query.with_shape(*(shape[axis] for axis in SWAPPED))
    moved = to.step("moved", "Transpose", [taken], apart, perm=SWAPPED)
    return give("Reshape", [moved, to.constant("joined", [0, 0, heads.query * channels])])


def _split(to: Emitter, label: str, value: Value, heads: int, *, turned: bool = False) -> Value:
    """N×T×C as N×heads×T×channels, or with the last two axes `turned`."""
    batch, length, channels = value.type.shape
    width = known(channels) // heads
    target = to.constant(f"{label}_split", [0, 0, heads, width])
    apart = value.type.with_shape(batch, length, heads, width)
    name = to.step(f"{label}_apart", "Reshape", [value.name, target], apart)
    last, order = ((width, length), TURNED) if turned else ((length, width), SWAPPED)
    moved = value.type.with_shape(batch, heads, *last)
    return Value(to.step(f"{label}_heads", "Transpose", [name], moved, perm=order), moved)


def _copied(to: Emitter, label: str, value: Value, heads: Heads) -> Value:
    """Each head of a key or a value as often as there are heads of the query that it serves."""
    batch, count, *last = value.type.shape
    times = heads.query // heads.key
    axis = to.constant(f"{label}_axis", [2])
    one = value.type.with_shape(batch, count, 1, *last)
    single = to.step(f"{label}_single", "Unsqueeze", [value.name, axis], one)
    counts = to.constant(f"{label}_times", [1, 1, times, 1, 1])
    several = value.type.with_shape(batch, count, times, *last)
    copies = to.step(f"{label}_copies", "Expand", [single, counts], several)
    sizes = [size if isinstance(size, int) else -1 for size in last]
    target = to.constant(f"{label}_all", [0, heads.query, *sizes])
    whole = value.type.with_shape(batch, heads.query, *last)
    return Value(to.step(f"{label}_of_all", "Reshape", [copies, target], whole), whole)


def _weights(to: Emitter, given: Given, heads: Heads, scores: str, type: TensorType) -> str:
    """The softmax of the scores that are seen; 0 in a row that has none, not NaN as it would be."""
    hidden = ""
    if heads.causal or given.mask is not None:
        hidden = to.float_constant("hidden", -np.inf, type.dtype)
    if given.mask is not None:
        name, is_bool = given.mask.name, given.mask.type.dtype == "bool"
        operator, inputs = ("Where", [name, scores, hidden]) if is_bool else ("Add", [scores, name])
        scores = to.step("masked", operator, inputs, type)
    if heads.causal:
        scores = to.step("seen", "Where", [_past(to, given), scores, hidden], type)
    weights = to.step("softmax", "Softmax", [scores], type, axis=-1)
    if given.mask is None:
        return weights
    none = to.step("none", "Equal", [scores, hidden], TensorType(type.shape, "bool"))
    zero = to.float_constant("zero", 0.0, type.dtype)
    return to.step("weights", "Where", [none, zero, weights], type)


def _past(to: Emitter, given: Given) -> str:
    """L×S: whether a key stands at the query's place or before it."""
    rows, columns = (places(to, *each, 1) for each in zip(LENGTHS, given.places, strict=True))
    length, keys = given.lengths
    axis = to.constant("across", [1])
    type = TensorType(Shape((length, 1)), "int64")
    down = to.step("rows_down", "Unsqueeze", [rows, axis], type)
    return to.step(
        "past", "LessOrEqual", [columns, down], TensorType(Shape((length, keys)), "bool")
    )
