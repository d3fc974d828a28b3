"""A learned tensor as a layer."""

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from netspec.graph.fillers import ZEROS, Filler
from netspec.graph.types import Shape, TensorType
from netspec.graph.work import NOTHING, Work
from netspec.layers.answers import LayerError, Weight
from netspec.layers.base import Layer, Types
from netspec.layers.fields import Count
from netspec.layers.filling import check_bilinear


class Parameter(Layer):
    """A learned tensor, for other layers to read: a layer scale, a class token, a prior.

    It reads nothing and gives its values. Its key in a state_dict is its path itself
    (`layer_scale`, `stages.0.gamma`), and like all parameters that a module holds itself it stands
    before those of the modules beside it there.
    """

    family: ClassVar[str] = "weights"
    source: ClassVar[str] = "Caffe's parameter_layer.hpp; PyTorch's nn.Parameter"
    shape_rule: ClassVar[str] = "`shape`"
    weights_rule: ClassVar[str] = "the tensor, of `shape`, under the layer's own path"
    flops_rule: ClassVar[str] = "none: the values are there"
    example: ClassVar[str] = """
        inputs: {data: [N, 96, 56, 56]}
        layers:
          - {name: conv, type: Convolution, num_output: 96, kernel_size: 7, pad: 3, group: 96}
          - {name: gamma, type: Parameter, shape: [96], filler: {value: 1e-6}}
          - {name: scaled, type: Scale, bottom: [conv, gamma], axis: 1}
    """
    bottom_count: ClassVar[tuple[int, int | None]] = (0, 0)
    synonyms: ClassVar[tuple[str, ...]] = ("nn.Parameter",)
    field_synonyms: ClassVar[dict[str, str]] = {
        "size": "shape",
        "weight_filler": "filler",
        "initializer": "filler",
    }

    shape: list[Count] = Field(description="the sizes of its axes")
    filler: Filler = Field(ZEROS, description="how fresh values are drawn")

    def check(self) -> Iterator[LayerError]:
        yield from check_bilinear("filler", self.filler, self.shape)

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        return (TensorType(Shape(tuple(self.shape))),)

    def weights(self, bottoms: Types) -> tuple[Weight, ...]:
        return (Weight("", tuple(self.shape), self.filler),)

    def work(self, bottoms: Types, tops: Types) -> Work:
        return NOTHING
