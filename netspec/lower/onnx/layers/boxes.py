"""What the layers that make boxes have in common: steps, the best of many, and those of
boxes that overlap which stay.
"""

from typing import Any

import numpy as np

from netspec.graph import Shape, Size, TensorType
from netspec.graph.sizes import symbol
from netspec.lower.onnx.emitter import Emitter
from netspec.lower.onnx.steps.sizes import vector
from netspec.lower.values import lowest_number

EVERY = 2**31 - 1
"""More boxes than there are: without a number, NonMaxSuppression gives none."""
NOTHING = float("-inf")
"""The score of what isn't to be found."""


class Boxes:
    """Steps, constants and types of a layer that computes in the type of its top."""

    def __init__(self, to: Emitter) -> None:
        self.to = to
        self.kind = to.node.tops[0].type.dtype

    def step(
        self, label: str, operator: str, inputs: list[str], *sizes: Size, **attributes: Any
    ) -> str:
        """A step that gives numbers."""
        return self.to.step(
            label, operator, inputs, TensorType(Shape(sizes), self.kind), **attributes
        )

    def mark(self, label: str, operator: str, inputs: list[str], *sizes: Size) -> str:
        """A step that gives booleans."""
        return self.to.step(label, operator, inputs, TensorType(Shape(sizes), "bool"))

    def index(
        self, label: str, operator: str, inputs: list[str], *sizes: Size, **attributes: Any
    ) -> str:
        """A step that gives integers."""
        return self.to.step(
            label, operator, inputs, TensorType(Shape(sizes), "int64"), **attributes
        )

    def number(self, label: str, value: Any) -> str:
        """A constant."""
        return self.to.float_constant(label, value, self.kind)

    def size(self, label: str, value: str, rank: int, axis: int, size: Size) -> str:
        """The size of an axis of a value, in a list of one."""
        if isinstance(size, int):
            return self.to.constant(label, [size])
        whole = self.to.step(f"{label}/whole", "Shape", [value], vector(rank))
        return self.index(label, "Gather", [whole, self.to.constant(f"{label}/axis", [axis])], 1)

    def shape(self, label: str, *sizes: str | int) -> str:
        """A shape of numbers and of lists of one size, in turn."""
        parts = [
            each if isinstance(each, str) else self.to.constant(f"{label}/{number}", [each])
            for number, each in enumerate(sizes)
        ]
        return self.to.step(label, "Concat", parts, vector(len(parts)), axis=0)

    def part(self, label: str, value: str, start: int, end: int, *sizes: Size) -> str:
        """Elements of the last axis; `sizes` are those of the part."""
        bounds = {"from": start, "to": end, "axis": len(sizes) - 1}
        inputs = [self.to.constant(f"{label}/{name}", [each]) for name, each in bounds.items()]
        return self.step(label, "Slice", [value, *inputs], *sizes)

    def finite(self, boxes: str, *sizes: Size) -> str:
        """Which boxes are finite; boxes are the last axis."""
        # Nothing but a finite number gives 0 when multiplied by it.
        zero, last = self.number("zero", 0), self.to.constant("corners", [len(sizes)])
        zeros = self.step("zeros", "Mul", [boxes, zero], *sizes, 4)
        sums = self.step("sums", "ReduceSum", [zeros, last], *sizes, keepdims=0)
        return self.mark("finite", "Equal", [sums, zero], *sizes)

    def best(
        self, label: str, scores: str, front: tuple[Size, ...], size: Size, count: int | None
    ) -> tuple[str, str, str, Size]:
        """The greatest of the last axis, so many or all of them, the first of equal ones first.

        Gives them, where they stand, and how many there are: in the graph and to us.
        """
        rank = len(front) + 1
        most = self.size(f"{label}/size", scores, rank, rank - 1, size)
        if count is not None and isinstance(size, int):
            size = min(count, size)
            most = self.to.constant(f"{label}/count", [size])
        elif count is not None:
            limit = self.to.constant(f"{label}/limit", [count])
            most = self.index(f"{label}/count", "Min", [most, limit], 1)
            size = symbol(f"{self.to.node.path}/{label}/count")
        shape = Shape((*front, size))
        values, places = self.to.steps(
            [label, f"{label}/places"],
            "TopK",
            [scores, most],
            [TensorType(shape, self.kind), TensorType(shape, "int64")],
            axis=rank - 1,
        )
        return values, places, most, size

    def apart(
        self, boxes: str, scores: str, groups: Size, count: Size, threshold: float, most: int
    ) -> str:
        """Which boxes (groups×count×4, the best first) stay, those with a score of −∞ left out:
        rows [group, 0, place]; no more than `most` of a group.
        """
        path = self.to.node.path
        low = self.part("low", boxes, 0, 2, groups, count, 2)
        high = self.part("high", boxes, 2, 4, groups, count, 2)
        # One that is the wrong way round has no area; the operator would turn it about.
        end = self.step("end", "Max", [low, high], groups, count, 2)
        plain = self.step("upright", "Concat", [low, end], groups, count, 4, axis=2)
        inputs = [
            plain,
            scores,
            self.to.constant("most", np.array([most])),
            self.number("overlap", [threshold]),
            self.number("least", [lowest_number(self.kind)]),
        ]
        selected = symbol(f"{path}/selected")
        return self.index("selected", "NonMaxSuppression", inputs, selected, 3)
