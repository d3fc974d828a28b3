"""Work by kind: what a layer does, counted before anyone says what a FLOP is.

A layer states how much of each kind it does. A convention is then a row of weights over the kinds,
and a count their weighted sum: `MACS` and `FLOPS` are the two that a graph answers to itself.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType

from netspec.graph.sizes import Size, total


class Unit(StrEnum):
    """What one of a kind is."""

    MULTIPLY_ADD = "multiply-add"
    OPERATION = "operation"
    ELEMENT = "element"


class Kind(StrEnum):
    """A kind of work: its name, its unit, how many arithmetic operations one of it is, and what it
    counts.

    Kinds are as many as conventions tell apart. One whose operations are 0 is no arithmetic: the
    size of something that a convention counts in place of its operations.
    """

    unit: Unit
    operations: int
    says: str

    def __new__(cls, name: str, unit: Unit, operations: int, says: str) -> "Kind":
        kind = str.__new__(cls, name)
        kind._value_ = name
        kind.unit, kind.operations, kind.says = unit, operations, says
        return kind

    CONVOLUTION = "convolution", Unit.MULTIPLY_ADD, 2, "filters of a convolution"
    TRANSPOSED_CONVOLUTION = (
        "transposed convolution",
        Unit.MULTIPLY_ADD,
        2,
        "filters of a transposed convolution, each applied to an element of the bottom",
    )
    LOCALLY_CONNECTED = (
        "locally connected",
        Unit.MULTIPLY_ADD,
        2,
        "filters of each position's own",
    )
    LINEAR = "linear", Unit.MULTIPLY_ADD, 2, "a product with a learned matrix"
    MATMUL = "matmul", Unit.MULTIPLY_ADD, 2, "a product of two blobs"
    ATTENTION = "attention", Unit.MULTIPLY_ADD, 2, "queries with keys, their scores with values"
    PROJECTION = "projection", Unit.MULTIPLY_ADD, 2, "the learned matrices of multi-head attention"
    RECURRENT = "recurrent", Unit.MULTIPLY_ADD, 2, "the gates' products with input and state"

    CONVOLUTION_BIAS = "convolution bias", Unit.OPERATION, 1, "a convolution's biases, each added"
    TRANSPOSED_BIAS = (
        "transposed bias",
        Unit.OPERATION,
        1,
        "a transposed convolution's biases, each added",
    )
    LINEAR_BIAS = "linear bias", Unit.OPERATION, 1, "biases added behind a learned matrix"
    PROJECTION_BIAS = "projection bias", Unit.OPERATION, 1, "multi-head attention's biases"
    RECURRENT_BIAS = "recurrent bias", Unit.OPERATION, 1, "the gates' biases: two each"
    BIAS = "bias", Unit.OPERATION, 1, "biases that other layers add"

    ATTENTION_SOFTMAX = (
        "attention softmax",
        Unit.OPERATION,
        1,
        "the scale, the mask and the softmax of attention's scores",
    )
    RECURRENT_SUM = (
        "recurrent sum",
        Unit.OPERATION,
        1,
        "a gate's product with the input and that with the state, added",
    )
    RECURRENT_PRODUCT = (
        "recurrent product",
        Unit.OPERATION,
        1,
        "gates times what they let through, and the sum of those",
    )
    RECURRENT_FUNCTION = (
        "recurrent function",
        Unit.OPERATION,
        1,
        "sigmoids and hyperbolic tangents of a recurrent layer, and the GRU's 1 − z",
    )

    BATCH_NORM = (
        "batch norm",
        Unit.ELEMENT,
        2,
        "elements that a BatchNorm with learned scale and shift scales and shifts",
    )
    BATCH_NORM_PLAIN = "plain batch norm", Unit.ELEMENT, 2, "those of one without"
    BATCH_STATISTICS = (
        "batch statistics",
        Unit.ELEMENT,
        7,
        "elements of a BatchNorm with learned scale and shift that works out mean and variance, as "
        "of a LayerNorm",
    )
    BATCH_STATISTICS_PLAIN = (
        "plain batch statistics",
        Unit.ELEMENT,
        5,
        "those of one without scale and shift",
    )
    LAYER_NORM = (
        "layer norm",
        Unit.ELEMENT,
        7,
        "elements of a LayerNorm with learned scale and shift: mean, variance, difference, "
        "division, scale and shift",
    )
    LAYER_NORM_PLAIN = "plain layer norm", Unit.ELEMENT, 5, "those of one without"
    GROUP_NORM = "group norm", Unit.ELEMENT, 7, "elements of a GroupNorm, as of a LayerNorm"
    GROUP_NORM_PLAIN = "plain group norm", Unit.ELEMENT, 5, "those of one without scale and shift"
    INSTANCE_NORM = (
        "instance norm",
        Unit.ELEMENT,
        7,
        "elements of an InstanceNorm, as of a LayerNorm",
    )
    INSTANCE_NORM_PLAIN = (
        "plain instance norm",
        Unit.ELEMENT,
        5,
        "those of one without scale and shift",
    )
    NORMALIZATION = (
        "normalization",
        Unit.OPERATION,
        1,
        "whatever other normalizations do, and what norms do once a group",
    )

    RELU = "relu", Unit.ELEMENT, 1, "elements of a rectifier: a comparison"
    LEAKY_RELU = (
        "leaky relu",
        Unit.ELEMENT,
        2,
        "elements of a rectifier with a fixed slope: a comparison and a product",
    )
    PRELU = (
        "prelu",
        Unit.ELEMENT,
        2,
        "elements of a rectifier with a learned slope: a comparison and a product",
    )
    RELU6 = "relu6", Unit.ELEMENT, 2, "elements of a rectifier that ends at 6: two comparisons"
    ELU = (
        "elu",
        Unit.ELEMENT,
        4,
        "elements of an ELU: a comparison, an exponential, a subtraction and a product",
    )
    GELU = (
        "gelu",
        Unit.ELEMENT,
        5,
        "elements of a GELU: a division, an error function, an addition and two products",
    )
    SILU = "silu", Unit.ELEMENT, 5, "elements of x·sigmoid(x): a sigmoid of 4 and a product"
    ACTIVATION = "activation", Unit.OPERATION, 1, "what other activations do"
    SOFTMAX = (
        "softmax",
        Unit.ELEMENT,
        3,
        "elements of a softmax: a subtraction, an exponential and a division",
    )
    SOFTMAX_SUM = (
        "softmax sum",
        Unit.OPERATION,
        1,
        "additions of a softmax: one less than a row has elements",
    )

    MAX_POOLING = "max pooling", Unit.OPERATION, 1, "comparisons within windows"
    AVERAGE_POOLING = (
        "average pooling",
        Unit.OPERATION,
        1,
        "additions within windows, and a division each",
    )
    OTHER_POOLING = "other pooling", Unit.OPERATION, 1, "what L2 and stochastic pooling do"
    POOLED = "pooled elements", Unit.ELEMENT, 0, "elements of a pooling's bottom"
    AVERAGES = (
        "averages",
        Unit.ELEMENT,
        0,
        "elements of the top of an average pooling whose windows have a set size",
    )
    ADAPTIVE_POOLED = (
        "adaptively pooled elements",
        Unit.ELEMENT,
        0,
        "elements of the bottom of an average pooling whose top has a set size, a global one too",
    )
    ADAPTIVE_AVERAGES = "adaptive averages", Unit.ELEMENT, 0, "elements of such a pooling's top"

    UPSAMPLE_NEAREST = (
        "nearest upsampling",
        Unit.ELEMENT,
        0,
        "elements of the top, each a copy",
    )
    UPSAMPLE_LINEAR = (
        "linear upsampling",
        Unit.ELEMENT,
        3,
        "elements of the top: two products and an addition",
    )
    UPSAMPLE_BILINEAR = (
        "bilinear upsampling",
        Unit.ELEMENT,
        7,
        "elements of the top: four products and three additions",
    )
    UPSAMPLE_TRILINEAR = (
        "trilinear upsampling",
        Unit.ELEMENT,
        15,
        "elements of the top: eight products and seven additions",
    )

    ELEMENTWISE = (
        "elementwise",
        Unit.OPERATION,
        1,
        "sums and products of branches, factors, and functions applied to each element",
    )
    REDUCTION = "reduction", Unit.OPERATION, 1, "sums and means over axes"
    COMPARISON = "comparison", Unit.OPERATION, 1, "comparisons elsewhere"
    REGIONS = "regions", Unit.OPERATION, 1, "arithmetic of boxes, and samples within them"
    LOSS = "loss", Unit.OPERATION, 1, "what losses do"


Weights = Mapping[Kind, int]
"""A convention: how much one of each kind counts; 0 for those that it leaves out."""

MACS: Weights = MappingProxyType({kind: 1 for kind in Kind if kind.unit is Unit.MULTIPLY_ADD})
"""A multiply-add is one, and nothing else counts: as in papers, and in torchvision's tables."""

FLOPS: Weights = MappingProxyType({kind: kind.operations for kind in Kind if kind.operations})
"""Every arithmetic operation is one, a multiply-add two."""


class Work(Mapping[Kind, Size]):
    """How much of each kind: what isn't done isn't in it. Two can be added, and multiplied by a
    number of times.

    >>> print(Work({Kind.LINEAR: 6400, Kind.LINEAR_BIAS: 10}) + Work({Kind.RELU: 10}))
    6400 linear, 10 linear bias, 10 relu
    """

    __slots__ = ("_amounts",)

    def __init__(self, amounts: Mapping[Kind, Size]) -> None:
        # A formula is never 0: those that come to that are numbers.
        self._amounts: dict[Kind, Size] = {kind: n for kind, n in amounts.items() if n}

    def __getitem__(self, kind: Kind) -> Size:
        return self._amounts[kind]

    def __iter__(self) -> Iterator[Kind]:
        return iter(self._amounts)

    def __len__(self) -> int:
        return len(self._amounts)

    def __str__(self) -> str:
        return ", ".join(f"{amount} {kind}" for kind, amount in self._amounts.items()) or "nothing"

    def __repr__(self) -> str:
        return f"Work({self})"

    def __add__(self, other: "Work") -> "Work":
        return summed((self, other))

    def __mul__(self, times: Size) -> "Work":
        if times == 1:
            return self
        return Work({kind: amount * times for kind, amount in self._amounts.items()})

    __rmul__ = __mul__

    def __reduce__(self) -> tuple[type["Work"], tuple[dict[Kind, Size]]]:
        return Work, (self._amounts,)

    def weighed(self, weights: Weights) -> Size:
        """What it counts for by a convention."""
        count: Size = 0
        for kind, amount in self._amounts.items():
            if weight := weights.get(kind):
                count = count + weight * amount
        return count

    @property
    def macs(self) -> Size:
        """Multiply-accumulates."""
        return self.weighed(MACS)

    @property
    def flops(self) -> Size:
        """Arithmetic operations of every kind."""
        return self.weighed(FLOPS)


NOTHING = Work({})
"""The work of a layer that only moves elements."""


def summed(works: Iterable[Work]) -> Work:
    """All of them together."""
    amounts: dict[Kind, list[Size]] = {}
    for work in works:
        for kind, amount in work._amounts.items():
            amounts.setdefault(kind, []).append(amount)
    return Work({kind: total(each) for kind, each in amounts.items()})
