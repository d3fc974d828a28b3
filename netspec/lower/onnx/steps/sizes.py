"""Sizes that are known when the network runs: computed in the graph, as vectors of int64."""

from collections.abc import Sequence

import numpy as np

from netspec.graph import Shape, Size, TensorType
from netspec.graph.bounds import positive
from netspec.graph.readings import place, reading
from netspec.graph.sizes import Atom, FloorDivision
from netspec.lower.onnx.emitter import Emitter

SCALAR = TensorType(Shape(()), "int64")


def vector(length: int) -> TensorType:
    """The type of a list of sizes."""
    return TensorType(Shape((length,)), "int64")


def sizes_of(to: Emitter, label: str, number: int, first: int, last: int) -> str:
    """The sizes of a bottom from the axis `first` to the one before `last`."""
    rank = to.node.bottoms[number].shape.rank
    whole = to.step(f"{label}_whole", "Shape", [to.bottoms[number]], vector(rank))
    if (first, last) == (0, rank):
        return whole
    ends = to.constant(f"{label}_start", [first]), to.constant(f"{label}_end", [last])
    return to.step(label, "Slice", [whole, *ends], vector(last - first))


def told(to: Emitter, label: str, sizes: Sequence[Size], axes: Sequence[int]) -> str:
    """A list of sizes, those that are symbolic computed from the bottoms'; `axes` are those of the
    bottoms where a person would look for each.
    """
    known = [size for size in sizes if isinstance(size, int)]
    if len(known) == len(sizes):
        return to.constant(label, known)
    parts = []
    for number, (size, axis) in enumerate(zip(sizes, axes, strict=True)):
        found = reading(size, [blob.shape for blob in to.node.bottoms], axis)
        assert found is not None  # the shape rule has seen to it
        parts.append(_computed(to, f"{label}{number}", found))
    return joined(to, label, parts, len(sizes)) if len(parts) > 1 else parts[0]


def _computed(to: Emitter, label: str, size: Size) -> str:
    """A reading of a size: a sum of products with numbers."""
    if isinstance(size, int):
        return to.constant(label, [size])
    result = ""
    for number, (monomial, coefficient) in enumerate(size.terms):
        name = f"{label}_{number}"
        factors = [_atom(to, f"{name}_{n}", atom) for n, atom in enumerate(monomial)]
        if coefficient != 1 or not factors:
            factors.append(to.constant(f"{name}_factor", [coefficient]))
        value = factors[0]
        for n, factor in enumerate(factors[1:]):
            value = to.step(f"{name}_product{n}", "Mul", [value, factor], vector(1))
        result = value if not result else to.step(name, "Add", [result, value], vector(1))
    return result


def _atom(to: Emitter, label: str, atom: Atom) -> str:
    if not isinstance(atom, FloorDivision):
        number, axis = place(atom.name)
        return sizes_of(to, label, number, axis, axis + 1)
    numerator = _computed(to, f"{label}_part", atom.numerator)
    divisor = to.constant(f"{label}_divisor", [atom.divisor])
    if not positive(atom.numerator + 1, {}).holds:
        # ONNX's Div rounds towards zero.
        rest = to.step(f"{label}_rest", "Mod", [numerator, divisor], vector(1))
        numerator = to.step(f"{label}_whole", "Sub", [numerator, rest], vector(1))
    return to.step(f"{label}_quotient", "Div", [numerator, divisor], vector(1))


def length_of(to: Emitter, label: str, number: int, axis: int) -> str:
    """The size of a bottom's axis, as a list of one."""
    size = to.node.bottoms[number].shape[axis]
    if isinstance(size, int):
        return to.constant(label, [size])
    return sizes_of(to, label, number, axis, axis + 1)


def places(to: Emitter, label: str, number: int, axis: int) -> str:
    """The numbers of the places along a bottom's axis, from 0 on."""
    length = length_of(to, f"{label}_length", number, axis)
    end = to.step(f"{label}_end", "Squeeze", [length, to.constant(f"{label}_axis", [0])], SCALAR)
    start, step = (
        to.constant(f"{label}_{n}", np.asarray(v)) for n, v in (("start", 0), ("step", 1))
    )
    type = TensorType(Shape((to.node.bottoms[number].shape[axis],)), "int64")
    return to.step(label, "Range", [start, end, step], type)


def joined(to: Emitter, label: str, parts: Sequence[str], length: int) -> str:
    """Lists of sizes one behind the other."""
    return to.step(label, "Concat", parts, vector(length), axis=0)
