"""What a layer's lowering writes into: nodes, values and constants, all named after the layer."""

from collections.abc import Collection, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from netspec.graph import Node, Parameter, TensorType
from netspec.lower.onnx.schemas import refusal
from netspec.lower.values import altered, element_type
from netspec.printable import printable_lines

ELEMENT_TYPES = {
    "float32": onnx.TensorProto.FLOAT,
    "float64": onnx.TensorProto.DOUBLE,
    "float16": onnx.TensorProto.FLOAT16,
    "bfloat16": onnx.TensorProto.BFLOAT16,
    "int32": onnx.TensorProto.INT32,
    "int64": onnx.TensorProto.INT64,
    "bool": onnx.TensorProto.BOOL,
}


class NotLowerable(Exception):
    """A layer that ONNX, or netspec's way to it, can't express; the message says why."""


MAX_CONSTANT = 2**24
"""Elements of a constant that a layer needs besides its parameters: a table as long as a side of an
image, or as its channels, is well below.
"""


def bounded(*sizes: int) -> tuple[int, ...]:
    """The sizes of a constant; NotLowerable, before it is made, where it would be too large."""
    count = prod(sizes)
    if count > MAX_CONSTANT:
        raise NotLowerable(
            f"the file would need a constant of {count:,} elements, more than {MAX_CONSTANT:,}"
        )
    return sizes


class Parts:
    """The pieces of an ONNX graph, as the lowering of one layer after the other adds them.

    `types` are the element types of the graph's blobs and parameters by their names, which no
    helper value may bear. `unread` are blobs that are to be read even by layers that want their
    size alone, and know it.
    """

    def __init__(
        self, opset: int, types: Mapping[str, str], unread: Collection[str] = frozenset()
    ) -> None:
        self.opset = opset
        self.unread = unread
        self.nodes: list[onnx.NodeProto] = []
        self.values: list[onnx.ValueInfoProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.parameters: dict[str, Parameter] = {}
        self.types = dict(types)
        self.givers: dict[str, Node] = {}
        """The layer whose lowering gives a value, by the value's name."""

    def unique(self, name: str, dtype: str) -> str:
        """A name for a value of the type: this one, with a number where something else bears it."""
        candidate, number = name, 1
        while candidate in self.types:
            number += 1
            candidate = f"{name}_{number}"
        self.types[candidate] = dtype
        return candidate

    def value(self, name: str, type: TensorType) -> str:
        """A value on the way, of the type; gives the name that it bears."""
        name = self.unique(name, type.dtype)
        self.values.append(value_info(name, type))
        return name

    def hold(self, parameter: Parameter) -> str:
        """Let the parameter be an initializer; gives the name that it bears."""
        self.parameters.setdefault(parameter.owner, parameter)
        return parameter.owner


class Emitter:
    """Writes the ONNX nodes of one layer.

    The node that gives the layer's top bears the layer's path; the steps before it, their values
    and their constants bear the path and a label (`pool1/padded`).
    """

    def __init__(self, node: Node, parts: Parts) -> None:
        self.node = node
        self.opset = parts.opset
        self.bottoms = [blob.name for blob in node.bottoms]
        self.parts = parts

    def must_read(self, number: int) -> bool:
        """Whether a bottom is to be read though its size, the only thing wanted, is known: else
        nothing would read it, or the input that it comes from.
        """
        return self.node.bottoms[number].name in self.parts.unread

    def weight(self, suffix: str) -> str:
        """The initializer of the layer's parameter with that suffix."""
        return self.parts.hold(self._parameter(suffix))

    def _parameter(self, suffix: str) -> Parameter:
        name = f"{self.node.module}.{suffix}" if suffix else self.node.module
        return next(p for p in self.node.parameters if p.name == name)

    def constant(self, label: str, values: Sequence[int] | NDArray[Any]) -> str:
        """An initializer with known values; integers become int64."""
        array = np.asarray(values)
        name = self.parts.unique(f"{self.node.path}/{label}", array.dtype.name)
        self.parts.constants.append(numpy_helper.from_array(array, name))
        return name

    def float_constant(self, label: str, values: Any, dtype: str | None = None) -> str:
        """An initializer of the element type that the layer computes with, or of another.

        NotLowerable where the type can't hold a value.
        """
        dtype = dtype or self.node.tops[0].type.dtype
        with np.errstate(over="ignore"):
            made = np.asarray(values, element_type(dtype))
        self._refuse_altered(np.asarray(values, np.float64), made, dtype)
        return self.constant(label, made)

    def step(
        self,
        label: str,
        op_type: str,
        inputs: Sequence[str],
        type: TensorType,
        **attributes: Any,
    ) -> str:
        """A node on the way to the top; gives the name of its value, which is of the type."""
        return self.steps([label], op_type, inputs, [type], **attributes)[0]

    def steps(
        self,
        labels: Sequence[str],
        op_type: str,
        inputs: Sequence[str],
        types: Sequence[TensorType],
        **attributes: Any,
    ) -> list[str]:
        """A `step` with several values; it bears the name of the first."""
        pairs = zip(labels, types, strict=True)
        names = [self.parts.value(f"{self.node.path}/{label}", type) for label, type in pairs]
        self._add(op_type, inputs, names, names[0], attributes)
        return names

    def top(self, op_type: str, inputs: Sequence[str], **attributes: Any) -> str:
        """The node that gives the layer's top, the first of several; gives the top's name."""
        return self._give(op_type, inputs, [self.node.tops[0].name], attributes)

    def tops(self, op_type: str, inputs: Sequence[str], **attributes: Any) -> str:
        """The node that gives all of the layer's tops; gives the first one's name."""
        return self._give(op_type, inputs, [top.name for top in self.node.tops], attributes)

    def top_beside(
        self, op_type: str, inputs: Sequence[str], label: str, type: TensorType, **attributes: Any
    ) -> str:
        """The node of `top`, which gives a second value too; gives the name of that."""
        name = self.parts.value(f"{self.node.path}/{label}", type)
        self._give(op_type, inputs, [self.node.tops[0].name, name], attributes)
        return name

    def further_top(
        self, number: int, op_type: str, inputs: Sequence[str], **attributes: Any
    ) -> None:
        """The node that gives another of the layer's tops, whose name it bears."""
        name = self.node.tops[number].name
        self._add(op_type, inputs, [name], name, attributes)

    def _give(
        self, op_type: str, inputs: Sequence[str], tops: list[str], attributes: dict[str, Any]
    ) -> str:
        self._add(op_type, inputs, tops, self.node.path, attributes, self.node.doc)
        return tops[0]

    def _add(
        self,
        op_type: str,
        inputs: Sequence[str],
        outputs: Sequence[str],
        name: str,
        attributes: dict[str, Any],
        doc: str | None = None,
    ) -> None:
        for value in attributes.values():
            if isinstance(value, float):  # which ONNX keeps as float32, whatever the layer's type
                with np.errstate(over="ignore"):
                    made = np.asarray(value, np.float32)
                self._refuse_altered(np.asarray(value), made, "float32")
        if not attributes.get("domain"):
            read, given = (map(self.parts.types.get, names) for names in (inputs, outputs))
            reason = refusal(op_type, self.opset, list(read), list(given))
            if reason is not None:
                raise NotLowerable(reason)
        doc = None if doc is None else printable_lines(doc)
        node = helper.make_node(op_type, inputs, outputs, name, doc_string=doc, **attributes)
        self.parts.nodes.append(node)
        self.parts.givers[outputs[0]] = self.node

    def _refuse_altered(self, values: NDArray[Any], made: NDArray[Any], dtype: str) -> None:
        found = altered(values, made)
        if found is not None:
            number, what = found
            message = f"{self.node.type} computes with {number:g} here, too {what} for {dtype}"
            raise NotLowerable(message)


def value_info(name: str, type: TensorType) -> onnx.ValueInfoProto:
    """A typed value; a symbolic size becomes a dimension's name."""
    sizes = [size if isinstance(size, int) else str(size) for size in type.shape]
    return helper.make_tensor_value_info(name, ELEMENT_TYPES[type.dtype], sizes)
