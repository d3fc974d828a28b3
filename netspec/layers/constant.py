"""A tensor with given values as a layer."""

from collections.abc import Iterator, Sequence
from itertools import chain
from math import isfinite, prod
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from netspec.graph.fillers import ZEROS, lowercase
from netspec.graph.types import Shape, TensorType
from netspec.graph.work import NOTHING, Work
from netspec.layers.answers import LayerError, Weight
from netspec.layers.base import Layer, Types
from netspec.layers.fields import Count

Values: TypeAlias = Any
"""A number, or a list of such, all of one shape."""

LARGEST = {"float32": 3.4028234663852886e38, "int64": 2.0**63}
DEEPEST = 16
"""Lists within lists."""


def _check(value: object, depth: int = 0) -> object:
    """A number, or lists of them within lists."""
    if isinstance(value, list) and depth < DEEPEST:
        return [_check(item, depth + 1) for item in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PydanticCustomError("values_type", "expected numbers")
    return value


_NUMBERS: dict[str, Any] = {"anyOf": [{"type": "number"}, {"type": "array", "minItems": 1}]}
Table = Annotated[Any, BeforeValidator(_check), WithJsonSchema(_NUMBERS)]

Kind = Annotated[
    Literal["float32", "int64"],
    BeforeValidator(lowercase),
    Field(json_schema_extra={"any_case": True}),
]


class Constant(Layer):
    """A tensor of given values, for other layers to read: an index, a mask, a grid of positions.

    It reads nothing, gives its values, and isn't trained. `value` is a number for all elements, a
    list of lists as deep as `shape` has axes, or with `axes` a formula for each element: `axes`
    names the element's indices, counted from 0, and the formula reads them beside all that it
    reads elsewhere. Unless `persistent` is false its key in a state_dict is its path itself; like
    all tensors that a module holds itself it then stands there before those of the modules beside
    it, but behind the module's own parameters. Weights that are loaded may lack it.
    """

    family: ClassVar[str] = "weights"
    source: ClassVar[str] = "PyTorch's register_buffer; ONNX's Constant"
    shape_rule: ClassVar[str] = "`shape`; without it that of the list which `value` is"
    weights_rule: ClassVar[str] = (
        "the tensor, under the layer's own path, a buffer; none if `persistent` is false"
    )
    flops_rule: ClassVar[str] = "none: the values are there"
    example: ClassVar[str] = """
        inputs: {data: [N, 4, 6]}
        layers:
          - {name: ramp, type: Constant, shape: [4, 6], axes: [i, j], value: $(i - j / 2)}
          - {name: sum, type: Bias, bottom: [data, ramp], axis: 1}
    """
    bottom_count: ClassVar[tuple[int, int | None]] = (0, 0)
    is_constant: ClassVar[bool] = True
    tabulates: ClassVar[str | None] = "value"
    synonyms: ClassVar[tuple[str, ...]] = ("Buffer", "register_buffer", "ConstantOfShape")
    field_synonyms: ClassVar[dict[str, str]] = {
        "size": "shape",
        "values": "value",
        "fill_value": "value",
        "tensor": "value",
        "indices": "axes",
    }

    shape: list[Count] | None = Field(None, description="the sizes of its axes")
    value: Table = Field(description="what it holds: a number, lists of them, or a formula")
    axes: list[str] = Field([], description="what the formula calls the indices along the axes")
    dtype: Kind = Field("float32", description="the type of its elements")
    persistent: bool = Field(True, description="whether a state_dict holds it")

    def check(self) -> Iterator[LayerError]:
        mistake = self._mistake()
        if mistake is not None:
            yield LayerError("bad-value", mistake, field="value")
        elif self.axes:
            yield LayerError(
                "field-conflict",
                "`axes` names the indices of a formula, but `value` is none",
                field="axes",
                help="a formula is an expression: `value: $(i + j)`",
            )

    def _mistake(self) -> str | None:
        """What is wrong with the values, if anything."""
        rows: Sequence[Values] = [self.value]
        sizes: list[int] = []
        while isinstance(rows[0], list | tuple):
            lengths = {len(row) if isinstance(row, list | tuple) else -1 for row in rows}
            if len(lengths) > 1:
                return "`value` needs rows of one length along each axis"
            if lengths == {0}:
                return "`value` is an empty list"
            sizes += lengths
            rows = list(chain.from_iterable(rows))
        if any(isinstance(row, list | tuple) for row in rows):
            return "`value` needs rows of one length along each axis"
        if sizes and self.shape is not None and sizes != self.shape:
            return f"`value` holds {Shape(tuple(sizes))} numbers, not {Shape(tuple(self.shape))}"
        for number in rows:
            if self.dtype == "int64" and isinstance(number, float):
                return f"`value` holds {number}, which is no integer, but `dtype` is int64"
            if not isfinite(number) or abs(number) > LARGEST[self.dtype]:
                return f"`value` holds {number:g}, which is too large for {self.dtype}"
        return None

    @property
    def sizes(self) -> list[int]:
        """The sizes of its axes."""
        if self.shape is not None:
            return self.shape
        sizes: list[int] = []
        rows = self.value
        while isinstance(rows, list | tuple):
            sizes.append(len(rows))
            rows = rows[0]
        return sizes

    @property
    def numbers(self) -> tuple[float, ...]:
        """The elements, the last axis's fastest; a single one stands for all."""
        rows = [self.value]
        while isinstance(rows[0], list | tuple):
            rows = list(chain.from_iterable(rows))
        return tuple(rows)

    @property
    def listed(self) -> int:
        return prod(self.sizes) if isinstance(self.value, list | tuple) else 0

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        return (TensorType(Shape(tuple(self.sizes)), self.dtype),)

    def weights(self, bottoms: Types) -> tuple[Weight, ...]:
        if not self.persistent:
            return ()
        shape = tuple(self.sizes)
        return (Weight("", shape, ZEROS, True, self.dtype, self.numbers),)

    def work(self, bottoms: Types, tops: Types) -> Work:
        return NOTHING
