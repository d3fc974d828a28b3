"""Rectifiers: functions of each element that are straight lines where it is positive."""

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from netspec.graph.fillers import Filler
from netspec.graph.types import TensorType
from netspec.graph.work import Kind, Work
from netspec.layers.answers import LayerError, Weight
from netspec.layers.base import ElementwiseLayer, Types
from netspec.layers.bottoms import require_known
from netspec.layers.filling import check_bilinear

QUARTER = Filler.model_construct(type="constant", value=0.25)


class ReLU(ElementwiseLayer):
    """Rectified linear unit: max(x, 0), with a slope for x < 0 if wanted."""

    family: ClassVar[str] = "activation"
    source: ClassVar[str] = "Nair and Hinton 2010; the slope: Maas et al. 2013; Caffe"
    flops_rule: ClassVar[str] = "1 for each element, 2 with a negative slope"
    example: ClassVar[str] = """
        inputs: {data: [N, 64, 56, 56]}
        layers:
          - {name: relu1, type: ReLU}
          - {name: leaky, type: ReLU, negative_slope: 0.1}
    """
    synonyms: ClassVar[tuple[str, ...]] = ("Relu", "LeakyReLU", "LeakyRelu", "relu")
    field_synonyms: ClassVar[dict[str, str]] = {"alpha": "negative_slope"}
    synonym_notes: ClassVar[dict[str, str]] = {
        "LeakyReLU": "with `negative_slope`",
        "LeakyRelu": "with `negative_slope`",
    }
    field_notes: ClassVar[dict[str, str]] = {
        "max_value": "`max_value: 6` is `ReLU6`; another is `Clip` with `min: 0` and `max`"
    }

    negative_slope: float = Field(0.0, description="the slope where x is negative")

    @property
    def writes_over(self) -> bool:
        # The gradient of the form in place is found by the result's sign.
        return self.negative_slope >= 0

    def work(self, bottoms: Types, tops: Types) -> Work:
        kind = Kind.LEAKY_RELU if self.negative_slope else Kind.RELU
        return Work({kind: tops[0].shape.elements})


class ReLU6(ElementwiseLayer):
    """Rectified linear unit that saturates: min(max(x, 0), 6)."""

    family: ClassVar[str] = "activation"
    writes_over: ClassVar[bool] = True
    source: ClassVar[str] = "Krizhevsky 2010; Howard et al. 2017 (MobileNet); PyTorch's ReLU6"
    flops_rule: ClassVar[str] = "2 for each element: two comparisons"
    synonyms: ClassVar[tuple[str, ...]] = ("Relu6", "relu6")
    saturates: ClassVar[bool] = True

    def work(self, bottoms: Types, tops: Types) -> Work:
        return Work({Kind.RELU6: tops[0].shape.elements})


class PReLU(ElementwiseLayer):
    """Rectified linear unit with a learned slope where x is negative.

    y = max(x, 0) + a · min(x, 0), with a slope a for each channel (axis 1), or one for all of them
    with `channel_shared`. `weight` holds the slopes: C of them, or 1 (where Caffe has a scalar).
    """

    family: ClassVar[str] = "activation"
    source: ClassVar[str] = "He et al. 2015, Delving Deep into Rectifiers; Caffe's prelu_layer.cpp"
    weights_rule: ClassVar[str] = "weight: C, with `channel_shared` 1"
    flops_rule: ClassVar[str] = "2 for each element: a comparison and a product"
    synonyms: ClassVar[tuple[str, ...]] = ("PRelu", "prelu")
    field_synonyms: ClassVar[dict[str, str]] = {
        "init": "filler",
        "alpha_initializer": "filler",
        "weight_filler": "filler",
        "num_parameters": "channel_shared",
        "shared_axes": "channel_shared",
    }
    field_notes: ClassVar[dict[str, str]] = {
        "num_parameters": "leave it out: a slope for each channel; `num_parameters: 1` is "
        "`channel_shared: true`",
        "shared_axes": "`shared_axes: [1, 2]` is how it is here, a slope for each channel: "
        "leave it out",
    }

    filler: Filler = Field(QUARTER, description="how fresh slopes are drawn")
    channel_shared: bool = Field(False, description="one slope for all channels")

    def check(self) -> Iterator[LayerError]:
        yield from check_bilinear("filler", self.filler, [None])

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        shape = bottoms[0].shape
        if shape.rank < 2:
            raise LayerError(
                "shape-mismatch",
                f"PReLU needs a bottom of two axes or more, N×C×…, but reads {shape}",
                bottom=0,
            )
        self.slopes(bottoms)
        return super().outputs(bottoms)

    def slopes(self, bottoms: Types) -> int:
        """How many slopes there are."""
        if self.channel_shared:
            return 1
        return require_known(self, "the number of channels", bottoms[0].shape[1])

    def weights(self, bottoms: Types) -> tuple[Weight, ...]:
        return (Weight("weight", (self.slopes(bottoms),), self.filler),)

    def work(self, bottoms: Types, tops: Types) -> Work:
        return Work({Kind.PRELU: tops[0].shape.elements})


class ELU(ElementwiseLayer):
    """Exponential linear unit: x where x > 0, else alpha · (exp(x) − 1)."""

    family: ClassVar[str] = "activation"
    source: ClassVar[str] = "Clevert et al. 2015; Caffe's elu_layer.cpp"
    flops_rule: ClassVar[str] = (
        "4 for each element: a comparison, an exponential, a subtraction and a product"
    )
    synonyms: ClassVar[tuple[str, ...]] = ("Elu", "elu")

    alpha: float = Field(1.0, description="minus the limit for x → −∞")

    def work(self, bottoms: Types, tops: Types) -> Work:
        return Work({Kind.ELU: tops[0].shape.elements})


class SELU(ElementwiseLayer):
    """Scaled exponential linear unit: λ · x where x > 0, else λ · α · (exp(x) − 1).

    λ = 1.0507009873554805 and α = 1.6732632423543772, with which activations keep mean 0 and
    variance 1 from layer to layer.
    """

    family: ClassVar[str] = "activation"
    source: ClassVar[str] = "Klambauer et al. 2017, Self-Normalizing Neural Networks"
    flops_rule: ClassVar[str] = (
        "5 for each element: a comparison, an exponential, a subtraction and two products"
    )
    synonyms: ClassVar[tuple[str, ...]] = ("Selu", "selu")

    def work(self, bottoms: Types, tops: Types) -> Work:
        return Work({Kind.ACTIVATION: 5 * tops[0].shape.elements})
