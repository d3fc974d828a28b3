"""Attention and MultiHeadAttention."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from netspec.graph import TensorType
from netspec.layers.attention import Attention, MultiHeadAttention, Reading
from netspec.lower.onnx.emitter import Emitter
from netspec.lower.onnx.layers.registry import lowers
from netspec.lower.onnx.steps.attending import Given, Heads, Value, attend, known

PARTS = ("query", "key", "value")


@lowers(Attention)
def attention(layer: Attention, to: Emitter) -> None:
    reading = layer.reading([blob.type for blob in to.node.bottoms])
    heads = Heads(layer.heads, layer.key_heads, layer.causal, layer.scale)
    attend(to, _given(to, reading), heads, to.top)


@lowers(MultiHeadAttention)
def multi_head_attention(layer: MultiHeadAttention, to: Emitter) -> None:
    reading = layer.reading([blob.type for blob in to.node.bottoms])
    given = _projected(layer, to, _given(to, reading))
    type = to.node.tops[0].type

    def give(op_type: str, inputs: Sequence[str], **attributes: Any) -> str:
        return to.step("attended", op_type, inputs, type, **attributes)

    heads = Heads(layer.heads, layer.heads, layer.causal, None)
    attended = attend(to, given, heads, give)
    width = type.shape[2]
    matrix = _turned(to, "out", to.weight("out_proj.weight"), type.with_shape(width, width))
    if not layer.bias_term:
        to.top("MatMul", [attended, matrix])
        return
    product = to.step("product", "MatMul", [attended, matrix], type)
    to.top("Add", [product, to.weight("out_proj.bias")])


def _given(to: Emitter, reading: Reading) -> Given:
    names = to.bottoms
    query, key, value = names[:3] if len(names) > 2 else [names[0]] * 3
    mask = None if reading.mask is None else Value(names[-1], reading.mask)
    return Given(
        Value(query, reading.query),
        Value(key, reading.key),
        Value(value, reading.value),
        mask,
        (0, 1 if len(names) > 2 else 0),
    )


def _projected(layer: MultiHeadAttention, to: Emitter, given: Given) -> Given:
    """What the heads read: query, key and value multiplied by their matrices."""
    query = given.query.type
    batch, length, width = query.shape
    if len(to.bottoms) <= 2:
        type = query.with_shape(batch, length, 3 * width)
        matrix = _turned(to, "in", to.weight("in_proj_weight"), query.with_shape(3 * width, width))
        bias = to.weight("in_proj_bias") if layer.bias_term else None
        whole = _product(to, "in", given.query.name, matrix, bias, type)
        query_, key, value = (Value(name, query) for name in _thirds(to, "", whole, query, 2))
        return replace(given, query=query_, key=key, value=value)
    matrices = _matrices(to, given)
    biases: Sequence[str | None] = [None] * 3
    if layer.bias_term:
        biases = _thirds(to, "_bias", to.weight("in_proj_bias"), query.with_shape(width), 0)
    made = []
    for part, each, matrix, bias in zip(PARTS, given.sequences, matrices, biases, strict=True):
        type = each.type.with_shape(*each.type.shape[:2], width)
        shape = query.with_shape(width, each.type.shape[2])
        turned = _turned(to, part, matrix, shape)
        made.append(Value(_product(to, part, each.name, turned, bias, type), type))
    return replace(given, query=made[0], key=made[1], value=made[2])


def _matrices(to: Emitter, given: Given) -> list[str]:
    """The matrices of query, key and value."""
    if any(each.name.endswith(".in_proj_weight") for each in to.node.parameters):
        width = given.query.type.shape[2]
        part = given.query.type.with_shape(width, width)
        return _thirds(to, "_weight", to.weight("in_proj_weight"), part, 0)
    return [to.weight(f"{part[0]}_proj_weight") for part in PARTS]


def _turned(to: Emitter, label: str, matrix: str, type: TensorType) -> str:
    """A matrix of a type, transposed."""
    turned = type.with_shape(*reversed(type.shape.sizes))
    return to.step(f"{label}_turned", "Transpose", [matrix], turned, perm=[1, 0])


def _product(
    to: Emitter, label: str, value: str, matrix: str, bias: str | None, type: TensorType
) -> str:
    """A value, of which the product is of that type, by a matrix, and a bias added."""
    product = to.step(f"{label}_product", "MatMul", [value, matrix], type)
    return product if bias is None else to.step(label, "Add", [product, bias], type)


def _thirds(to: Emitter, label: str, value: str, type: TensorType, axis: int) -> list[str]:
    """The parts of query, key and value in one tensor; each of that type."""
    names = [f"{part}{label}" for part in PARTS]
    sizes = to.constant(f"thirds{label}", [known(type.shape[axis])] * 3)
    return to.steps(names, "Split", [value, sizes], [type] * 3, axis=axis)
