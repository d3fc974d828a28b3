"""RotaryEmbedding."""

import numpy as np

from netspec.graph import Shape, TensorType
from netspec.layers.rotary import RotaryEmbedding
from netspec.lower.onnx.emitter import ELEMENT_TYPES, Emitter
from netspec.lower.onnx.layers.registry import lowers
from netspec.lower.onnx.schemas import takes
from netspec.lower.onnx.steps.sizes import joined, length_of, places

ROTARY = 23
"""The opset that brought RotaryEmbedding."""

TABLES = ("cos", "sin")


@lowers(RotaryEmbedding)
def rotary_embedding(layer: RotaryEmbedding, to: Emitter) -> None:
    type = to.node.bottoms[0].type
    if to.opset >= ROTARY and takes("RotaryEmbedding", to.opset, type.dtype):
        _operator(layer, to)
    else:
        _in_steps(layer, to)


def _operator(layer: RotaryEmbedding, to: Emitter) -> None:
    """ONNX's operator, which wants the cosines and sines of each sample."""
    (bottom,) = to.node.bottoms
    pairs = layer.pairs([bottom.type])
    whole = bottom.type.with_shape(*bottom.shape[:2], pairs)
    sizes = [length_of(to, "samples", 0, 0), to.constant("ones", [1, 1])]
    batch = joined(to, "batch", sizes, 3)
    tables = [
        to.step(f"{name}_of_all", "Expand", [table, batch], whole)
        for name, table in zip(TABLES, _tables(layer, to, [pairs]), strict=True)
    ]
    settings = {"interleaved": 1} if layer.interleaved else {}
    to.top("RotaryEmbedding", [*to.bottoms, *tables], num_heads=layer.heads, **settings)


def _in_steps(layer: RotaryEmbedding, to: Emitter) -> None:
    type = to.node.bottoms[0].type
    pairs = layer.pairs([type])
    batch, length, _ = type.shape
    axis, split, row = 3, [2, pairs], [1, 1, pairs]
    if layer.interleaved:
        axis, split, row = 4, [pairs, 2], [1, pairs, 1]
    target = to.constant("split", [0, 0, layer.heads, *split])
    apart = type.with_shape(batch, length, layer.heads, *split)
    whole = to.step("apart", "Reshape", [*to.bottoms, target], apart)
    half = type.with_shape(batch, length, layer.heads, *row[1:])
    sizes = to.constant("halves", [1, 1])
    a, b = to.steps(["a", "b"], "Split", [whole, sizes], [half] * 2, axis=axis)
    cos, sin = _tables(layer, to, row)

    def product(label: str, half_: str, table: str) -> str:
        return to.step(label, "Mul", [half_, table], half)

    terms = [product("a_cos", a, cos), product("b_sin", b, sin)]
    first = to.step("first", "Sub", terms, half)
    terms = [product("b_cos", b, cos), product("a_sin", a, sin)]
    second = to.step("second", "Add", terms, half)
    turned = to.step("turned", "Concat", [first, second], apart, axis=axis)
    to.top("Reshape", [turned, to.constant("joined", [0, 0, 2 * pairs * layer.heads])])


def _tables(layer: RotaryEmbedding, to: Emitter, row: list[int]) -> list[str]:
    """Cosine and sine of each place's angles, arranged as a row; the places come first."""
    bottom = to.node.bottoms[0].type
    length, ones = bottom.shape[1], [1] * len(row)
    single = {"to": ELEMENT_TYPES["float32"]}
    numbers = places(to, "places", 0, 1)
    real = to.step("numbers", "Cast", [numbers], TensorType(Shape((length,))), **single)
    behind = to.constant("behind", [number + 1 for number, _ in enumerate(row)])
    column = to.step("column", "Unsqueeze", [real, behind], TensorType(Shape((length, *ones))))
    pairs = max(row)
    speeds = layer.base ** (-np.arange(pairs) / pairs)
    table = to.float_constant("speeds", speeds.reshape(row), "float32")
    type = TensorType(Shape((length, *row)))
    angles = to.step("angles", "Mul", [column, table], type)
    found = []
    for name in TABLES:
        made = to.step(name, name.title(), [angles], type)
        if bottom.dtype != type.dtype:
            wanted = TensorType(type.shape, bottom.dtype)
            made = to.step(f"{name}_cast", "Cast", [made], wanted, to=ELEMENT_TYPES[bottom.dtype])
        found.append(made)
    return found
