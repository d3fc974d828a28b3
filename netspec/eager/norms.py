"""Normalizations."""

from netspec.eager.pointwise import power, rsqrt
from netspec.eager.reductions import mean
from netspec.eager.tensor import Tensor, made
from netspec.eager.views import cast, contiguous, laid_out, layout, reshape
from netspec.graph.sizes import product


def batch_norm(
    x: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    buffers: list[Tensor],
    by_batch: bool = True,
) -> Tensor:
    """The operand is kept, and the means and deviations of the batch, where it goes by these."""
    tape, channels = x.tape, x.shape[1] if by_batch else 0
    given = [each for each in (weight, bias, *buffers) if each is not None]
    kind = given[0].dtype if given else x.dtype
    statistics = [tape.new((channels,), kind) for _ in range(2)]
    of = [x, *(each for each in (weight, bias) if each is not None)]
    keeps = [x, *buffers, *([weight] if weight is not None else []), *statistics]
    return made(of, x.shape, keeps, strides=layout(x, x.shape))


def layer_norm(x: Tensor, axes: int, weight: Tensor | None, bias: Tensor | None) -> Tensor:
    """Over so many last axes: a mean and a deviation for each place of the others are kept."""
    given = [each for each in (weight, bias) if each is not None]
    kind = given[0].dtype if given else x.dtype
    shape = x.shape[: x.rank - axes]
    statistics = [x.tape.new(shape, kind) for _ in range(2)]
    return made([x, *given], x.shape, [x, *given, *statistics])


def rms_norm(x: Tensor, axes: int, weight: Tensor | None) -> Tensor:
    """A chain of plain operations."""
    upcast = cast(x, "float32") if x.dtype in ("float16", "bfloat16") else x
    root = rsqrt(mean(power(upcast), range(-axes, 0), keepdim=True) + 1e-5)
    found = upcast * root
    if weight is not None:
        found = found * weight
    return cast(found, x.dtype)


def group_norm(x: Tensor, groups: int, weight: Tensor | None, bias: Tensor | None) -> Tensor:
    given = [each for each in (weight, bias) if each is not None]
    whole = laid_out(x)
    kind = given[0].dtype if given else x.dtype
    statistics = [x.tape.new((x.shape[0], groups), kind) for _ in range(2)]
    keeps = [whole, *([weight] if weight is not None else []), *statistics]
    return made([whole, *given], x.shape, keeps, strides=layout(whole, x.shape))


def instance_norm(x: Tensor, weight: Tensor | None, bias: Tensor | None) -> Tensor:
    """A batch normalization of the channels of all items, whose weights are repeated."""
    count = product(list(x.shape[:2]))
    rows = reshape(contiguous(x), (1, count, *x.shape[2:]))
    repeated = [None if each is None else made([each], (count,)) for each in (weight, bias)]
    return reshape(batch_norm(rows, repeated[0], repeated[1], []), x.shape)
