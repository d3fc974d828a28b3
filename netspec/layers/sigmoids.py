"""Smooth functions of each element, and the piecewise linear ones made to resemble them."""

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from netspec.graph.fillers import uppercase
from netspec.graph.work import Kind, Work
from netspec.layers.base import ElementwiseLayer, Types

Approximation = Annotated[Literal["NONE", "TANH"], BeforeValidator(uppercase)]


class Sigmoid(ElementwiseLayer):
    """The logistic function: 1 / (1 + exp(−x))."""

    family: ClassVar[str] = "activation"
    source: ClassVar[str] = "Caffe's sigmoid_layer.cpp"
    flops_rule: ClassVar[str] = (
        "4 for each element: a negation, an exponential, an addition and a division"
    )
    synonyms: ClassVar[tuple[str, ...]] = ("sigmoid", "logistic")
    saturates: ClassVar[bool] = True

    def work(self, bottoms: Types, tops: Types) -> Work:
        return Work({Kind.ACTIVATION: 4 * tops[0].shape.elements})


class TanH(ElementwiseLayer):
    """The hyperbolic tangent: (exp(x) − exp(−x)) / (exp(x) + exp(−x))."""

    family: ClassVar[str] = "activation"
    source: ClassVar[str] = "Caffe's tanh_layer.cpp"
    flops_rule: ClassVar[str] = "1 for each element: the function counts as one operation"
    synonyms: ClassVar[tuple[str, ...]] = ("Tanh", "tanh")
    saturates: ClassVar[bool] = True

    def work(self, bottoms: Types, tops: Types) -> Work:
        return Work({Kind.ACTIVATION: tops[0].shape.elements})


class HardSigmoid(ElementwiseLayer):
    """A sigmoid of three straight lines: min(max(x / 6 + 1/2, 0), 1), as in MobileNetV3.

    PyTorch has the same; ONNX's and old Keras's default slope is 0.2, not 1/6.
    """

    family: ClassVar[str] = "activation"
    source: ClassVar[str] = "Howard et al. 2019 (MobileNetV3); PyTorch's Hardsigmoid"
    flops_rule: ClassVar[str] = "4 for each element: a product, an addition and two comparisons"
    synonyms: ClassVar[tuple[str, ...]] = ("Hardsigmoid", "hard_sigmoid", "hardsigmoid")
    saturates: ClassVar[bool] = True

    def work(self, bottoms: Types, tops: Types) -> Work:
        return Work({Kind.ACTIVATION: 4 * tops[0].shape.elements})


class HardSwish(ElementwiseLayer):
    """x times its hard sigmoid: x · min(max(x / 6 + 1/2, 0), 1)."""

    family: ClassVar[str] = "activation"
    writes_over: ClassVar[bool] = True
    source: ClassVar[str] = "Howard et al. 2019 (MobileNetV3); PyTorch's Hardswish"
    flops_rule: ClassVar[str] = "5 for each element: two products, an addition and two comparisons"
    synonyms: ClassVar[tuple[str, ...]] = ("Hardswish", "hard_swish", "hard_silu", "hardswish")

    def work(self, bottoms: Types, tops: Types) -> Work:
        return Work({Kind.ACTIVATION: 5 * tops[0].shape.elements})


class Swish(ElementwiseLayer):
    """x · sigmoid(beta · x); with beta 1 it's also called SiLU."""

    family: ClassVar[str] = "activation"
    source: ClassVar[str] = "Ramachandran et al. 2017; Elfwing et al. 2017; Caffe's swish_layer.cpp"
    flops_rule: ClassVar[str] = (
        "5 for each element: a sigmoid of 4 and a product; 6 with a beta other than 1"
    )
    synonyms: ClassVar[tuple[str, ...]] = ("SiLU", "silu", "swish")
    field_synonyms: ClassVar[dict[str, str]] = {"alpha": "beta"}

    beta: float = Field(1.0, description="how steep the sigmoid is")

    @property
    def writes_over(self) -> bool:
        return self.beta == 1

    def work(self, bottoms: Types, tops: Types) -> Work:
        elements = tops[0].shape.elements
        return Work({Kind.SILU: elements} if self.beta == 1 else {Kind.ACTIVATION: 6 * elements})


class Mish(ElementwiseLayer):
    """x · tanh(log(1 + exp(x)))."""

    family: ClassVar[str] = "activation"
    source: ClassVar[str] = "Misra 2019"
    flops_rule: ClassVar[str] = (
        "5 for each element: an exponential, an addition, a logarithm, a tanh and a product"
    )
    synonyms: ClassVar[tuple[str, ...]] = ("mish",)

    def work(self, bottoms: Types, tops: Types) -> Work:
        return Work({Kind.ACTIVATION: 5 * tops[0].shape.elements})


class GELU(ElementwiseLayer):
    """Gaussian error linear unit: x · Φ(x), Φ the normal distribution's cumulative function.

    Φ(x) = (1 + erf(x / √2)) / 2; with `approximate: TANH` it is (1 + tanh(√(2/π) · (x +
    0.044715 · x³))) / 2.
    """

    family: ClassVar[str] = "activation"
    source: ClassVar[str] = "Hendrycks and Gimpel 2016; PyTorch's GELU"
    flops_rule: ClassVar[str] = (
        "5 for each element: x / √2, an error function, an addition and two products; TANH 9: six "
        "products, two additions and a tanh"
    )
    nonfinite: ClassVar[str | None] = (
        "of +∞ PyTorch on a CPU may give NaN with `approximate: NONE`, by the number of elements; "
        "ONNX Runtime gives +∞"
    )
    synonyms: ClassVar[tuple[str, ...]] = ("Gelu", "gelu")

    approximate: Approximation = Field("NONE", description="whether to take the tanh in place of Φ")

    def work(self, bottoms: Types, tops: Types) -> Work:
        elements = tops[0].shape.elements
        more = 0 if self.approximate == "NONE" else 4 * elements
        return Work({Kind.GELU: elements, Kind.ACTIVATION: more})


class Softplus(ElementwiseLayer):
    """A smooth rectifier: log(1 + exp(x)).

    PyTorch gives x itself beyond 20, where the two differ by less than 3e-9.
    """

    family: ClassVar[str] = "activation"
    source: ClassVar[str] = "Dugas et al. 2001; PyTorch's Softplus"
    flops_rule: ClassVar[str] = "3 for each element: an exponential, an addition and a logarithm"
    synonyms: ClassVar[tuple[str, ...]] = ("softplus", "SoftPlus")

    def work(self, bottoms: Types, tops: Types) -> Work:
        return Work({Kind.ACTIVATION: 3 * tops[0].shape.elements})


class BNLL(ElementwiseLayer):
    """Binomial normal log likelihood: log(1 + exp(x)), Caffe's name for Softplus."""

    family: ClassVar[str] = "activation"
    source: ClassVar[str] = "Caffe's bnll_layer.cpp"
    flops_rule: ClassVar[str] = "3 for each element: an exponential, an addition and a logarithm"

    def work(self, bottoms: Types, tops: Types) -> Work:
        return Work({Kind.ACTIVATION: 3 * tops[0].shape.elements})
