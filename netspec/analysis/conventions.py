"""What a network costs by a convention: that of papers, or of a tool that counts.

A convention is a row of weights over the kinds of work. The rows of tools were measured on modules
of one layer each (tests/analysis/test_conventions.py has them) and are what a tool makes of
PyTorch's own modules. What a tool counts by no rule of that form (a size other than that of the
work, a call that it doesn't see) is a caveat of its row, in words, and isn't imitated.
"""

from collections.abc import Mapping
from types import MappingProxyType

from netspec.graph.sizes import Size
from netspec.graph.work import FLOPS, MACS, Kind, Weights, Work
from netspec.quick import frozen


@frozen
class Convention:
    """A row: what it is called, what its numbers are of (MACs or FLOPs), what it counts, the tool
    and its version where there is one, and what that counts otherwise.
    """

    name: str
    unit: str
    says: str
    weights: Weights
    tool: str | None = None
    caveats: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        """Whose numbers of what unit: the heading of a column."""
        return f"{self.tool.split()[0] if self.tool else ''} {self.unit}".strip()


def count(work: Work, convention: Convention | str) -> Size:
    """What work comes to by a convention, given itself or by its name.

    ValueError for a name that there is none of.
    """
    found = convention if isinstance(convention, Convention) else named(convention)
    return work.weighed(found.weights)


def named(name: str) -> Convention:
    """The convention of a name; ValueError where there is none."""
    if name not in CONVENTIONS:
        raise ValueError(f"there is no convention {name!r}, only {', '.join(CONVENTIONS)}")
    return CONVENTIONS[name]


def _row(*weights: tuple[int, tuple[Kind, ...]]) -> Weights:
    """Weights with the kinds that have them."""
    return MappingProxyType({kind: weight for weight, kinds in weights for kind in kinds})


_FILTERS = (Kind.CONVOLUTION, Kind.TRANSPOSED_CONVOLUTION)
_BIASES = (Kind.CONVOLUTION_BIAS, Kind.TRANSPOSED_BIAS, Kind.LINEAR_BIAS)
_UPSAMPLING = (
    Kind.UPSAMPLE_NEAREST,
    Kind.UPSAMPLE_LINEAR,
    Kind.UPSAMPLE_BILINEAR,
    Kind.UPSAMPLE_TRILINEAR,
)
_GATES = (Kind.RECURRENT_BIAS, Kind.RECURRENT_SUM, Kind.RECURRENT_PRODUCT)

_AFFINE = (
    Kind.BATCH_STATISTICS,
    Kind.LAYER_NORM,
    Kind.GROUP_NORM,
    Kind.INSTANCE_NORM,
)
_PLAIN = (
    Kind.BATCH_STATISTICS_PLAIN,
    Kind.LAYER_NORM_PLAIN,
    Kind.GROUP_NORM_PLAIN,
    Kind.INSTANCE_NORM_PLAIN,
)

_FUNCTIONS = "what is called as a function and not as a module (`F.relu`, `@`, `+`) isn't seen"
_TRANSPOSED = "a transposed convolution is counted by the size of its top: stride² times too much"
_BLOCKS = "a module that stands in two blocks counts four times, not twice"
_RESPONSE = "an nn.LocalResponseNorm counts for the pooling and the products that it is made of"
_LSTM = "an nn.LSTM counts two operations for each element of its state more"

_EVERY = (
    Convention(
        "macs",
        "MACs",
        "a multiply-add of a filter or of a matrix is one, and nothing else counts: as in papers, "
        "and in torchvision's tables, whose GFLOPS are a thousand million of these",
        MACS,
    ),
    Convention(
        "flops",
        "FLOPs",
        "every arithmetic operation is one, so that a multiply-add is two; a comparison, an "
        "exponential or a hyperbolic tangent is one too",
        FLOPS,
    ),
    Convention(
        "torch",
        "FLOPs",
        "a multiply-add of a filter or of a matrix is two, and nothing else counts",
        MappingProxyType({kind: 2 * weight for kind, weight in MACS.items()}),
        "torch 2.13.0, its FlopCounterMode",
        (
            "on the CPU it misses nn.LSTM in float32, and nn.MultiheadAttention that isn't being "
            "trained, each an operator of its own there; on the device `meta` it sees them",
        ),
    ),
    Convention(
        "fvcore",
        "MACs",
        "a multiply-add is one, which it calls a flop; normalization, adaptive average pooling and "
        "upsampling count for their elements; biases and activations don't",
        _row(
            (1, (*_FILTERS, Kind.LINEAR, Kind.MATMUL, Kind.LOCALLY_CONNECTED, Kind.PROJECTION)),
            (1, (Kind.BATCH_NORM_PLAIN, Kind.ADAPTIVE_POOLED, Kind.UPSAMPLE_NEAREST)),
            (2, (Kind.BATCH_NORM,)),
            (4, (Kind.UPSAMPLE_BILINEAR, *_PLAIN)),
            (5, _AFFINE),
        ),
        "fvcore 0.1.5.post20221221",
        (
            "it warns of recurrent layers and of F.scaled_dot_product_attention, and counts them "
            "as nothing; an nn.MultiheadAttention that gives its weights has its products counted",
            "adaptive pooling and nearest upsampling count in images, not in signals or volumes",
            "torch.einsum is counted from a printed number of four digits: 8190 for 8192",
        ),
    ),
    Convention(
        "torchinfo",
        "MACs",
        "a multiply-add is one, a bias too",
        _row((1, (*_FILTERS, Kind.LINEAR, Kind.RECURRENT, *_BIASES, Kind.RECURRENT_BIAS))),
        "torchinfo 1.8.0, `total_mult_adds`",
        (
            _TRANSPOSED,
            "the weights of what is neither convolution nor recurrent count once for each item of "
            "the batch: an nn.Linear on a sequence as if that were one element, a normalization "
            "its factors and shifts, an nn.PReLU its slopes, an nn.Embedding its whole table",
            "an nn.MultiheadAttention counts as nothing",
            _FUNCTIONS,
        ),
    ),
    Convention(
        "ptflops",
        "MACs",
        "a multiply-add is one, a bias too; normalization counts for its elements, once or twice; "
        "modules that are no more than a call of a function (ReLU, pooling, upsampling) count "
        "twice, as the module and as the function",
        _row(
            (1, (*_FILTERS, Kind.LINEAR, Kind.MATMUL, Kind.PROJECTION, Kind.ATTENTION)),
            (1, (*_BIASES, Kind.PROJECTION_BIAS, Kind.RECURRENT, *_GATES)),
            (2, (Kind.BATCH_NORM, Kind.BATCH_STATISTICS, Kind.GROUP_NORM, Kind.INSTANCE_NORM)),
            (1, (Kind.BATCH_NORM_PLAIN, Kind.LAYER_NORM, *_PLAIN)),
            (1, (Kind.LEAKY_RELU, Kind.RELU6, Kind.SILU, Kind.SOFTMAX)),
            (2, (Kind.RELU, Kind.PRELU, Kind.ELU, Kind.GELU, Kind.POOLED, *_UPSAMPLING)),
        ),
        "ptflops 0.7.5, its backend `pytorch`",
        (
            "what is called as a function and not as a module counts once: F.relu, F.interpolate, "
            "F.adaptive_avg_pool2d; torch.matmul, torch.add and torch.mul are seen, the operators "
            "`@`, `+` and `*` aren't",
            "an nn.MultiheadAttention counts an operation more for each element of the query and "
            "each score, and its products twice if it gives its weights; "
            "F.scaled_dot_product_attention by itself counts as nothing",
            _LSTM,
            _BLOCKS,
            _RESPONSE,
        ),
    ),
    Convention(
        "thop",
        "MACs",
        "a multiply-add is one; normalization counts for its elements, average pooling for its "
        "results, adaptive pooling, softmax and upsampling for more; biases and rectifiers don't",
        _row(
            (1, (*_FILTERS, Kind.LINEAR, Kind.RECURRENT, *_GATES)),
            (4, (Kind.BATCH_NORM, *(kind for kind in _AFFINE if kind is not Kind.GROUP_NORM))),
            (2, (Kind.BATCH_NORM_PLAIN,)),
            (2, tuple(kind for kind in _PLAIN if kind is not Kind.GROUP_NORM_PLAIN)),
            (1, (Kind.PRELU, Kind.SOFTMAX_SUM)),
            (2, (Kind.SOFTMAX,)),
            (1, (Kind.AVERAGES, Kind.ADAPTIVE_POOLED, Kind.ADAPTIVE_AVERAGES)),
            (1, (Kind.UPSAMPLE_NEAREST,)),
            (5, (Kind.UPSAMPLE_LINEAR,)),
            (11, (Kind.UPSAMPLE_BILINEAR,)),
        ),
        "thop 0.1.1.post2209072238",
        (
            _TRANSPOSED,
            "a module that stands in two blocks counts eight times, not twice",
            "nn.GroupNorm and nn.MultiheadAttention count as nothing",
            _FUNCTIONS,
        ),
    ),
    Convention(
        "calflops",
        "FLOPs",
        "a multiply-add is two; a convolution's bias, and the elements of activations, pooling and "
        "normalization, count too",
        _row(
            (2, (*_FILTERS, Kind.LINEAR, Kind.MATMUL, Kind.PROJECTION, Kind.RECURRENT)),
            (1, (Kind.CONVOLUTION_BIAS, Kind.RECURRENT_BIAS, Kind.RECURRENT_PRODUCT)),
            (-1, (Kind.RECURRENT_SUM,)),
            (2, (Kind.BATCH_NORM,)),
            (1, (Kind.BATCH_NORM_PLAIN,)),
            (4, _PLAIN),
            (5, _AFFINE),
            (1, (Kind.RELU, Kind.LEAKY_RELU, Kind.PRELU, Kind.ELU, Kind.GELU, Kind.SILU)),
            (1, (Kind.SOFTMAX, Kind.POOLED)),
        ),
        "calflops 0.3.2, the first of its numbers",
        (
            "a transposed convolution's biases are counted by the size that a convolution's top "
            "would have, and its products divided by `group` once too often",
            "upsampling counts for the elements of the bottom, or where it is told a size for "
            "those of one channel of the top",
            "F.scaled_dot_product_attention, `@` and torch.bmm count as nothing",
            _LSTM,
            _BLOCKS,
            _RESPONSE,
            "a network without parameters can't be counted",
        ),
    ),
    Convention(
        "calflops_macs",
        "MACs",
        "a multiply-add is one, and nothing else counts",
        _row((1, (*_FILTERS, Kind.LINEAR, Kind.MATMUL, Kind.PROJECTION))),
        "calflops 0.3.2, the second of its numbers",
        (
            "a transposed convolution's are divided by `group` once too often",
            "F.scaled_dot_product_attention, `@`, torch.bmm and recurrent layers count as nothing",
            _BLOCKS,
        ),
    ),
)

CONVENTIONS: Mapping[str, Convention] = MappingProxyType({each.name: each for each in _EVERY})
"""All of them by name; the first is the default."""
