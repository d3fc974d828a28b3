"""Attention."""

from netspec.eager.casting import lowered
from netspec.eager.matrices import mm
from netspec.eager.pointwise import dropout
from netspec.eager.reductions import along
from netspec.eager.strides import iterated
from netspec.eager.tensor import Tensor, made, unary
from netspec.eager.views import cast, reshape, transpose, unflatten


def heads_of(x: Tensor, heads: int) -> Tensor:
    """N x T x C as N x heads x T x channels of a head."""
    width = x.shape[2]
    assert isinstance(width, int)
    return transpose(unflatten(x, 2, (heads, width // heads)), 1, 2)


@lowered
def scaled_dot_product_attention(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None, ratio: float = 0.0
) -> Tensor:
    """Of N x heads x T x channels. In one step, which keeps its operands, its result and a number
    for each row of scores, where there is no dropout and keys and values are as wide as queries.
    """
    learns_mask = mask is not None and mask.needs_gradient
    if ratio or learns_mask or query.shape[-1] != value.shape[-1]:
        return _step_by_step(query, key, value, mask, ratio)
    if mask is not None and mask.dtype == "bool":
        mask = unary(mask, dtype=query.dtype)
    sums = query.tape.new(query.shape[:3], "float32")
    kept = [query, key, value, sums, *([mask] if mask is not None else [])]
    strides = iterated(query.shape, [(query.shape, query.strides)])
    return made([query, key, value], query.shape, kept, keeps_result=True, strides=strides)


def _step_by_step(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, ratio: float
) -> Tensor:
    """Product, softmax, dropout, product: what comes in a lower type is made float32 for it."""
    dtype = query.dtype
    if dtype in ("float16", "bfloat16"):
        query, key, value = (cast(x, "float32") for x in (query, key, value))
    if key.shape[1] != query.shape[1]:
        # Each head of keys and values again for all the queries' heads that it serves.
        key, value = (made([x], (*query.shape[:2], *x.shape[2:])) for x in (key, value))
    scores = matrices(query * 2.0, transpose(key, -2, -1) * 2.0)
    if mask is not None:
        scores = scores + (unary(mask, dtype=query.dtype) if mask.dtype == "bool" else mask)
    weights = dropout(along(scores), ratio)
    return cast(matrices(weights, value), dtype)


def matrices(one: Tensor, other: Tensor) -> Tensor:
    """Products of matrices, one for each item and head."""
    n, heads, rows, _ = one.shape
    columns = other.shape[-1]
    flat = [reshape(each, (n * heads, *each.shape[2:])) for each in (one, other)]
    return reshape(mm(*flat), (n, heads, rows, columns))


def joined(x: Tensor) -> Tensor:
    """N x heads x T x channels as N x T x C: `x.transpose(1, 2).flatten(2)`."""
    n, heads, rows, width = x.shape
    return reshape(transpose(x, 1, 2), (n, rows, heads * width))
